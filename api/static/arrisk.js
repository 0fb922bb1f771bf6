// Makes pages quicker to work with; every page works without it.
//
// data-swap    on a link or a form: load its answer, and put it in place of the element with the id "fragment"
// data-load    on a place: loads the address once the page is there, and puts its "fragment" in
// data-submit  on a field: send its form when it changes
// data-live    on a form: send it while one types or drags
// data-again   on the fragment: load it anew every so many seconds while somebody looks; it says its data-say when that changed
// data-slide   on a field for a number: make it a slider, with its value in the output beside it
// data-keys    on a list: j and k go from one data-item to the next; inside it, a data-key is pressed by its letter
// data-key     on anything: the letter that clicks it, or puts the cursor there; a summary is opened, and its first field gets it
// data-lets    on an item: the letters that work once it is open; its Enter is pressed before
// data-focus   in an answer: what gets the cursor
// data-say     in an answer without a notice: what is said
"use strict";
(() => {
  const HEADER = "X-Fragment";
  let asked = null;
  const find = (id) => document.getElementById(id);
  const readAddress = () => location.pathname + location.search;
  let loaded = readAddress();
  let isTyping = false, wasTyped = false;
  const say = (text) => { const said = find("said"); if (said) said.textContent = text; };

  function keepPlace() {
    const here = document.activeElement;
    const id = here && here.id;
    const at = here && "selectionStart" in here ? here.selectionStart : null;
    const item = here && here.closest && here.closest("[data-item]");
    return () => {
      const again = (id && find(id)) || (item && document.querySelector(`[data-item="${CSS.escape(item.dataset.item)}"]`));
      if (!again) return;
      again.focus({ preventScroll: true });
      if (at !== null && again.setSelectionRange && /text|search/.test(again.type)) again.setSelectionRange(at, at);
    };
  }

  async function swap(url, options, keepsAddress, isTyped) {
    if (asked) asked.abort();
    asked = new AbortController();
    const old = find("fragment");
    if (!old) { location.assign(url); return; }
    old.setAttribute("aria-busy", "true");
    let answer, text;
    try {
      answer = await fetch(url, { ...options, signal: asked.signal, headers: { [HEADER]: "1" }, credentials: "same-origin" });
      text = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") { old.removeAttribute("aria-busy"); say("The service does not answer. Try again."); }
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("fragment");
    if (!fresh) {
      if (options && options.method === "post" && !answer.redirected) showRefusal(page, old);
      else location.assign(answer.url);
      return;
    }
    const back = keepPlace();
    old.replaceWith(fresh);
    // What a form was refused with has no address of its own.
    const isPage = answer.redirected || !(options && options.method === "post");
    // However often one pauses in typing, it is one step back to what was there before.
    const record = isTyped && wasTyped ? "replaceState" : "pushState";
    if (isPage && !keepsAddress && answer.url !== location.href) history[record]({ swap: true }, "", answer.url);
    wasTyped = isTyped;
    loaded = readAddress();
    showFilters(fresh);
    const turn = fresh.querySelector("[data-focus]");
    if (turn) { turn.focus(); turn.scrollIntoView({ block: "nearest" }); } else back();
    const done = fresh.querySelector(".notice"), words = fresh.querySelector("[data-say]");
    say(done ? done.textContent.trim() : words ? words.dataset.say : "Updated");
  }

  // Forms beside what was swapped say what the address says; where one types, nothing is put in.
  function showFilters(fresh) {
    const query = new URLSearchParams(location.search);
    for (const field of document.querySelectorAll("form[data-swap][method=get] [name]")) {
      if (!fresh.contains(field) && field !== document.activeElement) field.value = query.get(field.name) || "";
    }
  }

  function showRefusal(page, old) {
    old.removeAttribute("aria-busy");
    const notice = page.querySelector(".notice.bad");
    const before = old.querySelector(":scope > .notice.bad");
    if (before) before.remove();
    if (notice) { old.prepend(notice); notice.scrollIntoView({ block: "nearest" }); say(notice.textContent.trim()); }
  }

  async function loadAgain() {
    const old = find("fragment"), seconds = old && Number(old.dataset.again);
    setTimeout(loadAgain, 1000 * (seconds || 2));
    if (!seconds || document.hidden || old.hasAttribute("aria-busy")) return;
    let page;
    try {
      const answer = await fetch(location.href, { headers: { [HEADER]: "1" }, credentials: "same-origin" });
      if (answer.redirected) { location.assign(answer.url); return; }
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { return; }
    const fresh = page.getElementById("fragment");
    if (!fresh || find("fragment") !== old || old.hasAttribute("aria-busy")) return;
    const back = keepPlace();
    old.replaceWith(fresh);
    back();
    if (fresh.dataset.say !== old.dataset.say) say(fresh.dataset.say);
  }
  setTimeout(loadAgain, 2000);

  function readGet(form) {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
    return `${form.getAttribute("action") || location.pathname}?${query}`;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    swap(link.href);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-swap]")) return;
    event.preventDefault();
    // A field that is called method or action hides the form's own; its attributes stay what they are.
    if ((form.getAttribute("method") || "get") === "get") { swap(readGet(form), {}, false, isTyping); return; }
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const target = (event.submitter && event.submitter.getAttribute("formaction")) || form.getAttribute("action");
    swap(target, { method: "post", body }, form.hasAttribute("data-stay"));
  });

  function showValue(field) {
    const shown = field.type === "range" && field.form && field.form.querySelector(`output[for="${field.id}"]`);
    if (shown) shown.textContent = field.value + (field.dataset.unit || "");
  }
  for (const field of document.querySelectorAll("input[data-slide]")) { field.type = "range"; showValue(field); }

  let waits = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    showValue(field);
    const form = field.closest("form[data-live]");
    if (!form) return;
    clearTimeout(waits);
    waits = setTimeout(() => { isTyping = true; form.requestSubmit(); isTyping = false; }, 250);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-submit]") && event.target.form;
    if (form) form.requestSubmit();
  });
  // What takes its time is loaded once the page is there; the link to it stays where that fails.
  for (const place of document.querySelectorAll("[data-load]")) {
    place.setAttribute("aria-busy", "true");
    fetch(place.dataset.load, { headers: { [HEADER]: "1" }, credentials: "same-origin" })
      .then((answer) => answer.text())
      .then((text) => new DOMParser().parseFromString(text, "text/html").getElementById("fragment"))
      .then((part) => { if (part) place.replaceChildren(...part.childNodes); })
      .catch(() => say("A part of the page could not be loaded."))
      .finally(() => place.removeAttribute("aria-busy"));
  }

  // A link within the page changes what is behind the # alone; there is nothing to load then.
  addEventListener("popstate", () => { if (readAddress() !== loaded) swap(location.href, {}, true); });

  function moveIn(list, step) {
    const items = [...list.querySelectorAll("[data-item]")];
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[Math.min(items.length - 1, Math.max(0, at + step))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    if (event.key === "Escape" && here && here.closest("details[open]")) {
      const box = here.closest("details[open]");
      box.open = false;
      box.querySelector("summary").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|SELECT|TEXTAREA/.test(here && here.tagName)) return;
    const list = document.querySelector("[data-keys]");
    if (list && (event.key === "j" || event.key === "k")) { event.preventDefault(); moveIn(list, event.key === "j" ? 1 : -1); return; }
    const item = here && here.closest("[data-item]");
    // Enter is the item's own alone where it has the focus itself; a button or a link in it is pressed as everywhere.
    if (event.key === "Enter" && here !== item) return;
    const key = CSS.escape(event.key);
    const target = (item && item.querySelector(`[data-key="${key}"]`)) || document.querySelector(`[data-key="${key}"]:not([data-item] *)`);
    const opener = item && (item.dataset.lets || "").includes(event.key) && item.querySelector('[data-key="Enter"]');
    if (!target && !opener) return;
    event.preventDefault();
    if (target) press(target);
    else swap(opener.href).then(() => { const inside = document.querySelector(`[data-item] [data-key="${key}"]`); if (inside) press(inside); });
  });

  function press(target) {
    if (target.matches("input, select, textarea")) { target.focus(); return; }
    if (!target.matches("summary")) { target.click(); return; }
    target.parentElement.open = true;
    (target.parentElement.querySelector("input:not([type=hidden]), select, textarea") || target).focus();
  }
})();
