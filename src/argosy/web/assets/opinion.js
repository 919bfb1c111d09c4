// A page that follows by itself: asks for its live part with the state that it shows, and puts what is new in its place.
"use strict";
(() => {
  const PACE = 1000; // milliseconds between looks
  const PATIENCE = 10000; // milliseconds for an answer
  const part = () => document.querySelector("#live[data-follows]");
  if (!part()) return;

  function busy(shown) {
    const focus = document.activeElement;
    const writes = focus && focus.closest("form, dialog");
    const selection = document.getSelection();
    const selects = selection && !selection.isCollapsed && shown.contains(selection.anchorNode);
    return document.hidden || writes || selects;
  }

  function tell(lost) {
    const told = document.getElementById("follows");
    const words = lost ? told.dataset.lost : "";
    if (told.textContent !== words) told.textContent = words;
    part().classList.toggle("stale", lost);
  }

  const label = (one) => (one.getAttribute("href") || "") + one.textContent.trim();
  const places = (root, name) => [...root.querySelectorAll(name)];

  function put(shown, fresh) {
    const open = new Set(places(shown, "details[open]").map((one) => label(one.querySelector("summary"))));
    const rolled = places(shown, ".scroll").map((one) => [one.scrollTop, one.scrollLeft]);
    const focus = shown.contains(document.activeElement) ? label(document.activeElement) : "";
    for (const one of places(fresh, "details")) one.open = open.has(label(one.querySelector("summary")));
    shown.replaceChildren(...fresh.childNodes);
    shown.dataset.state = fresh.dataset.state;
    places(shown, ".scroll").forEach((one, at) => rolled[at] && one.scrollTo(rolled[at][1], rolled[at][0]));
    const kept = focus && places(shown, "a, summary, button, [tabindex]").find((one) => label(one) === focus);
    if (kept) kept.focus({ preventScroll: true });
  }

  async function look() {
    const address = new URL(location.href);
    address.hash = "";
    address.searchParams.delete("done");
    address.searchParams.set("part", "live");
    address.searchParams.set("state", part().dataset.state);
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 204) return;
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh) location.reload(); // nobody is signed in any more
    else if (!busy(part())) put(part(), fresh);
  }

  async function follow() {
    try {
      if (!busy(part())) {
        await look();
        tell(false);
      }
    } catch {
      tell(true);
    }
    setTimeout(follow, PACE);
  }

  setTimeout(follow, PACE);
})();
