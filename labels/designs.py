"""What each kind of label shows: its lines from the top, chosen from the fields that a label can have.

Nobody writes a template: a design is one of `DESIGNS`, with fewer fields if wanted (`Design.showing`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from labels.refusals import N_, PaperRefused

POINT = 72 / 25.4  # points in a millimetre
LINE = 1.2  # line height, of the size
PROGRAMME = "Sóng và máy tính cho em"


class Field(StrEnum):
    """What a line can show. `HEADING` is the job's; the others are fields of `labels.job.Label`."""

    HEADING = "heading"
    CODE = "code"
    MAKE_MODEL = "make_model"
    CATEGORY = "category"
    SERIAL = "serial"
    DONATION = "donation"
    TITLE = "title"
    DETAIL = "detail"


@dataclass(frozen=True)
class Row:
    """One line of a design: `size` in points on a label of 50 × 30, up to `rows` rows."""

    field: Field
    size: float
    bold: bool = False
    rows: int = 1
    before: str = ""


@dataclass(frozen=True)
class Design:
    """The lines of a kind of label, and whether its code also stands in bars."""

    name: str
    rows: tuple[Row, ...]
    bars: bool = False
    heading: str = PROGRAMME
    #: What the file of a job calls its labels.
    called: str = "Tem thiết bị"

    @property
    def height(self) -> float:
        """What all lines take in millimetres, at the sizes given."""
        return sum(row.size * row.rows for row in self.rows) * LINE / POINT

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields shown, from the top."""
        return tuple(row.field for row in self.rows)

    def showing(self, fields: Collection[str]) -> "Design":
        """Return the design with only these of its fields; its code always stands on it.

        Raises:
            PaperRefused: a field this design does not have.
        """
        unknown = set(fields) - set(self.fields)
        if unknown:
            raise PaperRefused(
                N_("A label of this kind cannot show “%(field)s”."), field=", ".join(sorted(unknown))[:60]
            )
        return replace(self, rows=tuple(row for row in self.rows if row.field in {*fields, Field.CODE}))


_HEADING = Row(Field.HEADING, 5.5)
_CODE = Row(Field.CODE, 13, bold=True)

#: All that can be said of a device; `DEVICE` shows what a hand needs.
EVERYTHING = Design(
    "device-full",
    (
        _HEADING,
        _CODE,
        Row(Field.MAKE_MODEL, 7, rows=2),
        Row(Field.CATEGORY, 6),
        Row(Field.SERIAL, 6, before="S/N: "),
        Row(Field.DONATION, 6, before="Tiếp nhận: "),
    ),
    bars=True,
)
DEVICE = replace(EVERYTHING.showing({"heading", "make_model", "donation"}), name="device")
SMALL = Design("device-small", (_CODE,))
CHARGER = Design(
    "charger",
    (Row(Field.HEADING, 6), Row(Field.CODE, 12, bold=True), Row(Field.MAKE_MODEL, 6, rows=2)),
    heading="Sạc của máy",
)
BOX = Design(
    "box",
    (_HEADING, Row(Field.TITLE, 16, bold=True), Row(Field.DETAIL, 7, rows=6)),
    called="Tem thùng",
)
PLACE = Design(
    "place",
    (Row(Field.HEADING, 6), Row(Field.TITLE, 16, bold=True, rows=2), Row(Field.DETAIL, 7, rows=2)),
    heading="Vị trí",
    called="Tem vị trí",
)
MODE = Design(
    "mode",
    (Row(Field.HEADING, 6), Row(Field.TITLE, 18, bold=True, rows=2), Row(Field.DETAIL, 7, rows=3)),
    heading="Thẻ thao tác",
    called="Thẻ thao tác",
)
BADGE = Design(
    "badge",
    (Row(Field.HEADING, 6), Row(Field.TITLE, 14, bold=True, rows=2), Row(Field.DETAIL, 7, rows=3)),
    heading="Thẻ người làm",
    called="Thẻ người làm",
)
BLANK = Design("blank", (_HEADING, _CODE), bars=True)

DESIGNS = {
    design.name: design for design in (DEVICE, EVERYTHING, SMALL, CHARGER, BOX, PLACE, MODE, BADGE, BLANK)
}
