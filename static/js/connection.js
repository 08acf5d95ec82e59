// A lost connection is shown as a lost connection; htmx goes on asking, and the next answer is the state as it is.
(() => {
  "use strict";
  const notice = document.getElementById("connection");
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  let heard = new Date();

  function lost(what) {
    if (!document.body.classList.contains("offline")) {
      notice.textContent = `${what} What you see is as of ${clock.format(heard)}. Trying again by itself; the run itself goes on.`;
      notice.hidden = false;
    }
    document.body.classList.add("offline");
  }

  function back() {
    heard = new Date();
    document.body.classList.remove("offline");
    notice.hidden = true;
  }

  document.addEventListener("htmx:sendError", () => lost("The connection to Onramp is lost."));
  document.addEventListener("htmx:timeout", () => lost("Onramp does not answer."));
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status >= 500) lost("Onramp has a problem of its own.");
    else if (detail.successful) back();
  });
})();
