"""What the labels of devices say. Labels are Vietnamese, whatever language the reader has chosen."""

from typing import Any

from sqlalchemy import Row

from labels.job import Label
from tracker.custody.codes import url
from tracker.custody.facts import Category

CATEGORIES = {
    Category.DESKTOP: "Máy tính để bàn",
    Category.LAPTOP: "Máy tính xách tay",
    Category.TABLET: "Máy tính bảng",
    Category.PHONE: "Điện thoại",
    Category.OTHER: "Thiết bị khác",
}


def label_of(row: Row[Any], *, base: str, donation: str) -> Label:
    """Return what the label of a device says: `row` has its code, make, model, category and serial."""
    return Label(
        code=row.code,
        url=url(base, row.code),
        make_model=f"{row.make} {row.model}".strip(),
        category=CATEGORIES[Category(row.category)],
        serial=row.serial,
        donation=donation,
    )
