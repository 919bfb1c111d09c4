// The page of a recommender without loading it whole: a form is sent, and what comes takes the place of what was shown.
"use strict";
(() => {
  const PATIENCE = 10000; // milliseconds for an answer
  const shown = () => document.getElementById("demo");
  if (!shown()) return;
  let asked = 0;

  function tell(lost) {
    const told = document.getElementById("told");
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = lost;
    told.replaceChildren(...(lost ? [notice] : []));
  }

  function request(form, button) {
    const fields = new URLSearchParams(new FormData(form, button));
    const address = new URL(form.getAttribute("action"), location.href);
    if (form.method === "post") return [address, { method: "POST", body: fields }];
    address.search = fields;
    return [address, {}];
  }

  function put(page, answer, posted) {
    for (const part of ["#main", ".bottom"]) {
      document.querySelector(part).replaceWith(page.querySelector(part));
    }
    if (answer.ok) history.pushState(null, "", answer.url);
    document.title = page.title;
    const wrong = document.querySelector("#main [role=alert], #main [aria-invalid]");
    const next = posted ? wrong || document.getElementById("news") : document.getElementById("user");
    (next || document.getElementById("main")).focus();
  }

  async function send(form, button) {
    const turn = ++asked;
    const [address, how] = request(form, button);
    shown().setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { ...how, signal: AbortSignal.timeout(PATIENCE) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn === asked) put(page, answer, form.method === "post"); // else another form was sent meanwhile
    } catch {
      if (turn !== asked) return;
      shown().removeAttribute("aria-busy");
      tell(shown().dataset.lost);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!shown() || !shown().contains(form)) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  window.addEventListener("popstate", () => location.reload());
})();
