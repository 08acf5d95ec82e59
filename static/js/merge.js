// Merges a newer version of a part of the page into it without moving anything that the reader works with.
//
// A container (`data-merge`) stays the same element: its attributes are updated, except `open`, and its children with ids
// are matched one by one; children without an id are never touched. Every other element with an id is small: it is
// replaced as a whole, and only where the server sent something else than before.
(() => {
  "use strict";
  const sent = new WeakMap(); // element → what the server sent for it, before scripts localised or opened anything
  let postponed = false;

  const isContainer = (node) => node.hasAttribute("data-merge");
  const childrenWithId = (node) => [...node.children].filter((child) => child.id);
  // Without the text of relative times: “2 min ago” becomes “3 min ago” although nothing has happened.
  const html = (node) => node.outerHTML.replace(/(<time\b[^>]*>)[^<]*/g, "$1");

  function remember(container) {
    for (const child of childrenWithId(container)) {
      if (isContainer(child)) remember(child);
      else sent.set(child, html(child));
    }
  }

  function selects(node) {
    const selection = window.getSelection();
    return selection.rangeCount > 0 && !selection.isCollapsed && selection.containsNode(node, true);
  }

  function updateAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && name !== "class" && !name.startsWith("data-base") && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (name !== "open" && old.getAttribute(name) !== value) {
        if (name === "data-needs" && !old.hasAttribute(name)) old.open = true;
        old.setAttribute(name, value);
      }
    }
  }

  function rememberAll(fresh) {
    if (isContainer(fresh)) remember(fresh);
    else sent.set(fresh, html(fresh));
  }

  function activate(node) {
    window.onrampTimes.localise(node);
    window.htmx.process(node);
  }

  function replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details[open][id]")].map((node) => node.id);
    rememberAll(fresh);
    old.replaceWith(fresh);
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    activate(fresh);
    if (focused) refocus(document.getElementById(focused) || fresh);
  }

  function refocus(node) {
    if (node.matches("a, button, input, summary, [tabindex]")) return node.focus({ preventScroll: true });
    const next = node.closest("details")?.querySelector("summary") || document.getElementById("main");
    return next.focus({ preventScroll: true });
  }

  function remove(child) {
    if (selects(child)) {
      postponed = true;
      return;
    }
    const focused = child.contains(document.activeElement);
    const home = child.parentElement;
    child.remove();
    if (focused) refocus(home);
  }

  function merge(old, fresh) {
    updateAttributes(old, fresh);
    const newChildren = childrenWithId(fresh);
    const keep = new Set(newChildren.map((child) => child.id));
    for (const child of childrenWithId(old)) if (!keep.has(child.id) && child.id !== "poll") remove(child); // see replacePoll
    let last = null;
    for (const child of newChildren) {
      const existing = childrenWithId(old).find((candidate) => candidate.id === child.id);
      if (!existing) {
        rememberAll(child);
        if (last) last.after(child);
        else old.append(child);
        activate(child);
        last = child;
      } else {
        last = existing;
        if (isContainer(existing) && isContainer(child)) merge(existing, child);
        else if (sent.get(existing) !== html(child)) {
          if (selects(existing)) postponed = true;
          else {
            replace(existing, child);
            last = child;
          }
        }
      }
    }
  }

  function updateTitleAndIcon(root) {
    if (root.dataset.title) document.title = root.dataset.title;
    const icon = document.getElementById("icon");
    if (root.dataset.icon && icon.getAttribute("href") !== root.dataset.icon) icon.setAttribute("href", root.dataset.icon);
  }

  window.htmx.defineExtension("merge", {
    isInlineSwap: (style) => style === "merge",
    handleSwap: (style, target, fragment) => {
      if (style !== "merge") return false;
      const fresh = fragment.firstElementChild;
      const poll = fresh.querySelector("#poll");
      postponed = false;
      if (poll) poll.remove();
      merge(target, fresh);
      updateTitleAndIcon(target);
      replacePoll(target, poll);
      document.dispatchEvent(new CustomEvent("merged"));
      return [];
    },
  });

  // Where a selection postponed something, the old poll stays: it requests the same version again.
  function replacePoll(target, poll) {
    const old = target.querySelector("#poll");
    if (!poll) old?.remove();
    else if (old && !postponed) {
      old.replaceWith(poll);
      window.htmx.process(poll);
    }
  }

  // Deferred scripts run when the whole page is parsed, before DOMContentLoaded.
  document.querySelectorAll("#run, #queue, #live").forEach(remember);
})();
