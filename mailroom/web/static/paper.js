"use strict";
/* While something is under way, the page asks again what has become of it; without this script „Обнови“ does. */

const PAUSE = 3000;

async function look() {
  const part = document.querySelector("[data-under-way]");
  if (!part) return;
  if (!document.hidden && !part.contains(document.activeElement)) {
    try {
      const answer = await fetch(window.location.href);
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(part.id);
        if (fresh) part.replaceWith(fresh);
      }
    } catch (error) {
      // The network is away for a moment: it is asked again.
    }
  }
  window.setTimeout(look, PAUSE);
}

window.setTimeout(look, PAUSE);
