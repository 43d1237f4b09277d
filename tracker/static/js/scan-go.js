// What a scanned text does. In a [data-go] form it opens the page of the code; in a [data-collect]
// box it joins the list that the surrounding form sends, and a repetition is said, not added.

function bare(text) {
  // Only for telling repetitions apart; what a text means is decided by the server.
  return text.toUpperCase().replace(/^.*\/T\//, "").replace(/[^0-9A-Z]/g, "");
}

function go(form) {
  form.addEventListener("scanned", (event) => {
    form.querySelector("[data-wedge]").value = event.detail.text;
    form.requestSubmit();
  });
}

function collect(box) {
  const plain = box.querySelector("[data-plain]");
  const lines = plain.querySelector("textarea");
  const list = box.querySelector("[data-list]");
  const row = box.querySelector("template[data-row]");
  const input = box.querySelector("[data-wedge]");
  const say = (key, text) => {
    box.querySelector("[data-said]").textContent = `${box.dataset[key] ?? ""} ${text}`;
  };
  const texts = () => lines.value.split("\n").map((line) => line.trim()).filter(Boolean);

  function show(again = "") {
    list.replaceChildren(
      ...texts().map((text) => {
        const item = row.content.firstElementChild.cloneNode(true);
        item.querySelector(".code").textContent = text;
        item.classList.toggle("again", bare(text) === again);
        item.querySelector("button").addEventListener("click", () => {
          lines.value = texts().filter((other) => other !== text).join("\n");
          show();
          input.focus();
        });
        return item;
      }).reverse(),
    );
    box.querySelector("[data-count]").textContent = texts().length;
  }

  function add(text) {
    const known = texts().some((other) => bare(other) === bare(text));
    if (!known) lines.value = [...texts(), text].join("\n");
    show(known ? bare(text) : "");
    say(known ? "sayTwice" : "sayRead", text);
    box.dispatchEvent(new CustomEvent("collected", { bubbles: true, detail: { text, known, count: texts().length } }));
  }

  box.addEventListener("scanned", (event) => {
    add(event.detail.text);
    input.value = "";
    input.focus({ preventScroll: true });
  });
  box.querySelector("[data-add]").addEventListener("click", () => {
    if (input.value.trim()) add(input.value.trim());
    input.value = "";
    input.focus();
  });
  box.querySelector("[data-adder]").hidden = false;
  list.hidden = false;
  plain.hidden = true;
  show();
  if (!document.activeElement || document.activeElement === document.body) input.focus({ preventScroll: true });
}

for (const form of document.querySelectorAll("[data-scan][data-go]")) go(form);
for (const box of document.querySelectorAll("[data-scan][data-collect]")) collect(box);
