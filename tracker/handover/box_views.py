"""Labels of the boxes of a handover: which of how many, to whom, with which record."""

from collections import Counter
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from labels.job import Label
from tracker.custody.facts import Category
from tracker.db import db
from tracker.handover import queries
from tracker.handover.rules import OUTSIDE, Line, number
from tracker.handover.views import SENDERS, bp
from tracker.people.permissions import allowed
from tracker.people.signed_in import me
from tracker.prints.devices import CATEGORIES
from tracker.prints.views import CARD, choices, print_now
from tracker.refused import Missing, Refused
from tracker.web import show
from tracker.web.language import translate
from tracker.web.once import once
from tracker.words import _

MOST_BOXES = 100


@bp.get("/handovers/<int:handover_id>/boxes")
@allowed(*SENDERS)
def boxes(handover_id: int) -> ResponseReturnValue:
    """Ask into how many boxes the devices of a sent handover went."""
    return _form(_sent(handover_id))


def _form(row: Row[Any], wrong: dict[str, str] | None = None) -> str:
    return show(
        "handover/boxes.html",
        row=row,
        number=number(row.seq, row.year),
        contents=_contents(row),
        count=request.form.get("count", "") or 1,
        most=MOST_BOXES,
        wrong=wrong or {},
        **choices(CARD),
    )


@bp.post("/handovers/<int:handover_id>/boxes")
@allowed(*SENDERS)
@once
def print_boxes(handover_id: int) -> ResponseReturnValue:
    """Print one label for each box."""
    row = _sent(handover_id)
    count = request.form.get("count", 0, type=int)
    if not 1 <= count <= MOST_BOXES:
        db.session.rollback()
        return _form(
            row, {"count": translate("Write a number from 1 to %(most)s.") % {"most": MOST_BOXES}}
        ), 422
    base, of = current_app.config["TRACKER"].public_url, number(row.seq, row.year)
    # Without the secret of the record: whoever sees the box may not confirm its receipt.
    address = f"{base}/H/{row.id}".upper()
    detail = f"Nơi nhận: {row.to_name}. Biên bản {of}: {_contents(row)}"
    labels = [Label(url=address, title=f"Thùng {n}/{count}", detail=detail) for n in range(1, count + 1)]
    subject = translate("Boxes of handover %(number)s") % {"number": of}
    return print_now(labels, subject, design="box")


def _sent(handover_id: int) -> Row[Any]:
    """Return a record that the person's organisation has sent.

    Raises:
        Missing: there is none.
        Refused: it is a draft and has no number yet.
    """
    row = queries.handover(db.session(), handover_id, to=me())
    if row.from_org_id != me().org:
        raise Missing
    if row.status not in OUTSIDE:
        raise Refused(
            _("A draft has no number yet to stand on its boxes."),
            out=_("Send it first, then print its boxes."),
        )
    return row


def _contents(row: Row[Any]) -> str:
    """Return what is on the record, as the label says it: “12 thiết bị (10 máy tính bảng, 2 điện thoại)”."""
    lines = queries.lines(db.session(), row.id)
    kinds = Counter(
        Category(line.category) for line in lines if line.state not in {Line.REMOVED, Line.UNEXPECTED}
    )
    parts = ", ".join(f"{count} {CATEGORIES[kind].lower()}" for kind, count in kinds.most_common())
    return f"{kinds.total()} thiết bị ({parts})" if parts else "0 thiết bị"
