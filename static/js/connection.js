// Shows a lost connection as a lost connection. htmx keeps polling, and the next answer is the current state.
(() => {
  "use strict";
  const notice = document.getElementById("connection");
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  let lastAnswer = new Date();

  function lost(problem) {
    if (!document.body.classList.contains("offline")) {
      const asOf = `This page is as of ${clock.format(lastAnswer)}.`;
      notice.textContent = `${problem} ${asOf} Reconnecting automatically; runs continue.`;
      notice.hidden = false;
    }
    document.body.classList.add("offline");
  }

  function restored() {
    lastAnswer = new Date();
    document.body.classList.remove("offline");
    notice.hidden = true;
  }

  document.addEventListener("htmx:sendError", () => lost("Connection to Onramp lost."));
  document.addEventListener("htmx:timeout", () => lost("Onramp does not respond."));
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status >= 500) lost("Onramp had a server error.");
    else if (detail.successful) restored();
  });
})();
