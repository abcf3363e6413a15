// The queue renews itself every half minute, but never under the hands of somebody who types, ticks, selects or scrolls.
"use strict";
let touched = false;
document.addEventListener("change", () => { touched = true; });
setInterval(() => {
  const active = document.activeElement;
  const busy = touched || document.hidden || window.scrollY > 0 || String(window.getSelection()) !== "" ||
    (active !== null && active !== document.body && active.id !== "main");
  if (!busy) { window.location.reload(); }
}, 30000);
