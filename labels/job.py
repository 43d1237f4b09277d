"""A job of labels: what each says, cut to size, and where on the paper it goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labels.codes import Drawing, bars, bars_width, url_code, url_version
from labels.designs import DEVICE, LINE, POINT, Design, Field, Row
from labels.faces import Face, kept
from labels.plan import Plan, dot, plan
from labels.stock import Stock
from labels.text import grouped, tidy

LONGEST_TEXT = 120  # characters; no label shows as many
#: Points, by the printer's dots an inch: below, the marks of ẵ and ẳ run together. What does not fit is left out.
SMALLEST = {203: 6.0, 300: 5.0, 600: 4.5}
FIXED_MODULES = (
    8  # of a QR beside its version: 21 modules at version 1, four more with each, and the quiet zone
)
WIDEST_CODE = 0.94  # of its column: a code that touches the edge looks cut off
SMALLEST_WORDS, STEP = 0.45, 0.94  # of its size, how far a title shrinks before it is cut, and in what steps
#: What should be read whole, and is made smaller for it: on all labels of the job, or on the one that needs it. The
#: rest may end in “…”.
WHOLE, WHOLE_ALONE = (Field.TITLE, Field.DETAIL), (Field.SERIAL, Field.DONATION)


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """What one label can say: `url`, an address in capitals, in the QR; `code` in the bars and in clear.

    The design chooses among the rest. What does not fit its rows ends in “…”.
    """

    url: str
    code: str = ""
    make_model: str = ""
    category: str = ""
    serial: str = ""
    donation: str = ""
    title: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label's text: `size` in points, up to `rows` rows; `plain` if the kept faces have all of it."""

    name: str
    text: str
    size: float
    bold: bool
    rows: int
    plain: bool


@dataclass(frozen=True, slots=True)
class Sticker:
    """One label, ready: its two codes, drawn when asked for, and its lines from the top.

    The first `alike` characters of the address are those of all labels of the job.
    """

    url: str
    code: str
    version: int
    alike: int
    lines: tuple[Line, ...]

    @property
    def qr(self) -> Drawing:
        """The QR of the address."""
        return url_code(self.url, self.version, self.alike)

    @property
    def bars(self) -> Drawing:
        """The code in bars."""
        return bars(self.code)


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How a job goes onto its paper.

    The first `skip` places stay empty; places are filled `by_column` or row by row. `shift` moves everything right
    and down by millimetres, and `stretch` moves places apart, to correct a printer.
    """

    skip: int = 0
    by_column: bool = False
    shift: tuple[float, float] = (0.0, 0.0)
    stretch: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class Job:
    """All labels of one job, on one stock, with one plan."""

    stock: Stock
    dpi: int
    plan: Plan
    stickers: tuple[Sticker, ...]
    placing: Placing
    title: str

    @property
    def sheets(self) -> int:
        """How many pages there are."""
        return -(-(self.placing.skip + len(self.stickers)) // self.stock.count)

    def pages(self) -> Iterator[list[tuple[float, float, Sticker]]]:
        """Yield each page: its stickers with the left and the top of their labels, moved to a printer's dot."""
        count, skip = self.stock.count, self.placing.skip
        corners = [self._corner(slot) for slot in range(count)]
        placed = range(skip, skip + len(self.stickers))
        for start in range(0, placed.stop, count):
            yield [
                (*corners[slot - start], self.stickers[slot - skip])
                for slot in range(max(start, skip), min(start + count, placed.stop))
            ]

    def _corner(self, slot: int) -> tuple[float, float]:
        left, top = self.stock.corner(slot, by_column=self.placing.by_column)
        (right, down), (wider, taller) = self.placing.shift, self.placing.stretch
        return self.snapped(left * wider + right), self.snapped(top * taller + down)

    def snapped(self, length: float) -> float:
        """Return `length` from the paper's edge moved to the nearest printer's dot."""
        return round(length / dot(self.dpi)) * dot(self.dpi)


def ready(
    labels: Sequence[Label],
    *,
    stock: Stock,
    dpi: int,
    design: Design = DEVICE,
    placing: Placing | None = None,
    heading: str | None = None,
) -> Job:
    """Cut the texts of all labels to size and place their codes. `heading` stands instead of the design's own.

    Raises:
        UnreadableCode, UnreadableStock: see `labels.codes` and `labels.plan`.
    """
    version = max(url_version(label.url) for label in labels)
    widest = max(bars_width(label.code) for label in labels) if design.bars else 0
    places = plan(stock, dpi, 4 * version + 17 + FIXED_MODULES, widest, design)
    lines = _Lines(design, places, design.heading if heading is None else heading, labels, SMALLEST[dpi])
    alike = _alike({label.url for label in labels})
    stickers = tuple(Sticker(label.url, label.code, version, alike, lines.of(label)) for label in labels)
    title = f"{design.called}, {len(labels)} tem {stock.name}"
    return Job(stock, dpi, places, stickers, placing or Placing(), title)


def _alike(urls: set[str]) -> int:
    """Return how many characters all addresses begin with, up to a slash, if all are equally long."""
    if len({len(url) for url in urls}) > 1:
        return 0
    first, last = min(urls), max(urls)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first) - 1)
    return first.rfind("/", 0, same) + 1


class _Lines:
    """Makes the lines of labels; labels that say the same share a line."""

    def __init__(
        self, design: Design, places: Plan, heading: str, labels: Sequence[Label], smallest: float
    ) -> None:
        self._faces, self._scale, self._smallest = kept(), places.scale, smallest
        self._width, self._height = places.text.width * POINT, places.text.height * POINT + 0.03
        self._heading = tidy(heading[: 4 * LONGEST_TEXT])
        self._rows = [(row, self._faces.face(row.bold), self._size(row, labels)) for row in design.rows]
        self._known: dict[tuple[int, str], tuple[Line, float] | None] = {}

    def of(self, label: Label) -> tuple[Line, ...]:
        """Return the lines of one label from the top; what is empty takes no line."""
        found, down = [], 0.0
        for at, (row, _face, size) in enumerate(self._rows):
            text = self._heading if row.field is Field.HEADING else getattr(label, row.field)
            if text and down + LINE * size <= self._height:
                key = at, text
                if key not in self._known:
                    self._known[key] = self._line(at, text)
                known = self._known[key]
                if known is not None:
                    found.append(known[0])
                    down += known[1]
        return tuple(found)

    def _line(self, at: int, text: str) -> tuple[Line, float] | None:
        """Return a line and its height in points, or nothing where there is nothing to show."""
        row, face, size = self._rows[at]
        text = row.before + self._cut(text) if row.field is not Field.CODE else grouped(text)
        if row.field in WHOLE_ALONE:
            size = max(size * self._shrunk(face, text, size, row.rows), self._smallest)
        if text == row.before or (row.field is Field.HEADING and face.width(text) * size > self._width):
            return None
        rows = len(face.rows(text, self._width / size, row.rows)) if row.field is not Field.CODE else 1
        return Line(row.field, text, size, row.bold, row.rows, face.has(text)), LINE * size * rows

    def _size(self, row: Row, labels: Sequence[Label]) -> float:
        """Return the size of a row in points, the same on all labels of the job."""
        size, face = row.size * self._scale, self._faces.face(row.bold)
        if row.field is Field.CODE:
            widest = max(face.width(grouped(label.code)) for label in labels)
            return min(size, WIDEST_CODE * self._width / widest) if widest else size
        size = max(size, self._smallest)
        if row.field in WHOLE:
            texts = {self._cut(getattr(label, row.field)) for label in labels}
            shrunk = size * min(self._shrunk(face, text, size, row.rows) for text in texts)
            return max(shrunk, self._smallest)
        return size

    def _shrunk(self, face: Face, text: str, size: float, rows: int) -> float:
        factor = 1.0
        while (
            factor > SMALLEST_WORDS and " ".join(face.rows(text, self._width / (size * factor), rows)) != text
        ):
            factor *= STEP
        return factor

    def _cut(self, text: str) -> str:
        return tidy(text[: 4 * LONGEST_TEXT])[:LONGEST_TEXT]
