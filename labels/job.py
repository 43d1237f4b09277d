"""A job of labels: what each says, drawn and cut to size, and where on the paper it goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labels.codes import Drawing, bars, url_code, url_version
from labels.faces import kept
from labels.plan import Plan, dot, plan
from labels.stock import Stock
from labels.text import grouped, tidy

LONGEST_TEXT = 120  # characters; no label shows as many
POINT = 72 / 25.4  # points in a millimetre
LINE = 1.2  # line height, of the size


@dataclass(frozen=True, kw_only=True)
class DeviceLabel:
    """What one sticker says: `url`, an address in capitals, in the QR; `code` in the bars and in clear.

    `make_model` takes up to two rows and `donation` one; what does not fit ends in “…”.
    """

    code: str
    url: str
    make_model: str = ""
    donation: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a label's text: `size` in points, up to `rows` rows."""

    name: str
    text: str
    size: float
    bold: bool = False
    rows: int = 1


@dataclass(frozen=True)
class Sticker:
    """One label, ready: its two codes and its lines from the top."""

    qr: Drawing
    bars: Drawing
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Job:
    """All labels of one job, on one stock, with one plan."""

    stock: Stock
    dpi: int
    plan: Plan
    stickers: tuple[Sticker, ...]
    skip: int
    shift: tuple[float, float]
    title: str

    def pages(self) -> Iterator[list[tuple[float, float, Sticker]]]:
        """Yield each page: its stickers with the left and the top of their labels."""
        count = self.stock.count
        corners = [self.stock.corner(slot) for slot in range(count)]
        placed = range(self.skip, self.skip + len(self.stickers))
        for start in range(0, placed.stop, count):
            yield [
                (
                    corners[slot - start][0] + self.shift[0],
                    corners[slot - start][1] + self.shift[1],
                    self.stickers[slot - self.skip],
                )
                for slot in range(max(start, self.skip), min(start + count, placed.stop))
            ]

    def snapped(self, length: float) -> float:
        """Return `length` from the paper's edge moved to the nearest printer's dot."""
        return round(length / dot(self.dpi)) * dot(self.dpi)


def ready(
    labels: Sequence[DeviceLabel],
    *,
    stock: Stock,
    dpi: int,
    skip: int = 0,
    shift: tuple[float, float] = (0.0, 0.0),
    heading: str = "",
) -> Job:
    """Draw the codes of all labels and cut their texts to size.

    Raises:
        UnreadableCode, UnreadableStock: see `labels.codes` and `labels.plan`.
    """
    version = max(url_version(label.url) for label in labels)
    codes = [(url_code(label.url, version), bars(label.code)) for label in labels]
    places = plan(stock, dpi, codes[0][0].width, max(drawn.width for _, drawn in codes))
    clear = _clear_size([label.code for label in labels], places)
    head = _heading(tidy(heading), places)
    stickers = tuple(
        Sticker(qr, drawn, (*head, *_lines(label, clear, places.scale)))
        for label, (qr, drawn) in zip(labels, codes, strict=True)
    )
    title = f"Tem thiết bị, {len(labels)} tem {stock.name}"
    return Job(stock, dpi, places, stickers, skip, shift, title)


def _clear_size(codes: list[str], places: Plan) -> float:
    face = kept().bold
    widest = max(face.width(grouped(code)) for code in codes)
    return min(13 * places.scale, places.text.width * POINT / widest)


def _heading(heading: str, places: Plan) -> tuple[Line, ...]:
    size = max(5.0, 5.5 * places.scale)
    fits = kept().regular.width(heading) * size <= places.text.width * POINT
    return (Line("heading", heading, size),) if heading and fits else ()


def _lines(label: DeviceLabel, clear: float, scale: float) -> Iterator[Line]:
    yield Line("code", grouped(label.code), clear, bold=True)
    model = tidy(label.make_model[: 4 * LONGEST_TEXT])[:LONGEST_TEXT]
    if model:
        yield Line("model", model, 7 * scale, rows=2)
    donation = tidy(label.donation[: 4 * LONGEST_TEXT])[:LONGEST_TEXT]
    if donation:
        yield Line("donation", f"Tiếp nhận: {donation}", 6 * scale)
