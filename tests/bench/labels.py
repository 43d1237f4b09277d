"""What labels and records cost, in CPU time of one run, as multiples of what one writes first.

That is the two libraries' own SVG pictures in the `<img>` of a WeasyPrint page with all its defaults: the same
sheet, the same codes, the same texts.
"""

import base64
import io
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import qrcode
from barcode.codex import Code128
from barcode.writer import SVGWriter
from markupsafe import escape
from qrcode.image.svg import SvgPathImage
from weasyprint import HTML

from labels.codes import bars, url_code
from labels.designs import PROGRAMME
from labels.job import Label, ready
from labels.press import Press
from labels.sheets import MOST_LABELS, sheet
from labels.stock import find
from labels.text import grouped
from tests.labels.makers import a_record, some_items, some_labels

STOCK = find("L7160")
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: str
    ratio: float | None
    target: str


def cpu(run: Callable[[], object], rounds: int) -> float:
    """Return the CPU seconds of one run, the median of several rounds after a first."""
    run()
    taken = []
    for _round in range(rounds):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def picture(svg: bytes) -> str:
    """Return an SVG as an address for `src`."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def library_sheet(labels: list[Label]) -> bytes:
    """Return the sheet as one writes it first."""
    plan = ready(labels, stock=STOCK, dpi=203).plan
    pages = []
    for start in range(0, len(labels), STOCK.count):
        stickers = [library_label(at, label) for at, label in enumerate(labels[start : start + STOCK.count])]
        pages.append(f"<section>{''.join(stickers)}</section>")
    css = f"""
        @page {{ size: A4; margin: 0 }} body {{ margin: 0; font: 9pt "Noto Sans", "DejaVu Sans" }}
        section {{ position: relative; height: 296.9mm; overflow: hidden }}
        .label {{ position: absolute; width: {STOCK.label_width}mm; height: {STOCK.label_height}mm; overflow: hidden }}
        img, p {{ position: absolute; margin: 0 }} p {{ left: {plan.text.x}mm; white-space: nowrap }}
        .qr {{ width: {plan.qr.width}mm }} .bars {{ width: 46mm; height: 8mm; top: {plan.qr.width}mm }}
    """
    return bytes(HTML(string=f"<style>{css}</style>{''.join(pages)}").write_pdf())


def library_label(at: int, label: Label) -> str:
    """Return one label with the two libraries' own pictures."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(label.url)
    code.make()
    square, strip = io.BytesIO(), io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(square)
    Code128(label.code, writer=SVGWriter()).write(strip, {"write_text": False})
    left, top = STOCK.corner(at)
    lines = (PROGRAMME, grouped(label.code), label.make_model, f"Tiếp nhận: {label.donation}")
    words = "".join(f'<p style="top:{4 * row}mm">{escape(line)}</p>' for row, line in enumerate(lines))
    return (
        f'<div class="label" style="left:{left}mm;top:{top}mm"><img class="qr" src="{picture(square.getvalue())}">'
        f'<img class="bars" src="{picture(strip.getvalue())}">{words}</div>'
    )


def library_codes(labels: list[Label]) -> None:
    """Compute the QR of each label as the library does by itself."""
    for label in labels:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
        code.add_data(label.url)
        code.make()


def our_codes(labels: list[Label]) -> None:
    """Compute and draw both codes of each label."""
    for label in labels:
        url_code(label.url)
        bars(label.code)


def figures() -> list[Figure]:
    """Measure everything in this process, one thing after the other."""
    labels = some_labels(240)
    found = [code_figure(labels)]
    for count, rounds in ((24, 3), (240, 1)):
        slow = cpu(partial(library_sheet, labels[:count]), rounds)
        fast = cpu(partial(sheet, labels[:count], stock=STOCK), 7)
        value = f"{fast * 1e3:.1f} ms, libraries' pictures {slow:.2f} s"
        found.append(Figure(f"{count} labels", value, slow / fast, "at least 10 ×"))
        if count == 240:
            odd = [Label(code=one.code, url=one.url, make_model=one.make_model + " 电") for one in labels]
            flowed = cpu(partial(sheet, odd, stock=STOCK), 1)
            value = f"{flowed:.2f} s, {slow / flowed:.1f} × the libraries' pictures"
            found.append(Figure("240 labels with text that needs shaping", value, None, ""))
    for count, rounds in ((2_400, 3), (MOST_LABELS, 1)):
        many = some_labels(count)
        taken, written = cpu(partial(sheet, many, stock=STOCK), rounds), len(sheet(many, stock=STOCK))
        value = f"{taken:.2f} s, {count / taken:,.0f} a second, {written / count:.0f} bytes each"
        found.append(Figure(f"{count:,} labels", value, None, "at least 10,000 a second, at most 360 bytes"))
    press = Press(TEMPLATES)
    for count, target in ((1, "at most 80 ms"), (40, "at most 250 ms")):
        record = a_record(items=some_items(count, pupils=True))
        taken = cpu(partial(press.handover_record, record), 5)
        found.append(Figure(f"a handover record of {count}", f"{taken * 1e3:.0f} ms", None, target))
    return found


def code_figure(labels: list[Label]) -> Figure:
    """Measure the two codes of a label against the library's QR alone."""
    library = cpu(partial(library_codes, labels[:60]), 3) / 60
    ours = cpu(partial(our_codes, labels), 7) / len(labels)
    value = f"{ours * 1e6:.0f} µs, library's QR alone {library * 1e6:,.0f} µs"
    return Figure("both codes of a label, drawn", value, library / ours, "at least 20 ×")


def main() -> None:
    """Print the figures."""
    for name, value, ratio, target in figures():
        print(f"{name:<42} {value:<46} {f'{ratio:.1f} ×' if ratio else '':>9}  {target}")


if __name__ == "__main__":
    main()
