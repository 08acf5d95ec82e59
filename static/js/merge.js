// Takes a newer version of a part of the page into it without moving anything under the hand.
//
// A container (`data-merge`) stays the element that it is: its attributes are brought up to date, but for `open`, and
// its children with ids are matched one by one; children without an id are never touched. Everything else with an id
// is small and is replaced as a whole, and only where the server's words for it changed.
(() => {
  "use strict";
  const sent = new WeakMap(); // element → the server's words for it, before scripts localised or opened anything
  let postponed = false;

  const isContainer = (node) => node.hasAttribute("data-merge");
  const named = (node) => [...node.children].filter((child) => child.id);

  function remember(container) {
    for (const child of named(container)) {
      if (isContainer(child)) remember(child);
      else sent.set(child, child.outerHTML);
    }
  }

  function selects(node) {
    const selection = window.getSelection();
    return selection.rangeCount > 0 && !selection.isCollapsed && selection.containsNode(node, true);
  }

  function takeAttributes(old, fresh) {
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

  function arrive(fresh) {
    if (isContainer(fresh)) remember(fresh);
    else sent.set(fresh, fresh.outerHTML);
  }

  function ready(node) {
    window.onrampTimes.localise(node);
    window.htmx.process(node);
  }

  function replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details[open][id]")].map((node) => node.id);
    arrive(fresh);
    old.replaceWith(fresh);
    for (const id of open) {
      const again = document.getElementById(id);
      if (again) again.open = true;
    }
    ready(fresh);
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
    takeAttributes(old, fresh);
    const wanted = named(fresh);
    const keep = new Set(wanted.map((child) => child.id));
    for (const child of named(old)) if (!keep.has(child.id) && child.id !== "poll") remove(child); // see takePoll
    let last = null;
    for (const child of wanted) {
      const there = named(old).find((one) => one.id === child.id);
      if (!there) {
        arrive(child);
        if (last) last.after(child);
        else old.append(child);
        ready(child);
        last = child;
      } else {
        last = there;
        if (isContainer(there) && isContainer(child)) merge(there, child);
        else if (sent.get(there) !== child.outerHTML) {
          if (selects(there)) postponed = true;
          else {
            replace(there, child);
            last = child;
          }
        }
      }
    }
  }

  function carry(root) {
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
      carry(target);
      takePoll(target, poll);
      document.dispatchEvent(new CustomEvent("merged"));
      return [];
    },
  });

  // What was postponed for a selection's sake comes with the next answer: the old version is asked for again.
  function takePoll(target, poll) {
    const old = target.querySelector("#poll");
    if (!poll) old?.remove();
    else if (old && !postponed) {
      old.replaceWith(poll);
      window.htmx.process(poll);
    }
  }

  const begin = () => document.querySelectorAll("#run, #queue, #live").forEach((root) => { if (isContainer(root)) remember(root); });
  if (document.readyState === "complete") begin();
  else begin(); // deferred scripts run when the whole page is parsed, before DOMContentLoaded
})();
