// Logs: follow the end until the reader scrolls up, search, copy.
(() => {
  "use strict";
  const scrolledUp = new WeakSet(); // the logs that no longer follow their end

  document.addEventListener("scroll", ({ target }) => {
    if (!(target instanceof Element) || !target.matches("[data-follow]")) return;
    const atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 8;
    if (atEnd) scrolledUp.delete(target);
    else scrolledUp.add(target);
  }, true);

  function follow() {
    for (const frame of document.querySelectorAll("[data-follow]")) {
      if (!scrolledUp.has(frame)) frame.scrollTop = frame.scrollHeight;
    }
  }

  function search(field) {
    const text = field.value.toLowerCase();
    for (const line of document.getElementById(field.dataset.search)?.children ?? []) {
      line.hidden = text !== "" && !line.textContent.toLowerCase().includes(text);
    }
  }

  async function copy(button) {
    const lines = [...document.getElementById(button.dataset.copy).children].map((line) => line.textContent);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copying is blocked by the browser";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  document.addEventListener("toggle", follow, true);
  document.addEventListener("merged", () => {
    document.querySelectorAll("[data-search]").forEach(search);
    follow();
  });
  document.addEventListener("input", ({ target }) => { if (target.matches("[data-search]")) search(target); });
  document.addEventListener("click", ({ target }) => { if (target.matches("[data-copy]")) copy(target); });
})();
