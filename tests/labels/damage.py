"""Harm done to printed labels, and how many codes zxing-cpp still reads: `python -m tests.labels.damage`.

A label is drawn from its PDF at the printer's dpi and harmed in measures of its own modules, from a seed made of
what is done. It is then photographed: sampled at so many pixels a module, a little blurred, with noise. The results
are in docs/reading-labels.md.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from labels.codes import BARS_QUIET
from labels.job import ready
from labels.reading import CODE_128, QR, Paper, View
from labels.refusals import UnreadableStock
from labels.sample import placed
from labels.sheets import sheet
from labels.squares import QUIET
from labels.stock import known
from tests.labels.makers import some_labels

DPIS = (203, 300)
ROUNDS = 5  # with four labels of a stock: twenty reads
PAPER, NOISE = 235, 6


@dataclass(frozen=True)
class Code:
    """A printed code with its quiet zone: pixels, how many of them a module has, and what it says."""

    image: Image.Image
    module: float
    says: str
    kind: zxingcpp.BarcodeFormat

    @property
    def ink(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the symbol itself."""
        if self.kind == CODE_128:
            white = BARS_QUIET * self.module
            return white, 0, self.image.width - white, self.image.height
        white = QUIET * self.module
        return white, white, self.image.width - white, self.image.height - white


Harm = Callable[[Code, random.Random], Image.Image]


@cache
def printed(stock_name: str, dpi: int) -> tuple[Code, ...]:
    """Return the QR and the bars of some labels as the printer of `dpi` prints them."""
    (stock,) = (stock for stock in known() if stock.name == stock_name)
    labels = some_labels(4)
    job = ready(labels, stock=stock, dpi=dpi)
    fine = dpi / 25.4
    codes = []
    with Paper(sheet(labels, stock=stock, dpi=dpi)) as paper:
        for one in placed(job):
            label = labels[one.label]
            for box, module, says, kind in (
                (job.plan.qr, job.plan.module, label.url, QR),
                (job.plan.bars, job.plan.bar_module, label.code, CODE_128),
            ):
                if box:
                    left, top = job.snapped(one.left + box.x), job.snapped(one.top + box.y)
                    size = round(box.width * fine), round(box.height * fine)
                    (dots,) = paper.seen(one.sheet, [View(left, top, fine, fine, *size)])
                    image = Image.frombytes("L", size, dots.pixels).point(lambda shade: 255 * (shade > 127))
                    codes.append(Code(image, round(module * fine), says, kind))
    return tuple(codes)


def fitting() -> Iterator[tuple[str, int]]:
    """Yield every stock and dpi that carries a code."""
    for stock in known():
        for dpi in DPIS:
            try:
                ready(some_labels(1), stock=stock, dpi=dpi)
            except UnreadableStock:
                continue
            yield stock.name, dpi


def unharmed(code: Code, drawn: random.Random) -> Image.Image:
    return code.image


def blob(code: Code, drawn: random.Random, *, share: float, shade: int, corners: bool) -> Image.Image:
    """A round spot over a share of the symbol; without `corners` it keeps off the three finder patterns."""
    left, top, right, bottom = code.ink
    across, down = right - left, bottom - top
    radius = math.sqrt(share * across * down / math.pi)
    while True:
        x = drawn.uniform(left + min(radius, across / 2), right - min(radius, across / 2))
        y = drawn.uniform(top + min(radius, down / 2), bottom - min(radius, down / 2))
        if corners or not _touches(code, x, y, radius):
            break
    harmed = code.image.copy()
    ImageDraw.Draw(harmed).ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    return harmed


def _touches(code: Code, x: float, y: float, radius: float) -> bool:
    if code.kind == CODE_128:
        return False
    left, top, right, bottom = code.ink
    finder = 7.5 * code.module
    for near_x, near_y in ((left, top), (right - finder, top), (left, bottom - finder)):
        away_x = max(near_x - x, 0, x - near_x - finder)
        away_y = max(near_y - y, 0, y - near_y - finder)
        if math.hypot(away_x, away_y) < radius:
            return True
    return False


def scratches(code: Code, drawn: random.Random, *, count: int, shade: int) -> Image.Image:
    """Straight scratches from edge to edge, half a module wide."""
    harmed = code.image.copy()
    pen = ImageDraw.Draw(harmed)
    for _ in range(count):
        start = (drawn.uniform(0, harmed.width), 0)
        end = (drawn.uniform(0, harmed.width), harmed.height)
        if drawn.random() < 0.5 and code.kind == QR:
            start, end = start[::-1], end[::-1]
        pen.line((*start, *end), fill=shade, width=max(1, round(code.module / 2)))
    return harmed


def faded(code: Code, drawn: random.Random, *, ink: int, paper: int) -> Image.Image:
    """Ink and paper of nearly the same shade, 0 to 255."""
    return code.image.point(lambda shade: ink + shade * (paper - ink) // 255)


def blurred(code: Code, drawn: random.Random, *, modules: float) -> Image.Image:
    """Out of focus, or bled: a Gaussian of so many modules."""
    white = Image.new("L", (code.image.width + 40, code.image.height + 40), 255)
    white.paste(code.image, (20, 20))
    return white.filter(ImageFilter.GaussianBlur(modules * code.module))


def bled(code: Code, drawn: random.Random) -> Image.Image:
    """Every black dot runs into the next, to the right and below."""
    across = ImageChops.darker(code.image, ImageChops.offset(code.image, 1, 0))
    return ImageChops.darker(across, ImageChops.offset(across, 0, 1))


def photographed(image: Image.Image, code: Code, drawn: random.Random, *, pixels: float) -> Image.Image:
    """A camera's picture: `pixels` a module, off the printer's grid, a little unsharp, with noise."""
    scale = pixels / code.module
    paper = image.getpixel((0, 0))
    room = round(6 * code.module)
    wide = Image.new("L", (image.width + 2 * room, image.height + 2 * room), paper)
    wide.paste(image, (room, room))
    size = (round(wide.width * scale), round(wide.height * scale))
    shift = (drawn.random() / scale, drawn.random() / scale)
    seen = wide.resize(size, Image.Resampling.BOX, box=(*shift, wide.width - 1, wide.height - 1))
    seen = seen.filter(ImageFilter.GaussianBlur(0.5)).point(lambda shade: shade * PAPER // 255)
    noise = Image.frombytes("L", size, drawn.randbytes(size[0] * size[1]))
    noise = noise.point(lambda byte: 128 + (byte - 128) * NOISE // 128)
    return ImageChops.add(seen, noise, offset=-128)


def read(image: Image.Image, code: Code) -> bool:
    """Answer whether the code is read, and nothing else."""
    found = zxingcpp.read_barcodes(image, formats=code.kind)
    return [one.text for one in found] == [code.says]


def rate(name: str, harm: Harm, codes: Sequence[Code], *, pixels: float = 4, rounds: int = ROUNDS) -> float:
    """Return the share of codes that are read after a harm, each harmed in so many ways."""
    good = 0
    for at in range(rounds):
        for number, code in enumerate(codes):
            drawn = random.Random(f"{name} {at} {number} {code.says} {code.module}")
            good += read(photographed(harm(code, drawn), code, drawn, pixels=pixels), code)
    return good / (rounds * len(codes))
