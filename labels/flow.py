"""Labels laid out by WeasyPrint as HTML: the slow way, for text that needs shaping or another face."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from labels.codes import Drawing
from labels.faces import FAMILIES
from labels.job import LINE, Job, Sticker
from labels.plan import Box
from labels.press import LOCK, lay_out, stylesheet, write


def flowed(job: Job) -> bytes:
    """Return the PDF of any job, with the same places as a stamped one."""
    drawings: dict[str, Drawing] = {}
    pages = [
        [_label(job, left, top, sticker, drawings) for left, top, sticker in page] for page in job.pages()
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
    job: Job, left: float, top: float, sticker: Sticker, drawings: dict[str, Drawing]
) -> dict[str, Any]:
    places = job.plan
    number = len(drawings)
    qr, bars = f"code:qr/{number}", f"code:bars/{number}"
    drawings[qr] = sticker.qr
    images = [(qr, "qr", _at(job, left, top, places.qr, places.module * sticker.qr.width))]
    if places.bars:
        drawings[bars] = sticker.bars
        width = places.bar_module * sticker.bars.width
        images.append((bars, "bars", _at(job, left, top, places.bars, width)))
    text = f"left:{left + places.text.x:.4f}mm;top:{top + places.text.y:.4f}mm"
    return {"images": images, "text": text, "lines": sticker.lines}


def _at(job: Job, left: float, top: float, box: Box, width: float) -> str:
    return (
        f"left:{job.snapped(left + box.x):.4f}mm;top:{job.snapped(top + box.y):.4f}mm;"
        f"width:{width:.4f}mm;height:{box.height:.4f}mm"
    )


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
        rules.append(
            f".{line.name} {{ font-size: {line.size:.2f}pt; font-weight: {700 if line.bold else 400} }}"
        )
        if line.rows > 1:
            rules.append(
                f".{line.name} {{ white-space: normal; overflow-wrap: anywhere;"
                f" max-lines: {line.rows}; block-ellipsis: auto; max-height: {line.rows * LINE:.2f}em }}"
            )
    return "\n".join(rules)
