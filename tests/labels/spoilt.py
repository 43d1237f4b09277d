"""Ways to spoil a finished PDF of labels, and the job it was made of."""

import io

import pikepdf

from labels.job import Placing, ready
from labels.stock import find
from tests.labels.makers import opened

POINT = 72 / 25.4


def a_job(labels, *, stock="L7160", dpi=203, **values):
    return ready(labels, stock=find(stock), dpi=dpi, placing=Placing(**values))


def saved(pdf, **how):
    kept = io.BytesIO()
    pdf.save(kept, **how)
    return kept.getvalue()


def painted(pdf, operators, *, page=0):
    """The PDF with something drawn over a page; `operators` are in millimetres from its top left corner."""
    with opened(pdf) as document:
        height = float(document.pages[page].mediabox[3])
        turned = f"q {POINT} 0 0 {-POINT} 0 {height} cm {operators} Q"
        document.pages[page].contents_add(document.make_stream(turned.encode()))
        return saved(document)


def place(job, number, box):
    """Where a box of a label of the first sheet is."""
    left, top, _ = next(iter(job.pages()))[number]
    return job.snapped(left + box.x), job.snapped(top + box.y)


def cut(pdf, document):
    return pdf[: len(pdf) * 2 // 3]


def cut_a_little(pdf, document):
    return pdf[:-30]


def no_pdf(pdf, document):
    return b"<html>" + pdf[:1000]


def nothing(pdf, document):
    return b""


def locked(pdf, document):
    return saved(document, encryption=pikepdf.Encryption(user="mở", owner="khoá"))


def locked_for_printing(pdf, document):
    return saved(document, encryption=pikepdf.Encryption(user="", owner="khoá"))


def a_sheet_missing(pdf, document):
    del document.pages[1]
    return saved(document)


def a_sheet_too_many(pdf, document):
    document.pages.append(document.pages[0])
    return saved(document)


def turned(pdf, document):
    document.pages[1].rotate(90, relative=False)
    return saved(document)


def another_size(pdf, document):
    document.pages[1].mediabox = [0, 0, 612, 792]
    return saved(document)


def a_sheet_of_nothing(pdf, document):
    document.Root.Pages.Kids[1] = pikepdf.Dictionary(Type=pikepdf.Name.Catalog)
    return saved(document)
