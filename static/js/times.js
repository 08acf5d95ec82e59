// Puts points in time into the reader's zone, keeps relative ones up to date, and keeps clocks running.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");
  const RECENT = 86400; // seconds within which a point in time is shown relative to now
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

  // The reader's clock may be wrong, so ages count from the server's clock when it rendered the page. A page that the
  // browser took from its cache was rendered some time ago: there the reader's clock is the better one.
  const rendered = Date.parse(document.querySelector("meta[name=now]").content);
  const cached = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const ahead = cached ? 0 : Date.now() - rendered;

  function localise(root) {
    for (const node of root.querySelectorAll("time[data-moment]")) {
      node.title = full.format(new Date(node.dateTime));
      update(node);
    }
    for (const node of root.querySelectorAll("time[data-since]")) {
      if (!node.dataset.base) {
        node.dataset.base = node.dateTime.replace(/\D/g, "");
        node.dataset.from = String(performance.now());
      }
    }
  }

  function update(node) {
    const at = new Date(node.dateTime);
    const age = Math.floor((Date.now() - ahead - at) / 1000);
    const overdue = node.dataset.moment === "due" && age >= 0;
    const text = overdue ? "now" : relative(age) || day.format(at);
    if (node.textContent !== text) node.textContent = text;
  }

  // “2 min ago”, “in 2 min”; empty where it is not recent. `_relative` in times.py must agree with it.
  function relative(age) {
    const length = Math.abs(age);
    if (length >= RECENT) return "";
    if (length < 60) return age >= 0 ? "just now" : "in under a minute";
    const amount = length >= 3600 ? `${Math.floor(length / 3600)} h` : `${Math.floor(length / 60)} min`;
    return age > 0 ? `${amount} ago` : `in ${amount}`;
  }

  function span(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (minutes < 1) return `${seconds} s`;
    if (minutes < 10) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
    if (hours < 1) return `${minutes} min`;
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }

  function tick() {
    document.querySelectorAll("time[data-moment]").forEach(update);
    if (document.body.classList.contains("offline")) return; // without a connection, nobody knows whether it still runs
    for (const node of document.querySelectorAll("time[data-base]")) {
      const seconds = Number(node.dataset.base) + Math.floor((performance.now() - Number(node.dataset.from)) / 1000);
      if (seconds < RECENT) node.textContent = span(seconds);
    }
  }

  window.onrampTimes = { localise };
  // merge.js remembers what the server sent before anything here rewrites it.
  document.addEventListener("DOMContentLoaded", () => { localise(document); setInterval(tick, 1000); });
})();
