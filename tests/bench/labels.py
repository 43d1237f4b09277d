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
from labels.records import HandoverRecord
from labels.sheets import MOST_LABELS, sheet
from labels.stock import find
from labels.text import grouped
from tests.labels.makers import a_record, an_item, some_items, some_labels

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
    return found + record_figures()


def library_square(text: str) -> str:
    """Return an image of a QR as the library draws it."""
    square = io.BytesIO()
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(text)
    code.make()
    code.make_image(image_factory=SvgPathImage).save(square)
    return f'<img src="{picture(square.getvalue())}">'


def library_record(record: HandoverRecord) -> bytes:
    """Return a handover record as one writes it first: our style sheet, the library's pictures, all defaults."""
    css = (TEMPLATES / "paper" / "record.css").read_text(encoding="utf-8")
    css += ".listing img { width: 11mm; float: left } .foot img { width: 20mm }"
    head = "".join(f"<th>{column.title}</th>" for column in record.table.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td class=text>{escape(cell)}</td>' for cell in row.cells)}"
        f"<td>{library_square(row.code)}</td></tr>"
        for row in record.table.rows
    )
    parties = "".join(
        f"<p class=party>{escape(it.name)}</p><div class=of>{escape(it.address)}\n{escape(it.representative)}</div>"
        for it in (record.sender, record.receiver)
    )
    html = f"""<html lang="vi"><title>{escape(record.subject)}</title><style>{css}</style><body class=linked>
        <div class=foot>{library_square(record.link)}<p>{escape(record.number)}</div>
        <table class=head><tr><td class=left><p class=issuer>{escape(record.sender.name)}<td class=right>
        <p class=nation>Cộng hòa xã hội chủ nghĩa Việt Nam<p class=motto>Độc lập - Tự do - Hạnh phúc</table>
        <h1>Biên bản</h1><p class=subject>{escape(record.subject)}</p>{parties}
        <table class=listing><thead><tr>{head}<th></thead>{rows}</table>
        <p class=total>Tổng cộng: {len(record.items)} thiết bị</p><div class=end><table class=signatures>
        <tr><td>Bên giao<td>Bên nhận<tr class=names><td>{escape(record.sender.representative)}
        <td>{escape(record.receiver.representative)}</table>{library_square(record.checkpoint.note)}</div>"""
    return bytes(HTML(string=html).write_pdf())


def record_figures() -> list[Figure]:
    """Measure handover records of three lengths against those with the library's pictures."""
    press = Press(TEMPLATES)
    found, ours = [], {}
    for count, rounds, target in (
        (1, 9, "at most 80 ms, 3 ×"),
        (40, 7, "at most 250 ms, 3 ×"),
        (400, 3, "at most 2,500 ms, 3 ×"),
    ):
        record = a_record(items=some_items(count, pupils=True))
        fast = ours[count] = cpu(partial(press.handover_record, record), rounds)
        slow = cpu(partial(library_record, record), 3 if count < 400 else 1)
        value = f"{fast * 1e3:.0f} ms, library's pictures {slow * 1e3:,.0f} ms"
        found.append(Figure(f"a handover record of {count}", value, slow / fast, target))
    grows = (ours[400] - ours[40]) / (ours[40] - ours[1]) / (360 / 39)
    found.append(Figure("a row of 400, in rows of 40", f"{grows:.2f}", None, "at most 1 or so"))
    odd = some_items(39, pupils=True) + (an_item(model="Máy tính bảng 电"),)
    taken = cpu(partial(press.handover_record, a_record(items=odd)), 3)
    found.append(Figure("a record of 40 with text that needs shaping", f"{taken * 1e3:.0f} ms", None, ""))
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
