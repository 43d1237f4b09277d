"""The records that signed sheets belong to, each as its own room knows it and lets it be seen."""

import re
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from labels.text import tidy
from tracker.allocation.models import Support
from tracker.filing.rules import Address, Kind, address
from tracker.handover import queries as handovers
from tracker.handover.models import Handover, HandoverLine
from tracker.handover.rules import number as handover_number
from tracker.intake import queries as intake
from tracker.intake.models import Donation
from tracker.intake.rules import number_asked
from tracker.papers import queries as papers
from tracker.papers.models import Paper
from tracker.papers.rules import Kind as PaperKind
from tracker.papers.rules import number as paper_number
from tracker.people.models import Organisation
from tracker.people.roles import Actor, Role
from tracker.refused import Missing
from tracker.words import Words


class Record(NamedTuple):
    """A record: its number as on the paper, between whom, its page, and the pupils whose names it carries."""

    kind: Kind
    id: int
    number: str
    between: str
    url: str
    pupils: tuple[int, ...] = ()

    #: What kind of paper it is, in words.
    named: Words | None = None
    #: Whether another paper has taken its place.
    replaced: bool = False
    #: Whether what it says of people has been deleted.
    emptied: bool = False

    @property
    def title(self) -> Words:
        return self.named or self.kind.label

    def shows_to(self, actor: Actor) -> bool:
        """Return whether its signed sheets may be looked at: names of pupils are not for auditors and administrators.

        Where they have been deleted, nobody is shown the sheet they stand on.
        """
        if self.emptied:
            return False
        return not self.pupils or actor.role not in {Role.AUDITOR, Role.ADMIN}


def record(session: Session, kind: Kind, record_id: int, *, to: Actor) -> Record:
    """Return a record.

    Raises:
        Missing: there is none, it was never printed, or not for this person to see.
    """
    if kind not in _OF:
        raise Missing
    return _OF[kind](session, record_id, to)


def asked(
    session: Session, kind: Kind, text: str, *, hosts: Collection[str], to: Actor
) -> tuple[Record, Address | None]:
    """Return the record that a person names by its number (5/2026), or by the text of its code.

    Raises:
        Missing: there is none such, or not for this person to see.
    """
    if named := address(text.strip(), hosts=hosts):
        return record(session, named.kind, named.record, to=to), named
    for found in _numbered(session, kind, text):
        try:
            return record(session, kind, found, to=to), None
        except Missing:
            continue
    raise Missing


def _handover(session: Session, handover_id: int, to: Actor) -> Record:
    row = handovers.handover(session, handover_id, to=to)
    if row.seq is None:  # a draft has no paper
        raise Missing
    return Record(
        Kind.HANDOVER,
        row.id,
        handover_number(row.seq, row.year),
        f"{row.from_name} → {row.to_name}",
        url_for("handover.detail", handover_id=row.id),
        _pupils(session, row),
    )


def _pupils(session: Session, row: Row[Any]) -> tuple[int, ...]:
    lines = select(Support.pupil_id).join(HandoverLine, HandoverLine.support_id == Support.id)
    return tuple(session.scalars(lines.where(HandoverLine.handover_id == row.id)))


def _donation(session: Session, donation_id: int, to: Actor) -> Record:
    gift = intake.donation(session, donation_id, to=to)
    url = url_for("intake.donation", donation_id=gift.id)
    return Record(Kind.DONATION, gift.id, gift.number, f"{gift.donor} → {gift.org}", url)


def _paper(session: Session, paper_id: int, to: Actor) -> Record:
    row = papers.paper(session, paper_id, to=to)
    kind = PaperKind(row.kind)
    pupils = (papers.pupil_id(session, row.support_id),) if row.support_id else ()
    number, url = paper_number(kind, row.seq, row.org_code), url_for("papers.paper", paper_id=row.id)
    replaced, emptied = bool(row.replaced_by), not row.says
    return Record(Kind.PAPER, row.id, number, row.org_name, url, pupils, kind.label, replaced, emptied)


_OF: dict[Kind, Callable[[Session, int, Actor], Record]] = {
    Kind.HANDOVER: _handover,
    Kind.DONATION: _donation,
    Kind.PAPER: _paper,
}
KINDS = tuple(_OF)


def _numbered(session: Session, kind: Kind, text: str) -> list[int]:
    if kind is Kind.PAPER:
        return _papers_numbered(session, text)
    found = number_asked(text)
    if not found:
        return []
    seq, year = found
    table: Any = Handover if kind is Kind.HANDOVER else Donation
    return list(session.scalars(select(table.id).where(table.seq == seq, table.year == year)))


_PAPER = re.compile(r"0*([0-9]{1,6}) ?/ ?(BB|GCN) ?- ?(.{1,40})", re.IGNORECASE)


def _papers_numbered(session: Session, text: str) -> list[int]:
    # The number says its organisation and not its year: the newest first.
    found = _PAPER.fullmatch(tidy(text))
    if not found:
        return []
    query = (
        select(Paper.id, Organisation.code)
        .join(Organisation, Organisation.id == Paper.org_id)
        .where(Paper.seq == int(found[1]), (Paper.kind == PaperKind.ERASURE) == (found[2].upper() == "GCN"))
    )
    # Not in SQL: no Đ is a small đ to SQLite.
    rows = session.execute(query.order_by(Paper.year.desc()))
    return [row.id for row in rows if tidy(row.code).casefold() == found[3].casefold()]
