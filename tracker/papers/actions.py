"""The one verb of papers: issue. What is issued stays; a wrong one is replaced."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.orm import Session

from labels.records import Checkpoint
from tracker.allocation.bindings import OnPaper
from tracker.custody import queries as devices
from tracker.custody.ledger import SomebodyWasFaster
from tracker.handover.actions import VIETNAM
from tracker.papers import queries, record
from tracker.papers.known import Known
from tracker.papers.models import Paper, PaperDevice
from tracker.papers.rules import CannotStand, Kind, must_issue, number
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _

#: PostgreSQL: one number of an organisation at a time. Any fixed number of ours, with its id as the second key.
NUMBERING = 7_161


class ReplacedBefore(Refused):
    """Another paper took the place of this one meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("This paper has been replaced already."), out=_("Open it: it says by which. Replace that one.")
        )


def hold(session: Session, known: Sequence[Known]) -> None:
    """Lock the devices of a paper until the transaction ends, so that they stay as it says they are.

    Before the ledger is sealed for it: locks are taken in one order everywhere, devices first.

    Raises:
        SomebodyWasFaster: something happened to a device since it was looked at.
    """
    for each in sorted(known, key=lambda one: one.device.id):
        if devices.locked(session, each.device.id).dseq != each.device.dseq:
            raise SomebodyWasFaster


def issue(
    session: Session,
    kind: Kind,
    known: Sequence[Known],
    said: Mapping[str, str],
    *,
    stands: Checkpoint,
    base: str,
    replaces: Row[Any] | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Issue a paper of these devices in the name of their organisation, and return its id.

    Raises:
        CannotStand: the person may not, or there is no device.
        ReplacedBefore: the paper it replaces has been replaced.
        Unprintable, Refused: something is missing that a signed paper may not lack.
    """
    if not known:
        raise CannotStand(
            _("There is no device on this paper."), out=_("Scan the devices it tells of first.")
        )
    org, support = known[0].org_id, known[0].support
    must_issue(kind, org, by)
    issuer = queries.organisation(session, org)
    on = at.astimezone(VIETNAM).date()
    seq = _next_number(session, org, on.year)
    made: int = session.execute(
        insert(Paper)
        .values(
            {"kind": kind, "org_id": org, "year": on.year, "seq": seq, "on": on, "at": at, "by": by.user}
            | {"support_id": support, "says": {}}
        )
        .returning(Paper.id)
    ).scalar_one()
    says = record.record(
        kind,
        known,
        said,
        issuer=issuer,
        pupil=_pupil(session, support, by),
        on=on,
        number=number(kind, seq, issuer.code),
        link=f"{base}/b/{made}",
        stands=stands,
    )
    session.execute(update(Paper).where(Paper.id == made).values(says=record.kept(says)))
    session.execute(
        insert(PaperDevice),
        [{"paper_id": made, "device_id": each.device.id, "dseq": each.device.dseq} for each in known],
    )
    if replaces is not None:
        _replace(session, replaces, made, kind, org)
    return made


def _pupil(session: Session, support: str | None, by: Actor) -> OnPaper | None:
    return queries.pupil(session, support, to=by) if support else None


def _replace(session: Session, old: Row[Any], new: int, kind: Kind, org: int) -> None:
    if (old.kind, old.org_id) != (kind, org):
        raise CannotStand(
            _("A paper is replaced by one of the same kind and organisation."),
            out=_("Make a new paper without replacing one."),
        )
    changed = session.execute(
        update(Paper).where(Paper.id == old.id, Paper.replaced_by.is_(None)).values(replaced_by=new)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise ReplacedBefore


def _next_number(session: Session, org: int, year: int) -> int:
    # SQLite has one writer at a time; on PostgreSQL the next one waits here until we commit or roll back.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:one, :two)"), {"one": NUMBERING, "two": org})
    newest = session.scalar(select(func.max(Paper.seq)).where(Paper.org_id == org, Paper.year == year))
    return (newest or 0) + 1
