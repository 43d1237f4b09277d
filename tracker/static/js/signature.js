// A drawn signature becomes whole numbers on a sheet 1000 wide and 400 high: a list of strokes,
// each [x, y, x, y, …]. The same pixels on any screen, small enough for a form, nothing to decode.

const WIDE = 1000;
const HIGH = 400;

function strokes(pad) {
  return pad.toData().map((group) => group.points.flatMap(({ x, y }) => [
    Math.min(WIDE, Math.max(0, Math.round(x))),
    Math.min(HIGH, Math.max(0, Math.round(y))),
  ]));
}

async function prepare(field) {
  const { default: SignaturePad } = await import(field.dataset.library);
  const sheet = field.querySelector(".signature-sheet");
  const canvas = sheet.querySelector("canvas");
  const value = field.querySelector("input[type=hidden]");
  const instead = field.querySelector("input[type=checkbox]");
  const wrong = field.querySelector("[role=alert]");

  sheet.hidden = false;
  // The pad scales a touch by canvas.width / shown width, so the points are already on our sheet.
  const pad = new SignaturePad(canvas, { minWidth: 2, maxWidth: 6, penColor: "#12224f" });
  const scaled = () => {
    const shown = canvas.getBoundingClientRect();
    return shown.width ? WIDE / shown.width : 1;
  };
  const keep = () => {
    const ratio = scaled();
    const data = ratio === 1 ? strokes(pad) : strokes({
      toData: () => pad.toData().map((group) => ({ points: group.points.map(({ x, y }) => ({ x: x * ratio, y: y * ratio })) })),
    });
    value.value = data.length ? JSON.stringify(data) : "";
    if (data.length) wrong.hidden = true;
  };
  // One pixel of the canvas is one pixel of the screen, so that the line follows the finger.
  const fit = () => {
    const shown = canvas.getBoundingClientRect();
    if (!shown.width || Math.abs(canvas.width - shown.width) < 1) return;
    const grow = shown.width / canvas.width;
    const data = pad.toData().map((group) => ({
      ...group,
      points: group.points.map((point) => ({ ...point, x: point.x * grow, y: point.y * grow })),
    }));
    canvas.width = Math.round(shown.width);
    canvas.height = Math.round((shown.width * HIGH) / WIDE);
    pad.fromData(data);
  };
  fit();
  window.addEventListener("resize", fit);
  pad.addEventListener("endStroke", keep);
  sheet.querySelector("button").addEventListener("click", () => {
    pad.clear();
    keep();
  });
  instead.addEventListener("change", () => {
    if (instead.checked) wrong.hidden = true;
  });
  field.closest("form")?.addEventListener("submit", (event) => {
    keep();
    if (field.dataset.required && !value.value && !instead.checked) {
      event.preventDefault();
      wrong.querySelector("span").textContent = field.dataset.required;
      wrong.hidden = false;
      field.focus();
      field.scrollIntoView({ block: "center" });
    }
  });
}

for (const field of document.querySelectorAll("[data-signature]")) prepare(field);
