"""Sheets of labels by other tools than ours, as each one's manual shows. See `tests.bench.rivals`."""

import importlib
import io
import subprocess
from collections.abc import Iterable
from functools import cache

import qrcode
from barcode.codex import Code128
from barcode.writer import SVGWriter
from markupsafe import escape

from labels.codes import Drawing, bars
from labels.designs import LINE, POINT
from labels.faces import FAMILIES, kept
from labels.job import Job, Sticker
from labels.press import lay_out, stylesheet, write
from labels.stamp import BASELINE
from tests.labels.makers import boxes


@cache
def font(weight: str) -> str:
    """Return the file of the face that WeasyPrint takes."""
    asked = ["fc-match", "-f", "%{file}", f"Noto Sans:{weight}"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout


def texts(job: Job, sticker: Sticker) -> Iterable[tuple[str, float, bool, float]]:
    """Yield the lines of a label with their size, their weight and their baseline under its top, in points."""
    down = job.plan.text.y * POINT
    for line in sticker.lines:
        face, width = kept().face(line.bold), job.plan.text.width * POINT
        rows = face.rows(line.text, width / line.size, line.rows) if line.name != "code" else [line.text]
        for row in rows:
            yield row, line.size, line.bold, down + BASELINE * line.size
            down += LINE * line.size


def with_reportlab(job: Job) -> bytes:
    """Draw the sheets by reportlab: its QR widget and its Code 128."""
    canvas, qr, graphics, code128, metrics, ttf = (
        importlib.import_module(f"reportlab.{name}")
        for name in (
            "pdfgen.canvas",
            "graphics.barcode.qr",
            "graphics.shapes",
            "graphics.barcode.code128",
            "pdfbase.pdfmetrics",
            "pdfbase.ttfonts",
        )
    )
    render = importlib.import_module("reportlab.graphics.renderPDF")
    for weight in ("regular", "bold"):
        metrics.registerFont(ttf.TTFont(weight, font(weight)))
    plan, height, out = job.plan, job.stock.page_height * POINT, io.BytesIO()
    pen = canvas.Canvas(out, pagesize=(job.stock.page_width * POINT, height), pageCompression=1)
    assert plan.bars
    for page in job.pages():
        for left, top, sticker in page:
            x, y, side = left * POINT, height - top * POINT, plan.qr.width * POINT
            widget = qr.QrCodeWidget(sticker.url, barLevel="Q", barWidth=side, barHeight=side)
            drawing = graphics.Drawing(side, side)
            drawing.add(widget)
            render.draw(drawing, pen, x + plan.qr.x * POINT, y - plan.qr.y * POINT - side)
            strip = code128.Code128(
                sticker.code, barWidth=plan.bar_module * POINT, barHeight=plan.bars.height * POINT
            )
            strip.drawOn(pen, x + plan.bars.x * POINT, y - (plan.bars.y + plan.bars.height) * POINT)
            for row, size, bold, down in texts(job, sticker):
                pen.setFont("bold" if bold else "regular", size)
                pen.drawString(x + plan.text.x * POINT, y - down, row)
        pen.showPage()
    pen.save()
    return out.getvalue()


def with_fpdf2(job: Job) -> bytes:
    """Draw the sheets by fpdf2, which has no widget for either code: its manual takes the libraries' pictures."""
    fpdf = importlib.import_module("fpdf")
    pdf, plan = fpdf.FPDF(unit="mm", format=(job.stock.page_width, job.stock.page_height)), job.plan
    pdf.set_auto_page_break(False)
    for weight in ("regular", "bold"):
        pdf.add_font(weight, fname=font(weight))
    assert plan.bars
    for page in job.pages():
        pdf.add_page()
        for left, top, sticker in page:
            code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
            code.add_data(sticker.url)
            image = code.make_image().get_image()
            pdf.image(image, x=left + plan.qr.x, y=top + plan.qr.y, w=plan.qr.width)
            strip = io.BytesIO()
            Code128(sticker.code, writer=SVGWriter()).write(strip, {"write_text": False})
            pdf.image(strip, x=left + plan.bars.x, y=top + plan.bars.y, w=plan.bars.width, h=plan.bars.height)
            for row, size, bold, down in texts(job, sticker):
                pdf.set_font("bold" if bold else "regular", size=size)
                pdf.text(left + plan.text.x, top + down / POINT, row)
    return bytes(pdf.output())


def svg(drawing: Drawing, tall: int = 1) -> str:
    """Return a drawing as SVG."""
    path = "".join(f"M{x} {y * tall}h{wide}v{high * tall}h-{wide}z" for x, y, wide, high in boxes(drawing))
    size = f"0 0 {drawing.width} {drawing.height * tall}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}"><path d="{path}"/></svg>'


def typst_source(job: Job) -> bytes:
    """Return the sheets in typst's language, with the codes as SVG images."""
    plan = job.plan
    assert plan.bars
    found = [
        f"#set page(width: {job.stock.page_width}mm, height: {job.stock.page_height}mm, margin: 0mm)\n",
        '#set text(font: "Noto Sans", top-edge: "baseline")\n',
        "#let at(x, y, it) = place(top + left, dx: x, dy: y, it)\n",
    ]
    for number, page in enumerate(job.pages()):
        found.append("#pagebreak()\n" if number else "")
        for left, top, sticker in page:
            strip = svg(bars(sticker.code), 24).replace("<svg", '<svg preserveAspectRatio="none"')
            for box, drawn in ((plan.qr, svg(sticker.qr)), (plan.bars, strip)):
                quoted = drawn.replace('"', '\\"')
                size = f'width: {box.width}mm, height: {box.height}mm, fit: "stretch"'
                found.append(
                    f"#at({left + box.x:.4f}mm, {top + box.y:.4f}mm,"
                    f' image(bytes("{quoted}"), format: "svg", {size}))\n'
                )
            for row, size, bold, down in texts(job, sticker):
                found.append(
                    f"#at({left + plan.text.x:.4f}mm, {top + down / POINT:.4f}mm, text({size:.2f}pt,"
                    f' weight: {700 if bold else 400}, "{row}"))\n'
                )
    return "".join(found).encode()


def with_html(job: Job) -> bytes:
    """Lay the sheets out in HTML, the fastest way that is known here."""
    stock, plan = job.stock, job.plan
    assert plan.bars
    drawings: dict[str, Drawing] = {}
    pages = []
    for page in job.pages():
        for at, (_left, _top, sticker) in enumerate(page):
            drawings |= {f"code:q/{sticker.code}": sticker.qr, f"code:b/{sticker.code}": sticker.bars}
            bold, rest = sticker.lines[1].text, [line for line in sticker.lines if line.name != "code"]
            words = "\n".join(str(escape(line.text)) for line in rest[1:])
            pages.append(
                f'<div class="{"first " if not at else ""}label"><img class=qr src="code:q/{sticker.code}">'
                f"<p>{escape(rest[0].text)}\n<b>{bold}</b>\n{words}</p>"
                f'<img class=bars src="code:b/{sticker.code}"></div>'
            )
    css = f"""
        @page {{ size: {stock.page_width}mm {stock.page_height}mm;
            margin: {stock.top}mm 0 0 {stock.left}mm }} body {{ margin: 0; width: {stock.page_width}mm }}
        .label {{ float: left; width: {stock.label_width}mm; height: {stock.label_height}mm; overflow: hidden;
            margin-right: {stock.pitch_x - stock.label_width:.4f}mm }}
        .first {{ break-before: page }} img {{ display: block; float: left }}
        .qr {{ width: {plan.qr.width}mm; height: {plan.qr.width}mm }} b {{ font-size: 13pt }}
        .bars {{ width: {plan.bars.width}mm; height: {plan.bars.height}mm }}
        p {{ float: left; width: {plan.text.width}mm; height: {plan.qr.width}mm; margin: 0;
            font: 7.5pt {FAMILIES}; white-space: pre; overflow: hidden }}
    """
    return write(lay_out("".join(pages), stylesheet(css), drawings))
