// A hand scanner is a keyboard: it types the text and then Enter, Tab or nothing.
// Every [data-wedge] input dispatches `scanned` {text, format: "typed"} when a text is complete.
// The text is read from the `input` event, because Android reports its keys as "Unidentified".
// One with [data-always] belongs to a station: it keeps the focus, and takes what is scanned elsewhere.

const PAUSE = 80; // ms without a key after which a text that looks whole is complete
const LONG = 450; // ms for any other fast text: a stalled page or a weak Bluetooth must not cut it in two
const FAST = 35; // ms a key: nobody types eight symbols that quickly
const LEAST = 8; // symbols, the length of a code; shorter texts wait for Enter
const WHOLE = /^(.*\/T\/)?[2-9BCFGHJ-NP-TVXZ]{8}$|^\d{15}$/i; // a code, alone or in its address; an IMEI
const ENDS = /[\r\n\t]+/;

function watch(input) {
  let started = 0;
  let timer = 0;

  const tell = (text) => input.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, format: "typed" } }));

  const done = () => {
    clearTimeout(timer);
    const text = input.value.trim();
    started = 0;
    if (!text) return false;
    tell(text);
    return true;
  };

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isComposing) return; // a typing method is still at work on it
    const now = performance.now();
    if (input.value.length <= 1 || !started) started = now;
    // Some scanners send the line break as text, and so does pasting: two scans may come in one piece.
    if (ENDS.test(input.value)) {
      const texts = input.value.split(ENDS).map((text) => text.trim());
      const open = texts.pop();
      for (const text of texts.filter(Boolean)) tell(text);
      input.value = open;
      started = open ? now : 0;
      if (!open) return;
    }
    const text = input.value.trim();
    if (text.length < LEAST || now - started > FAST * text.length) return;
    timer = setTimeout(done, WHOLE.test(text) ? PAUSE : LONG);
  });
  input.addEventListener("compositionend", () => input.dispatchEvent(new InputEvent("input", { bubbles: true })));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing && event.key !== "Enter") return;
    if (event.key === "Enter" || (event.key === "Tab" && input.value.trim())) {
      if (done()) event.preventDefault();
      else if (event.key === "Enter") event.preventDefault();
    }
  });
  // A line break in a field of one line never becomes text: a pasted list is taken apart before.
  input.addEventListener("paste", (event) => {
    const texts = (event.clipboardData?.getData("text") ?? "").split(ENDS).map((text) => text.trim()).filter(Boolean);
    if (texts.length < 2) return;
    event.preventDefault();
    for (const text of texts) tell(text);
  });
}

const plain = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
const written = (element) => element?.closest?.("input:not([type=button], [type=checkbox], [type=radio], [type=file], [type=range]), textarea, select, [contenteditable]");

// A scan that comes while nothing has the focus goes to the first field that waits for one.
document.addEventListener("keydown", (event) => {
  const input = document.querySelector("[data-wedge]");
  const free = document.activeElement === null || document.activeElement === document.body;
  if (free && input && plain(event) && event.key !== "/") input.focus();
});

// At a station the keys of a scanner belong to its field wherever the focus is: on a button its Enter must not press
// that button. In another field that is written in, they are taken out again once they are told from a person's.
function station(input) {
  let keys = ""; // what came fast, one right after the other
  let last = 0;
  let before = null; // the field they fell into, and what stood in it

  const back = () => {
    if (document.hidden || input.disabled || !input.checkVisibility?.()) return;
    input.focus({ preventScroll: true });
  };

  document.addEventListener("keydown", (event) => {
    const target = document.activeElement;
    if (target === input || event.isComposing) return;
    const now = performance.now();
    const fast = now - last <= FAST;
    last = now;
    const field = written(target);
    if (plain(event)) {
      if (!fast) { keys = ""; before = field && "value" in field ? { field, value: field.value } : null; }
      keys += event.key;
      if (field) return;
      // A button or nothing: a person presses Space or Enter there, a scanner types signs.
      if (event.key === " " && keys.length === 1) return;
      event.preventDefault();
      input.value += keys;
      keys = "";
      back();
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    } else if ((event.key === "Enter" || event.key === "Tab") && fast && field && keys.length >= LEAST) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (before?.field === field) field.value = before.value;
      const text = keys;
      keys = "";
      input.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, format: "typed" } }));
    } else keys = "";
  }, true);

  // The phone's own keyboard stays away while a scanner types, and comes to who touches the field.
  input.addEventListener("pointerdown", () => { input.inputMode = "text"; });
  document.addEventListener("scanned", () => { input.inputMode = "none"; });

  // After a tap beside everything, or when the page is looked at again, the field waits as before.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("a, button, label, select, summary, video, dialog") && !written(event.target)) back();
  });
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);
  document.addEventListener("close", back, true);
}

for (const input of document.querySelectorAll("[data-wedge]")) {
  watch(input);
  if (input.hasAttribute("data-always")) station(input);
}
