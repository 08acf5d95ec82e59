// Moments in the reader's own zone, and clocks that go on from the server's time stamps.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

  function localise(root) {
    for (const node of root.querySelectorAll("time[data-moment]")) {
      const at = new Date(node.dateTime);
      node.textContent = (at.toDateString() === new Date().toDateString() ? time : day).format(at);
      node.title = full.format(at);
    }
    for (const node of root.querySelectorAll("time[data-since]")) {
      // The reader's clock may be wrong: only the time that passes here is counted, on top of what the server said.
      if (!node.dataset.base) {
        node.dataset.base = node.dateTime.replace(/\D/g, "");
        node.dataset.from = String(performance.now());
      }
    }
  }

  function words(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (minutes < 1) return `${seconds} s`;
    if (minutes < 10) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
    if (hours < 1) return `${minutes} min`;
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }

  function tick() {
    if (document.body.classList.contains("offline")) return; // nobody knows whether it still goes
    for (const node of document.querySelectorAll("time[data-base]")) {
      const seconds = Number(node.dataset.base) + Math.floor((performance.now() - Number(node.dataset.from)) / 1000);
      if (seconds < 86400) node.textContent = words(seconds);
    }
  }

  window.onrampTimes = { localise };
  // merge.js remembers what the server sent before anything here rewrites it.
  document.addEventListener("DOMContentLoaded", () => { localise(document); setInterval(tick, 1000); });
})();
