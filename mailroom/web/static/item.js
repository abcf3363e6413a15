// An item's page: where a field was seen lights up in the letter, pages are enlarged and turned, places are suggested,
// and who else has the item open is heard. Without it everything can still be read, typed and sent.
"use strict";
(() => {
  document.documentElement.classList.add("js");

  // ---- where it was seen ----

  function light(field) {
    const found = [];
    for (const mark of document.querySelectorAll("[data-seen]")) {
      const on = field !== "" && mark.dataset.seen.split(" ").includes(field);
      mark.classList.toggle("on", on);
      if (on) { found.push(mark); }
    }
    const first = found.find((mark) => mark.getClientRects().length > 0);
    const frame = first && (first.closest(".sheets") || first.closest(".original"));
    if (!frame) { return; }
    const page = first.closest(".sheet-frame");
    if (page && !page.classList.contains("current")) { turnTo(page); }
    const inside = frame.getBoundingClientRect(), at = first.getBoundingClientRect();
    if (at.top < inside.top || at.bottom > inside.bottom) { frame.scrollTop += at.top - inside.top - frame.clientHeight / 3; }
  }

  for (const field of document.querySelectorAll("[data-field]")) {
    field.addEventListener("mouseenter", () => light(field.dataset.field));
    field.addEventListener("focusin", () => light(field.dataset.field));
    field.addEventListener("mouseleave", () => light(""));
  }

  // ---- pages ----

  const CLASSES = ["", "zoom-2", "zoom-3", "zoom-4"];

  function enlarge(scan, by) {
    const now = Math.max(0, CLASSES.findIndex((name) => name && scan.classList.contains(name)));
    const next = Math.min(CLASSES.length - 1, Math.max(0, now + by));
    CLASSES.filter(Boolean).forEach((name) => scan.classList.toggle(name, name === CLASSES[next]));
    if (next > 0) {
      for (const picture of scan.querySelectorAll(".sheet img")) {
        const large = picture.closest("a").href;
        if (picture.src !== large) { picture.src = large; }
      }
    }
  }

  function turnTo(page) {
    const scan = page.closest("[data-scan]");
    for (const one of scan.querySelectorAll(".sheet-frame")) { one.classList.toggle("current", one === page); }
    page.scrollIntoView({ block: "nearest" });
  }

  function turn(scan, by) {
    const pages = [...scan.querySelectorAll(".sheet-frame")];
    const now = Math.max(0, pages.findIndex((page) => page.classList.contains("current")));
    turnTo(pages[Math.min(pages.length - 1, Math.max(0, now + by))]);
    scan.querySelector(".sheets").scrollTop = 0;
  }

  for (const scan of document.querySelectorAll("[data-scan]")) {
    const first = scan.querySelector(".sheet-frame");
    if (!first) { continue; }
    scan.classList.add("one-page");
    first.classList.add("current");
    scan.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) { return; }
      if (button.dataset.zoom) { enlarge(scan, button.dataset.zoom === "in" ? 1 : -1); }
      if (button.dataset.turn) { turn(scan, Number(button.dataset.turn)); }
    });
  }

  // ---- correcting ----

  const all = document.querySelector("[data-edit-all]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const closed = [...document.querySelectorAll("#correct details")];
      closed.forEach((details) => { details.open = true; });
      const first = document.querySelector("#correct [data-first]");
      if (first) { first.focus(); }
    });
  }

  const form = document.querySelector("form[data-places]");
  const partOf = (name) => form.querySelector(`[data-place="${name}"]`);
  let asked = 0;

  async function suggest(input) {
    const turn = ++asked;
    const query = new URLSearchParams({ part: input.dataset.place, q: input.value, settlement: partOf("settlement").value });
    const answer = await fetch(`${form.dataset.places}?${query}`, { headers: { accept: "application/json" } });
    if (!answer.ok || turn !== asked) { return; }
    const places = await answer.json();
    document.getElementById(input.getAttribute("list")).replaceChildren(...places.map((place) => {
      const option = document.createElement("option");
      option.value = place.value;
      option.label = place.told;
      return option;
    }));
  }

  if (form) {
    for (const input of form.querySelectorAll("[data-place]")) {
      let wait = 0;
      input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(() => suggest(input), 150); });
      input.addEventListener("focus", () => suggest(input));
    }
  }

  // ---- who else is here ----

  const presence = document.getElementById("presence");
  const EVERY = 15000;

  async function tell() {
    if (document.hidden) { return; }
    const said = new URLSearchParams({ csrf: presence.dataset.csrf, version: presence.dataset.version, seen: presence.dataset.seenLine });
    const answer = await fetch(presence.dataset.here, { method: "POST", body: said, redirect: "error" });
    if (!answer.ok) { return; }
    const told = await answer.text();
    if (told.trim() !== presence.dataset.told) {
      presence.dataset.told = told.trim();
      presence.innerHTML = told;
    }
  }

  if (presence) {
    presence.dataset.told = presence.innerHTML.trim();
    const quietly = () => { tell().catch(() => { /* the next one comes soon */ }); };
    quietly();
    setInterval(quietly, EVERY);
    document.addEventListener("visibilitychange", quietly);
  }

  // ---- reasons that go with a decision ----

  const why = document.getElementById("why");
  for (const choice of document.querySelectorAll("input[type=radio][data-reason]")) {
    choice.addEventListener("change", () => { if (why && why.dataset.typed === undefined) { why.value = choice.dataset.reason; } });
  }
  if (why) { why.addEventListener("input", () => { why.dataset.typed = "1"; }); }
})();
