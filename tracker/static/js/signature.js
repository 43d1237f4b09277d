// A drawn signature becomes whole numbers on a sheet 1000 wide and 400 high: a list of strokes,
// each [x, y, x, y, …]. The same on any screen, small enough for a form, nothing to decode.

const WIDE = 1000;
const HIGH = 400;

async function prepare(field) {
  const { default: SignaturePad } = await import(field.dataset.library);
  const sheet = field.querySelector(".signature-sheet");
  const canvas = sheet.querySelector("canvas");
  const value = field.querySelector("input[type=hidden]");
  const instead = field.querySelector("input[type=checkbox]");
  const wrong = field.querySelector("[role=alert]");

  sheet.hidden = false;
  const pad = new SignaturePad(canvas, { minWidth: 0.8, maxWidth: 2.6, penColor: "#12224f" });
  let shown = 0; // width of the box in CSS pixels, in which the pad counts

  const keep = () => {
    const grow = WIDE / shown;
    const within = (n, most) => Math.min(most, Math.max(0, Math.round(n * grow)));
    const strokes = pad.toData().map(({ points }) => points.flatMap(({ x, y }) => [within(x, WIDE), within(y, HIGH)]));
    value.value = strokes.length ? JSON.stringify(strokes) : "";
    if (strokes.length) wrong.hidden = true;
  };
  const fit = () => {
    const width = canvas.clientWidth;
    if (!width || width === shown) return;
    const grow = shown ? width / shown : 1;
    const data = pad.toData().map((stroke) => ({
      ...stroke,
      points: stroke.points.map((point) => ({ ...point, x: point.x * grow, y: point.y * grow })),
    }));
    const dots = Math.max(window.devicePixelRatio, 1);
    shown = width;
    canvas.width = width * dots;
    canvas.height = (width * HIGH * dots) / WIDE;
    canvas.getContext("2d").scale(dots, dots);
    pad.fromData(data);
  };

  fit();
  new ResizeObserver(fit).observe(canvas); // also when a <details> around it opens
  pad.addEventListener("endStroke", keep);
  sheet.querySelector("button").addEventListener("click", () => {
    pad.clear();
    keep();
  });
  instead.addEventListener("change", () => {
    if (instead.checked) wrong.hidden = true;
  });
  field.closest("form")?.addEventListener("submit", (event) => {
    if (!field.dataset.required || value.value || instead.checked) return;
    event.preventDefault();
    wrong.querySelector("span").textContent = field.dataset.required;
    wrong.hidden = false;
    field.focus();
    field.scrollIntoView({ block: "center" });
  });
}

for (const field of document.querySelectorAll("[data-signature]")) prepare(field);
