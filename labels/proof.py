"""Proof before print: a finished PDF is drawn again, and every code on it must say what its label says.

Nothing but the bytes of the PDF is looked at: `labels.reading` draws each code from them. Codes are drawn with one
pixel to a module, coarser than any printer prints them, and yet show the finest faults: the pixels stand on the modules, and
PDFium makes each as dark as its ink covers it, so that whatever is a quarter of a dot too wide, too short or out of place turns
one grey. A code that is not clean then is drawn again, a pixel for each of the printer's dots, and that decides: PDFium cuts what
has a frame (`labels.flow`) at whole pixels, and a pixel over the bars may be a millimetre tall.

Large jobs are sampled. To open a sheet of 21 costs as much as to read a dozen labels, so a sample reads about five labels of
each sheet it opens, other places each time: `labels.sample`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from labels.codes import bars_width
from labels.job import Job
from labels.plan import Box, dot
from labels.reading import CODE_128, QR, Paper, Picture, Read, View, read_bars, read_qr
from labels.refusals import N_, NotReadable
from labels.sample import Placed, chosen, placed
from labels.sheets import printed
from labels.stock import Stock

SAMPLE = 200  # labels; up to here all are read
PIXELS = 1  # a module
ROWS = 6  # in which the bars are looked at; all must say the same
FURTHEST = 0.05  # mm that a sheet may differ from its stock: points have decimals

Kind = Literal["QR", "bars"]


@dataclass(frozen=True, kw_only=True)
class Misread:
    """A code that does not say what it should, or is not clean. Sheet, row, column and label count from 1.

    `read` is empty where nothing was read, and what was `expected` where something else is in the way.
    """

    label: int
    sheet: int
    row: int
    column: int
    kind: Kind
    expected: str
    read: str


@dataclass(frozen=True)
class Proof:
    """How many labels there are, how many were read, and which of their codes are wrong."""

    labels: int
    read: int
    failed: tuple[Misread, ...] = ()

    def __str__(self) -> str:
        return f"{self.read:,} of {self.labels:,} read"


class _Code(NamedTuple):
    of: Placed
    kind: Kind
    expected: str
    view: View
    module: int


def proof(job: Job, pdf: bytes, *, sample: int = SAMPLE, as_printed: bool = False) -> Proof:
    """Read back the codes of a job's finished PDF, of a sample where there are more labels than `sample`.

    With `as_printed` a pixel is a printer's dot.

    Raises:
        NotReadable: the file cannot be opened, or has other sheets than the job; codes that are wrong do not raise.
    """
    every = placed(job)
    picked = chosen(every, sample)
    failed: list[Misread] = []
    with Paper(pdf) as paper:
        _same_sheets(job.stock, every[-1].sheet + 1, paper)
        for number, group in groupby(picked, key=lambda one: one.sheet):
            codes = [code for one in group for code in _codes(job, one, as_printed)]
            pictures = paper.seen(number, [code.view for code in codes])
            doubtful = [code for code, seen in zip(codes, pictures, strict=True) if not _says_it(code, seen)]
            failed += _misread(job, doubtful, paper)
    return Proof(len(every), len(picked), tuple(failed))


def proved(job: Job, *, sample: int = SAMPLE) -> tuple[bytes, Proof]:
    """Print a job and read it back.

    Raises:
        NotReadable: see `proof`, or a code is wrong; the sentence names the first, and nothing is to be offered.
    """
    pdf = printed(job)
    return pdf, approved(proof(job, pdf, sample=sample))


def approved(found: Proof) -> Proof:
    """Return a proof in which no code is wrong.

    Raises:
        NotReadable: one is.
    """
    if not found.failed:
        return found
    first = found.failed[0]
    sentence = _SENTENCES["" if not first.read else "same" if first.read == first.expected else "other"]
    raise NotReadable(
        sentence,
        failed=len({misread.label for misread in found.failed}),
        looked=found.read,
        sheet=first.sheet,
        row=first.row,
        column=first.column,
        expected=first.expected,
        **({"read": first.read} if first.read != first.expected else {}),
    )


_SENTENCES = {
    "": N_(
        "%(failed)s of %(looked)s labels that were looked at do not read back, so none is offered. The first: row "
        "%(row)s, column %(column)s of sheet %(sheet)s should say “%(expected)s”, and nothing can be read there."
    ),
    "other": N_(
        "%(failed)s of %(looked)s labels that were looked at do not read back, so none is offered. The first: row "
        "%(row)s, column %(column)s of sheet %(sheet)s should say “%(expected)s”, and says “%(read)s”."
    ),
    "same": N_(
        "%(failed)s of %(looked)s labels that were looked at do not read back, so none is offered. The first: row "
        "%(row)s, column %(column)s of sheet %(sheet)s says “%(expected)s”, but something is in the way of it."
    ),
}


def _same_sheets(stock: Stock, expected: int, paper: Paper) -> None:
    sizes = paper.sizes()
    if len(sizes) != expected:
        raise NotReadable(
            N_("The file of the labels has %(sheets)s sheets and should have %(expected)s."),
            sheets=len(sizes),
            expected=expected,
        )
    for number, (width, height) in enumerate(sizes, 1):
        if max(abs(width - stock.page_width), abs(height - stock.page_height)) > FURTHEST:
            raise NotReadable(
                N_("Sheet %(sheet)s measures %(size)s mm and should measure %(expected)s mm."),
                sheet=number,
                size=f"{width:.1f} × {height:.1f}",
                expected=f"{stock.page_width:g} × {stock.page_height:g}",
            )


def _codes(job: Job, one: Placed, as_printed: bool) -> Iterator[_Code]:
    places, sticker, size = job.plan, one.sticker, dot(job.dpi)
    module = round(places.module / size) if as_printed else PIXELS
    left, top = _corner(job, one, places.qr)
    fine, side = module / places.module, round(places.qr.width / places.module) * module
    yield _Code(one, "QR", sticker.url, View(left, top, fine, fine, side, side, (1, 1)), module)
    if places.bars:
        module, rows = PIXELS, ROWS
        if as_printed:
            module, rows = round(places.bar_module / size), round(places.bars.height / size)
        left, top = _corner(job, one, places.bars)
        fine, wide = module / places.bar_module, bars_width(sticker.code) * module
        # Printer's dots move the bars by half of one, towards what stands over them.
        view = View(left, top, fine, rows / places.bars.height, wide, rows, (1, int(as_printed)))
        yield _Code(one, "bars", sticker.code, view, module)


def _corner(job: Job, one: Placed, box: Box) -> tuple[float, float]:
    return job.snapped(one.left + box.x), job.snapped(one.top + box.y)


def _read(code: _Code, picture: Picture) -> Read:
    if code.kind == "QR":
        return read_qr(picture, code.module)
    return read_bars(picture, code.module, code.view.edge[1])


def _says_it(code: _Code, picture: Picture) -> bool:
    read = _read(code, picture)
    return read.clean and read.text == code.expected


def _misread(job: Job, doubtful: list[_Code], paper: Paper) -> Iterator[Misread]:
    for one, group in groupby(doubtful, key=lambda code: code.of):
        kinds = {code.kind for code in group}
        codes = [code for code in _codes(job, one, True) if code.kind in kinds]
        pictures = paper.seen(one.sheet, [code.view for code in codes])
        for code, picture in zip(codes, pictures, strict=True):
            if not _says_it(code, picture):
                yield _named(job, code, picture)


def _named(job: Job, code: _Code, picture: Picture) -> Misread:
    one, found = code.of, picture.code(QR if code.kind == "QR" else CODE_128, alone=False)
    row, column = one.at(job)
    return Misread(
        label=one.label + 1,
        sheet=one.sheet + 1,
        row=row,
        column=column,
        kind=code.kind,
        expected=code.expected,
        read=found.text if found else "",
    )
