"use strict";

// The keyboard on the queue and in focus mode. Every page does the same without it.
//
// In focus mode a control names its keys in data-key. In the list there is one current
// entry ([data-entry] within [data-queue]), and the keys act on what that one holds:
// its [data-open] link, its [data-act="reaffirm"] button, its [data-select] box.
(() => {
  const OFF = "queue-shortcuts-off";
  const PLACE = "queue-place";
  const list = document.querySelector("[data-queue]");
  const focused = document.querySelector("[data-focus]");
  if (!list && !focused) return;

  const live = document.createElement("p");
  live.className = "unseen";
  live.setAttribute("role", "status");
  document.body.append(live);

  let greeting = 0;

  function say(text) {
    clearTimeout(greeting);
    // The same text again would not be heard.
    live.textContent = live.textContent === text ? `${text}\u00a0` : text;
  }

  // --- Switching them off ------------------------------------------------------

  // A browser may refuse to keep anything: then they are on, until the page is left.
  let off = false;
  try {
    off = localStorage.getItem(OFF) === "1";
  } catch {}

  function describe() {
    for (const control of document.querySelectorAll("[data-key]")) {
      if (off) control.removeAttribute("aria-keyshortcuts");
      else control.setAttribute("aria-keyshortcuts", control.dataset.key);
    }
  }

  const help = document.getElementById("shortcuts");
  const helpButton = document.querySelector("[data-shortcuts]");
  const on = document.querySelector("[data-shortcuts-on]");
  if (help && helpButton && on) {
    helpButton.hidden = false;
    helpButton.addEventListener("click", () => help.showModal());
    on.checked = !off;
    on.addEventListener("change", () => {
      off = !on.checked;
      try {
        if (off) localStorage.setItem(OFF, "1");
        else localStorage.removeItem(OFF);
      } catch {}
      describe();
      say(off ? "Shortcuts are off." : "Shortcuts are on.");
    });
  }

  // --- The list ------------------------------------------------------------------

  const entries = () => [...list.querySelectorAll("[data-entry]")];
  const current = () => list.querySelector("[data-entry].current");
  const openOf = (entry) => entry.querySelector("[data-open]");

  function mark(entry) {
    for (const other of list.querySelectorAll(".current")) {
      other.classList.remove("current");
      other.removeAttribute("aria-current");
    }
    entry.classList.add("current");
    entry.setAttribute("aria-current", "true");
  }

  function go(entry) {
    mark(entry);
    openOf(entry).focus({ preventScroll: true });
    entry.scrollIntoView({ block: "nearest" });
    const all = entries();
    say(`Entry ${all.indexOf(entry) + 1} of ${all.length}: ${openOf(entry).textContent.trim()}`);
  }

  function step(by) {
    const all = entries();
    const at = all.indexOf(current());
    const to = at < 0 ? 0 : at + by;
    if (all[to]) go(all[to]);
    else say(all.length ? (by > 0 ? "This is the last entry." : "This is the first entry.") : "No entry.");
  }

  // Whoever comes to an entry by tabbing or by a click goes on from there.
  list?.addEventListener("focusin", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (entry) mark(entry);
  });

  function press(control, missing) {
    if (!control) return say(missing);
    if (control.disabled) return say(reasonOf(control) || missing);
    control.click();
  }

  function reasonOf(control) {
    const id = control.getAttribute("aria-describedby");
    const reason = id ? document.getElementById(id) : null;
    return reason ? reason.textContent.trim() : control.title;
  }

  // What stands where the button would, says why it is not there.
  const obstacleOf = (entry) => entry.querySelector(".obstacle")?.textContent.trim();

  function reaffirm(entry) {
    const button = entry.querySelector('[data-act="reaffirm"]');
    if (button && !button.disabled) {
      try {
        sessionStorage.setItem(PLACE, String(entries().indexOf(entry)));
      } catch {}
    }
    press(button, obstacleOf(entry) || "You cannot re-affirm this entry.");
  }

  function select(entry) {
    const box = entry.querySelector("[data-select]");
    if (!box) return say("This entry cannot be selected.");
    box.click();
    say(`${openOf(entry).textContent.trim()} is ${box.checked ? "selected" : "not selected"}.`);
  }

  function inList(key, target) {
    const within = target.closest("[data-queue]");
    if (key === "j" || (key === "ArrowDown" && within)) step(1);
    else if (key === "k" || (key === "ArrowUp" && within)) step(-1);
    else if ("orx".includes(key) && key.length === 1) {
      const entry = current();
      if (!entry) say("No entry is chosen: j goes to the first.");
      else if (key === "o") openOf(entry).click();
      else if (key === "r") reaffirm(entry);
      else select(entry);
    } else return false;
    return true;
  }

  // What is ticked stands far above the form for it: the way down comes along.
  const chosen = document.querySelector("[data-chosen]");

  function count() {
    const number = list.querySelectorAll("[data-select]:checked").length;
    chosen.hidden = number === 0;
    chosen.querySelector("[data-chosen-count]").textContent = `${number} selected`;
  }

  if (list && chosen) {
    list.addEventListener("change", count);
    // A browser that comes back to the page may have kept the ticks.
    window.addEventListener("pageshow", count);
  }

  // After a re-affirmation the entry is gone: the one in its place is next.
  function takeUp() {
    let at = null;
    try {
      at = sessionStorage.getItem(PLACE);
      sessionStorage.removeItem(PLACE);
    } catch {}
    const all = entries();
    if (at !== null && all.length) go(all[Math.min(Number(at), all.length - 1)]);
  }

  // --- Focus mode ------------------------------------------------------------------

  function enter(summary) {
    const choice = summary.parentElement;
    choice.open = true;
    const field = choice.querySelector("select, input:not([type=hidden]), textarea");
    (field || summary).focus();
  }

  function byKey(key) {
    const control = document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
    if (!control) return false;
    if (control.tagName === "SUMMARY") enter(control);
    else press(control, "This cannot be done here.");
    return true;
  }

  function inFocus(key) {
    if (byKey(key)) return true;
    if (!"npjkreyxdswoaub".includes(key) || key.length !== 1) return false;
    if ("nj".includes(key)) say("This is the last entry.");
    else if ("pk".includes(key)) say("This is the first entry.");
    else say("This cannot be done here.");
    return true;
  }

  function close(target) {
    const choice = target.closest("details.choice[open]");
    if (!choice) return;
    choice.open = false;
    choice.querySelector("summary").focus();
  }

  // --- Keys ----------------------------------------------------------------------

  const UNTYPED = ["checkbox", "radio", "button", "submit", "reset"];

  function isTyping(target) {
    if (target.isContentEditable || target.closest("select, textarea")) return true;
    return target.tagName === "INPUT" && !UNTYPED.includes(target.type);
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || help?.open) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && focused) return close(target);
    if (off || isTyping(target)) return;
    // A letter under the shift key is another one; the question mark needs it.
    if (event.shiftKey && event.key !== "?") return;
    const done =
      event.key === "?" ? byKey("?") : focused ? inFocus(event.key) : inList(event.key, target);
    if (done) event.preventDefault();
  });

  describe();
  if (list) takeUp();
  if (focused) {
    const place = focused.querySelector("[data-place]");
    const title = document.querySelector("h1");
    // A live region is heard only for what comes into it later.
    greeting = setTimeout(() => say(`${place.textContent.trim()}: ${title.textContent.trim()}`), 300);
    document.querySelector("[aria-invalid]")?.focus();
  }
})();
