// The queue renews itself: it asks for its own address with the tag that it has, and while nothing has happened the answer
// is empty. Counts change at once; rows only while nobody has the list under the hands, else a button offers them.
"use strict";
(() => {
  const EVERY = 10000;
  const list = () => document.getElementById("list");
  const boxes = () => [...document.querySelectorAll("#list input[name=item]")];
  const keyOf = (box) => box.value.split(".")[0];
  const ticked = () => boxes().filter((box) => box.checked);
  let tag = list().dataset.tag;
  let waiting = null;
  let touched = false;

  function count() {
    const tools = document.getElementById("tools");
    const number = ticked().length;
    if (tools) {
      const told = document.getElementById("ticked");
      tools.hidden = number === 0;
      told.textContent = `${told.dataset.some} ${number}`;
    }
    const all = document.getElementById("all");
    if (all) { all.checked = boxes().length > 0 && number === boxes().length; all.indeterminate = number > 0 && !all.checked; }
  }

  function inHand() {
    return touched || window.scrollY > 0 || list().contains(document.activeElement) || list().matches(":hover") ||
      String(window.getSelection()) !== "";
  }

  function renew(page) {
    const states = new Map(boxes().map((box) => [keyOf(box), box.checked]));
    const open = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.getAttribute("href") : null;
    list().replaceWith(page.getElementById("list"));
    for (const box of boxes()) { if (states.has(keyOf(box))) { box.checked = states.get(keyOf(box)); } }
    const again = open ? [...list().querySelectorAll("a[data-open]")].find((link) => link.getAttribute("href") === open) : null;
    if (again) { again.focus({ preventScroll: true }); }
    offer(null);
    count();
  }

  function offer(page) {
    waiting = page;
    document.querySelector(".fresh").hidden = page === null;
  }

  async function look() {
    if (document.hidden) { return; }
    let answer;
    try {
      answer = await fetch(window.location.href, { headers: { "If-None-Match": tag } });
    } catch { return; }
    if (answer.redirected) { window.location.reload(); return; }
    if (answer.status !== 200) { return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("list")) { return; }
    tag = page.getElementById("list").dataset.tag;
    document.getElementById("views").replaceWith(page.getElementById("views"));
    if (inHand()) { offer(page); } else { renew(page); }
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "all") { for (const box of boxes()) { box.checked = event.target.checked; } }
    if (list().contains(event.target)) { touched = ticked().length > 0; count(); }
  });
  document.getElementById("fresh").addEventListener("click", () => { if (waiting) { renew(waiting); } });
  count();
  setInterval(look, EVERY);
})();
