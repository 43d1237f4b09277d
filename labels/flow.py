"""Labels laid out by WeasyPrint as HTML: the slow way, for text that needs shaping or another face."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from labels.codes import Drawing
from labels.designs import LINE
from labels.faces import FAMILIES
from labels.job import Job, Sticker
from labels.press import LOCK, lay_out, stylesheet, write


def flowed(job: Job) -> bytes:
    """Return the PDF of any job, with the same places as a stamped one."""
    drawings: dict[str, Drawing] = {}
    pages = [
        [_label(left, top, job, sticker, drawings) for left, top, sticker in page] for page in job.pages()
    ]
    html = _template().render(title=job.title, pages=pages)
    with LOCK:
        return write(lay_out(html, stylesheet(_css(job)), drawings))


@cache
def _template() -> Template:
    folder = Path(__file__).parent
    pages = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("sheet.html")


def _label(
    left: float, top: float, job: Job, sticker: Sticker, drawings: dict[str, Drawing]
) -> dict[str, Any]:
    places = job.plan
    number = len(drawings)
    wanted = [("qr", places.qr, places.module, sticker.qr)]
    if places.bars:
        wanted.append(("bars", places.bars, places.bar_module, sticker.bars))
    images = []
    for kind, box, module, drawing in wanted:
        address = f"code:{kind}/{number}"
        drawings[address] = drawing
        images.append((address, kind, _at(left + box.x, top + box.y, module * drawing.width, box.height)))
    text = f"left:{left + places.text.x:.4f}mm;top:{top + places.text.y:.4f}mm"
    return {"images": images, "text": text, "lines": sticker.lines}


def _at(left: float, top: float, width: float, height: float) -> str:
    return f"left:{left:.4f}mm;top:{top:.4f}mm;width:{width:.4f}mm;height:{height:.4f}mm"


def _css(job: Job) -> str:
    stock, text = job.stock, job.plan.text
    lines = {line.name: line for sticker in job.stickers for line in sticker.lines}
    rules = [
        f"@page {{ size: {stock.page_width}mm {stock.page_height}mm; margin: 0 }}",
        "body { margin: 0 }",
        # A hair less than the page, so that rounding never adds an empty one.
        f"section {{ position: relative; height: {stock.page_height - 0.1}mm; overflow: hidden }}",
        "section + section { break-before: page }",
        "img, div { position: absolute; overflow: hidden }",
        # Not kerned, as stamped text is not: what a line of one sticker needs does not change the others.
        f"div {{ width: {text.width}mm; height: {text.height}mm; font-family: {FAMILIES}; font-kerning: none }}",
        f"p {{ margin: 0; line-height: {LINE}; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }}",
    ]
    for line in lines.values():
        rules.append(f".{line.name} {{ font-weight: {700 if line.bold else 400} }}")
        if line.rows > 1:
            rules.append(
                f".{line.name} {{ white-space: normal; overflow-wrap: anywhere;"
                f" max-lines: {line.rows}; block-ellipsis: auto; max-height: {line.rows * LINE:.2f}em }}"
            )
    return "\n".join(rules)
