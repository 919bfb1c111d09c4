// What pages can do better with a script than without: no page needs it to be read or used.
"use strict";

const YEAR = 31536000; // seconds

function look(theme) {
  document.cookie = `argosy-theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const link of document.querySelectorAll("[data-theme-choice]")) {
    if (link.dataset.themeChoice === theme) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.copied;
}

function offerCopies(root) {
  if (!navigator.clipboard) return; // browsers have it on https and on the machine itself
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-theme-choice]");
  if (link) {
    event.preventDefault();
    look(link.dataset.themeChoice);
  }
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  const opener = event.target.closest("[commandfor]");
  if (opener && !("commandForElement" in HTMLButtonElement.prototype)) {
    document.getElementById(opener.getAttribute("commandfor")).showModal();
  }
});

function tellLost() {
  const told = document.getElementById("told");
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.textContent = told.dataset.lost;
  told.replaceChildren(notice);
}

document.addEventListener("htmx:error", tellLost);
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status !== 422) tellLost(); // a form says itself what is wrong with it
});
document.addEventListener("htmx:after:swap", (event) => offerCopies(document));
offerCopies(document);
