// Keys for whatever a page lets its reader do. An element says its key itself: data-key="п", data-key="Enter".
//
// A letter is written in Bulgarian and found however it is typed: as the Cyrillic letter of the layout in use (БДС or
// phonetic), as the Latin letter that stands for it while the Latin layout is on, or, where a browser tells neither, by
// the key's place on the keyboard. A Latin data-key ("j") means that place alone. No key acts while a field is typed in,
// with Ctrl or Alt held, or while it is held down; each acts once a page, so that no form is sent twice.
//
// data-rows: a list whose rows (data-row) are walked with the arrows or j/k, ticked with x, and opened with Enter; what a
// row can do besides has its data-row-key, which means the row that has the focus; else it goes to the first that has it.
// data-enter-sends: a form that Enter sends from its choices too, or a part of one, whose button it presses. data-keys: this page's own help, a <dialog>.
"use strict";
(() => {
  const PHONETIC = {
    a: "а", b: "б", w: "в", g: "г", d: "д", e: "е", v: "ж", z: "з", i: "и", j: "й", k: "к", l: "л", m: "м", n: "н",
    o: "о", p: "п", r: "р", s: "с", t: "т", u: "у", f: "ф", h: "х", c: "ц", q: "я", x: "ь", y: "ъ",
    "`": "ч", "[": "ш", "]": "щ", "\\": "ю",
  };
  const LATIN = Object.fromEntries(Object.entries(PHONETIC).map(([latin, letter]) => [letter, latin]));
  const OFF = "mailroom-keys-off";
  const isLatin = (sign) => /^[a-z]$/.test(sign);
  const isCyrillic = (sign) => /^[а-яѝ]$/.test(sign);
  let sent = false;

  const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const turn = (off) => { try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* private window */ } };

  function typing(target) {
    if (!(target instanceof HTMLElement)) { return false; }
    if (target.isContentEditable || target.matches("textarea, select")) { return true; }
    return target.matches("input") && !["checkbox", "radio", "button", "submit", "reset"].includes(target.type);
  }

  function isThere(element) {
    // What a closed <details> holds has its rectangles too where a browser hides it by content-visibility.
    return !element.disabled && element.getClientRects().length > 0 && element.closest("[inert], details:not([open]) > :not(summary)") === null;
  }

  // ---- which element a key means ----

  function candidates(event) {
    const sign = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const place = /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
    const wanted = [sign];
    if (Object.hasOwn(PHONETIC, sign)) { wanted.push(PHONETIC[sign]); }
    if (isCyrillic(sign) && place) { wanted.push(place); }
    if (place && !isLatin(sign) && !isCyrillic(sign)) { wanted.push(place, PHONETIC[place]); }
    return wanted;
  }

  function elementFor(event, root, name) {
    const marked = root ? [...root.querySelectorAll(name === "key" ? "[data-key]" : "[data-row-key]")].filter(isThere) : [];
    for (const wanted of candidates(event)) {
      const found = marked.find((element) => element.dataset[name].toLowerCase() === wanted.toLowerCase());
      if (found) { return found; }
    }
    return null;
  }

  function act(element) {
    if (element.matches("form")) { element.requestSubmit(); return; }
    if (element.matches("summary")) {
      const details = element.parentElement;
      details.open = !details.open;
      const first = details.open ? details.querySelector("[autofocus], [data-first], input:not([type=hidden]), select, textarea, button") : null;
      (first || element).focus();
      if (first && first.select) { first.select(); }
      details.scrollIntoView({ block: "nearest" });
      return;
    }
    if (typing(element)) { element.focus(); if (element.select) { element.select(); } return; }
    if (element.matches("a, button, input")) { element.focus(); element.click(); return; }
    element.scrollIntoView({ block: "start" });
    element.focus();
  }

  // ---- rows ----

  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter(isThere);
  const linkOf = (row) => row.querySelector("a[data-open]") || row.querySelector("a, summary, button");

  function rowAtHand() {
    const all = rows();
    return all.find((row) => row.contains(document.activeElement)) || all[0] || null;
  }

  function step(forward) {
    const all = rows();
    if (!all.length) { return false; }
    const now = all.findIndex((row) => row.contains(document.activeElement));
    const next = now < 0 ? (forward ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + (forward ? 1 : -1)));
    linkOf(all[next]).focus();
    all[next].scrollIntoView({ block: "nearest" });
    return true;
  }

  function tick() {
    const row = rows().find((one) => one.contains(document.activeElement));
    const box = row ? row.querySelector("input[type=checkbox]") : null;
    if (box) { box.click(); }
    return box !== null;
  }

  // What sends something asks to be seen first: without a row at hand the key only goes there.
  function actInRow(element) {
    const isSeen = element.closest("[data-row]").contains(document.activeElement);
    if (isSeen || !element.matches("button")) { act(element); return; }
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  }

  function inRows(event) {
    const place = isLatin(event.key.toLowerCase()) ? event.key.toLowerCase() : event.code.slice(3).toLowerCase();
    if (event.key === "ArrowDown" || (event.code.startsWith("Key") && place === "j")) { return step(true); }
    if (event.key === "ArrowUp" || (event.code.startsWith("Key") && place === "k")) { return step(false); }
    if (event.key === "Enter" && rows().length) { linkOf(rowAtHand()).click(); return true; }
    return event.code.startsWith("Key") && place === "x" ? tick() : false;
  }

  // ---- help ----

  const help = () => document.querySelector("dialog[data-keys]");

  function nameOf(element) {
    return (element.dataset.keyName || element.ariaLabel || element.innerText || element.title || "").trim().replace(/\s+/g, " ");
  }

  function shown(key) {
    const names = { enter: "Enter", escape: "Esc", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓",
      backspace: "⌫", delete: "Del" };
    return names[key.toLowerCase()] || key.toUpperCase();
  }

  function line(keys, name) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    for (const key of keys) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap, " ");
    }
    told.textContent = name;
    row.append(term, told);
    return row;
  }

  function showHelp() {
    const dialog = help();
    if (!dialog || dialog.open) { return; }
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const seen = new Set();
    for (const element of [...document.querySelectorAll("[data-key]")].filter((one) => isThere(one) && !dialog.contains(one))) {
      const key = element.dataset.key.toLowerCase();
      if (seen.has(key)) { continue; }
      seen.add(key);
      list.append(line(LATIN[key] ? [shown(key), shown(LATIN[key])] : [shown(key)], nameOf(element)));
    }
    if (rows().length) {
      const own = new Map([...document.querySelectorAll("[data-row] [data-row-key]")].map((one) => [one.dataset.rowKey, one]));
      for (const [key, one] of own) { list.append(line(LATIN[key] ? [shown(key), shown(LATIN[key])] : [shown(key)], nameOf(one))); }
      list.append(line(["↓", "J"], dialog.dataset.rowNext), line(["↑", "K"], dialog.dataset.rowBefore));
      if (document.querySelector("[data-row] input[type=checkbox]")) { list.append(line(["X"], dialog.dataset.rowTick)); }
      list.append(line(["Enter"], dialog.dataset.rowOpen));
    }
    if (document.querySelector("form[method=post] textarea, form[method=post] input[type=text], form[method=post] input:not([type])")) {
      list.append(line(["Ctrl", "Enter"], dialog.dataset.send));
    }
    list.append(line(["?"], dialog.dataset.help), line(["Esc"], dialog.dataset.close));
    dialog.querySelector("[data-keys-off]").checked = isOff();
    dialog.showModal();
  }

  // ---- the page ----

  function onKey(event) {
    if (event.ctrlKey && event.key === "Enter" && typing(event.target) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) { return; }
    const dialog = help();
    if (dialog && dialog.open) { return; }
    const sends = event.key === "Enter" && event.target.matches("select, input[type=radio]") ? event.target.closest("[data-enter-sends]") : null;
    if (sends) {
      event.preventDefault();
      if (sends.matches("form")) { sends.requestSubmit(); } else { sends.querySelector("button").click(); }
      return;
    }
    if (event.key === "Escape" && leave(event)) { return; }
    if (typing(event.target) || sent) { return; }
    if (event.key === "?") { event.preventDefault(); showHelp(); return; }
    if (isOff()) { return; }
    // Space and Enter belong to what has the focus: a link, a button, a summary.
    const own = event.target instanceof HTMLElement && event.target.matches("a, button, summary, input, details");
    if (own && (event.key === "Enter" || event.key === " ")) { return; }
    const element = elementFor(event, document, "key");
    if (element) { event.preventDefault(); act(element); return; }
    const ofRow = elementFor(event, rowAtHand(), "rowKey");
    if (ofRow) { event.preventDefault(); actInRow(ofRow); return; }
    if (inRows(event)) { event.preventDefault(); }
  }

  function leave(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    const details = target.closest("details[open].act");
    if (details) {
      details.open = false;
      details.querySelector("summary").focus();
    } else if (typing(target)) {
      target.blur();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) { sent = true; } });
  window.addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-off]")) { turn(event.target.checked); }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) { showHelp(); }
  });
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;  // by the names that ARIA wants, not by the signs of the help
    element.setAttribute("aria-keyshortcuts", key.length === 1 ? key.toUpperCase() : key);
  }
})();
