// The barcodes on a machine go into the fields of its form, whichever is scanned first. What each of them is, the
// server says; nothing that stands in a field is replaced without being asked.

for (const box of document.querySelectorAll("[data-maker]")) fill(box);

function fill(box) {
  const form = box.closest("form");
  const said = box.querySelector("[data-said]");
  const input = box.querySelector("[data-wedge]");
  const fields = { serial: ["serial"], imei: ["imei1", "imei2"], code: ["code"] };
  const field = (name) => form.querySelector(`[name=${name}]`);

  const note = (words, value, tone, press) => {
    const line = document.createElement("li");
    line.className = `note note-${tone}`;
    line.append(`${words} ${value}`);
    if (press) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-secondary", textContent: value });
      button.addEventListener("click", () => { press(); line.remove(); });
      line.replaceChildren(`${words} `, button);
    }
    said.prepend(line);
    while (said.children.length > 4) said.lastElementChild.remove();
  };

  const take = (what, value, label) => {
    const places = (fields[what] ?? []).map(field).filter(Boolean);
    if (!places.length) return note(`${box.dataset.sayNot} ${label}:`, value, "info");
    if (places.some((place) => place.value.trim().toUpperCase() === value)) return note(box.dataset.saySame, value, "info");
    const empty = places.find((place) => !place.value.trim());
    const put = (place) => {
      place.value = value;
      place.dispatchEvent(new Event("change", { bubbles: true }));
      note(`${box.dataset.sayTook} ${label}:`, value, "ok");
    };
    if (empty) put(empty);
    else note(`${label}. ${box.dataset.sayOther}`, value, "warn", () => put(places[0]));
    return undefined;
  };

  // What came from a field and is nothing that was taken goes back to it: a person may have typed it.
  const scanned = async (text, from = null) => {
    const back = () => { if (from && !from.value) from.value = text.trim(); };
    try {
      const answer = await fetch(`${box.dataset.maker}?${new URLSearchParams({ text })}`);
      if (!answer.ok || answer.redirected) throw new Error("no answer");
      const { code, numbers = [] } = await answer.json();
      if (code) take("code", code, form.querySelector("label[for=f-code]")?.firstChild.textContent.trim() ?? "");
      for (const { what, value, label } of numbers) take(what, value, label);
      if (!numbers.some(({ what }) => fields[what]) && !code) back();
    } catch {
      back();
      note(box.dataset.sayLost, text, "error");
    }
  };

  box.addEventListener("scanned", ({ detail }) => {
    input.value = "";
    scanned(detail.text);
    input.focus({ preventScroll: true });
  });
  box.querySelector("[data-enter]").addEventListener("click", () => {
    if (input.value.trim()) scanned(input.value.trim());
    input.value = "";
    input.focus();
  });
  // A scanner that types straight into a field ends with Enter: what it typed is looked at all the same.
  for (const name of ["serial", "imei1", "imei2"]) {
    field(name)?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.value.trim()) return;
      event.preventDefault();
      const text = event.target.value;
      event.target.value = "";
      scanned(text, event.target);
    });
  }
}
