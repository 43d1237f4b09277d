"""Films of printed labels for the camera of a browser: drawn by us, printed by PDFium, held before a lens by Pillow.

Chromium plays such a film instead of a camera, at 30 frames a second, over and over. The number of a frame stands in
its upper left corner as bright and dark cells, so that a page can say when it was first shown.
"""

import base64
import io
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels.codes import any_code
from labels.job import Label
from labels.sheets import sheet
from tests.labels.makers import boxes

RATE = 30  # frames a second
WIDTH, HEIGHT = 1280, 720
#: The number of a frame: a bright and a dark cell, then its bits.
CELL, BITS = 24, 12
TABLE = (112, 116, 118)
STOCK = "50x30"  # millimetres: a label of the roll

#: What Chromium needs to play a film as its camera, without asking anybody.
FLAGS = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")

#: Notes when each frame was taken, and when each outcome was said and painted.
WATCH = """
(([CELL, BITS]) => {
  const notes = window.notes = { frames: [], outcomes: [], scans: [] };
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [BITS + 2, 1];
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  const number = (video) => {
    pen.drawImage(video, 0, 0, CELL * (BITS + 2), CELL, 0, 0, BITS + 2, 1);
    const { data } = pen.getImageData(0, 0, BITS + 2, 1);
    if (data[0] < 160 || data[4] > 90) return -1;
    let found = 0;
    for (let bit = 0; bit < BITS; bit += 1) found = found * 2 + (data[(bit + 2) * 4] > 128 ? 1 : 0);
    return found;
  };
  document.addEventListener("scanned", (event) => notes.scans.push([event.detail.text, performance.now()]));
  document.addEventListener("DOMContentLoaded", () => {
    for (const video of document.querySelectorAll("video")) {
      const see = (now, { captureTime, presentationTime }) => {
        notes.frames.push([number(video), captureTime ?? presentationTime]);
        video.requestVideoFrameCallback(see);
      };
      video.requestVideoFrameCallback(see);
    }
    new MutationObserver(() => {
      const note = [document.querySelector("[data-outcome] .code").textContent, document.body.dataset.verdict, performance.now(), 0];
      notes.outcomes.push(note);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { note[3] = performance.now(); };
        port2.postMessage(0);
      });
    }).observe(document.body, { attributeFilter: ["data-outcomes"] });
  });
})
"""


#: Takes the place of the browser's cameras: a sheet that `show(url)` paints, and notes of what was asked of it.
CAMERA = """
(() => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [1280, 720];
  const pen = sheet.getContext("2d");
  const table = () => { pen.fillStyle = "#70746f"; pen.fillRect(0, 0, 1280, 720); };
  const state = window.camera = { asked: [], tracks: [], applied: [], locks: 0, shown: null };
  setInterval(() => { if (state.shown) pen.drawImage(state.shown, 0, 0); else table(); }, 33);
  window.show = async (url) => {
    const image = new Image();
    if (url) { image.src = url; await image.decode(); }
    state.shown = url ? image : null;
  };
  const devices = navigator.mediaDevices;
  devices.getUserMedia = async ({ video }) => {
    state.asked.push(video.deviceId?.exact ?? "");
    if (state.gone && state.gone === video.deviceId?.exact) throw new DOMException("", "OverconstrainedError");
    await new Promise((done) => setTimeout(done, 60));
    const stream = sheet.captureStream(30);
    const [track] = stream.getVideoTracks();
    track.getCapabilities = () => ({ torch: true, zoom: { min: 100, max: 1000, step: 10 } });
    track.getSettings = () => ({ deviceId: video.deviceId?.exact ?? "back", zoom: 100 });
    track.applyConstraints = async (wanted) => { state.applied.push(wanted.advanced[0]); };
    state.tracks.push(track);
    return stream;
  };
  devices.enumerateDevices = async () => ["wide", "back"].map((id) => ({ kind: "videoinput", deviceId: id, label: id }));
  navigator.wakeLock.request = async () => { state.locks += 1; return { release: async () => { state.locks -= 1; } }; };
  const start = OscillatorNode.prototype.start;
  state.tones = 0;
  OscillatorNode.prototype.start = function (...at) { state.tones += 1; start.apply(this, at); };
})()
"""


def watching() -> str:
    """Return the script that notes what a page shows and when, to be run before the page's own."""
    return f"({WATCH.strip()})([{CELL}, {BITS}])"


class Shot(NamedTuple):
    """What the camera sees for a number of frames."""

    picture: Image.Image
    frames: int


def labels(codes: Sequence[str], base: str, *, dpi: int = 203) -> list[Image.Image]:
    """Return device labels as a printer of this resolution sets them down: QR, bars and words."""
    wanted = [
        Label(code=code, url=f"{base}/T/{code}".upper(), make_model="Dell Latitude 5400") for code in codes
    ]
    document = pypdfium2.PdfDocument(sheet(wanted, stock=STOCK))
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def square(text: str, *, module: int = 6) -> Image.Image:
    """Return a QR alone, with its margin: a card, the label of a place, or something foreign."""
    drawing = any_code(text)
    side = drawing.width * module
    image = Image.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(image)
    for x, y, wide, high in boxes(drawing):
        pen.rectangle((x * module, y * module, (x + wide) * module - 1, (y + high) * module - 1), "black")
    return image


def held(*papers: Image.Image, angle: float = 0, size: int = 560) -> Image.Image:
    """Return what the camera sees of papers held side by side, each so many pixels wide, turned by degrees."""
    seen = Image.new("RGB", (WIDTH, HEIGHT), TABLE)
    for at, paper in enumerate(papers):
        piece = paper.resize((size, round(size * paper.height / paper.width)), Image.Resampling.BICUBIC)
        piece = piece.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
        x = round(WIDTH * (at + 0.5) / len(papers)) - piece.width // 2
        seen.paste(piece, (x, (HEIGHT - piece.height) // 2), piece)
    return seen


def nothing() -> Image.Image:
    """Return an empty table."""
    return Image.new("RGB", (WIDTH, HEIGHT), TABLE)


# What a hurried hand and a dark room do


def blurred(seen: Image.Image, *, pixels: float) -> Image.Image:
    return seen.filter(ImageFilter.GaussianBlur(pixels))


def dim(seen: Image.Image, *, light: float, drawn: random.Random) -> Image.Image:
    """Return it with so much of its light, and the noise of a cheap camera."""
    dark = seen.point(lambda value: round(value * light))
    grey = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), drawn.randbytes(WIDTH * HEIGHT // 4))
    noise = grey.point(lambda value: value * 16 // 256).resize(seen.size)  # a grain of two pixels
    return ImageChops.add(dark, Image.merge("RGB", (noise, noise, noise)))


def slanted(seen: Image.Image, *, by: float) -> Image.Image:
    """Return it seen from the side: the right edge is shorter by this share, and everything nearer to it smaller."""
    w, h = seen.size
    g = by / (1 - by) / w
    # The middle line stays where it is; what was at the right edge stays there, too.
    return seen.transform(
        seen.size, Image.Transform.PERSPECTIVE, (1 + g * w, 0, 0, g * h / 2, 1, 0, g, 0),
        Image.Resampling.BICUBIC, fillcolor=TABLE,
    )  # fmt: skip


def spotted(paper: Image.Image, *, share: float, drawn: random.Random) -> Image.Image:
    """Return a label with a round spot of this share of its QR, anywhere on the QR, in ink or torn off."""
    spoilt = paper.copy()
    side = paper.height * 0.6
    radius = side * (share / 3.1416) ** 0.5
    x, y = (drawn.uniform(radius, side - radius) + side * 0.06 for _axis in "xy")
    shade = drawn.choice(("black", "white"))
    ImageDraw.Draw(spoilt).ellipse((x - radius, y - radius, x + radius, y + radius), shade)
    return spoilt


# The film


def numbered(seen: Image.Image, number: int) -> Image.Image:
    """Return a frame with its number in the corner."""
    frame = seen.copy()
    pen = ImageDraw.Draw(frame)
    for cell, bright in enumerate("10" + format(number, f"0{BITS}b")):
        shade = "white" if bright == "1" else "black"
        pen.rectangle((cell * CELL, 0, (cell + 1) * CELL - 1, CELL - 1), shade)
    return frame


def film(shots: Iterable[Shot], path: Path, *, count: bool = False) -> Path:
    """Write a film, JPEG after JPEG; with `count` each frame carries its number."""
    number = 0
    with path.open("wb") as file:
        for shot in shots:
            once = b"" if count else jpeg(shot.picture)
            for _frame in range(shot.frames):
                file.write(once or jpeg(numbered(shot.picture, number)))
                number += 1
    return path


def jpeg(frame: Image.Image) -> bytes:
    out = io.BytesIO()
    frame.save(out, "JPEG", quality=85, subsampling="4:2:0")
    return out.getvalue()


def starts(shots: Sequence[Shot]) -> list[int]:
    """Return the number of the first frame of each shot."""
    found, number = [], 0
    for shot in shots:
        found.append(number)
        number += shot.frames
    return found


def png(picture: Image.Image) -> str:
    """Return a picture as an address for `src`."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
