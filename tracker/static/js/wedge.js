// A hand scanner is a keyboard: it types the text and then Enter, Tab or nothing.
// Every [data-wedge] input dispatches `scanned` {text, format: "typed"} when a text is complete.
// The text is read from the `input` event, because Android reports its keys as "Unidentified".

const PAUSE = 80; // ms without a key after which a text that looks whole is complete
const LONG = 450; // ms for any other fast text: a stalled page or a weak Bluetooth must not cut it in two
const FAST = 35; // ms a key: nobody types eight symbols that quickly
const LEAST = 8; // symbols, the length of a code; shorter texts wait for Enter
const WHOLE = /^(.*\/T\/)?[2-9BCFGHJ-NP-TVXZ]{8}$|^\d{15}$/i; // a code, alone or in its address; an IMEI

function watch(input) {
  let started = 0;
  let timer = 0;

  const done = () => {
    clearTimeout(timer);
    const text = input.value.trim();
    started = 0;
    if (!text) return false;
    input.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, format: "typed" } }));
    return true;
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const now = performance.now();
    if (input.value.length <= 1 || !started) started = now;
    // Some scanners send the line break as text, and so does pasting.
    if (/[\r\n\t]/.test(input.value)) {
      done();
      return;
    }
    const text = input.value.trim();
    if (text.length < LEAST || now - started > FAST * text.length) return;
    timer = setTimeout(done, WHOLE.test(text) ? PAUSE : LONG);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || (event.key === "Tab" && input.value.trim())) {
      if (done()) event.preventDefault();
      else if (event.key === "Enter") event.preventDefault();
    }
  });
}

// A scan that comes while nothing has the focus goes to the first field that waits for one.
document.addEventListener("keydown", (event) => {
  const free = document.activeElement === null || document.activeElement === document.body;
  const input = document.querySelector("[data-wedge]");
  if (free && input && event.key.length === 1 && event.key !== "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    input.focus();
  }
});

for (const input of document.querySelectorAll("[data-wedge]")) watch(input);
