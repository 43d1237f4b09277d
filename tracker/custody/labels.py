"""Codes on paper: minted before or with a device, claimed once, replaced when damaged."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.custody import codes
from tracker.custody.models import Label
from tracker.db import driver
from tracker.hot import Write, given
from tracker.people.roles import Actor
from tracker.refused import Refused
from tracker.words import _

#: Codes in one request; a roll of stickers holds about a thousand.
MOST = 10_000


_MINT = Write(
    insert(Label).values({name: given(name) for name in ("code", "org_id", "minted_at")}), if_new=True
)
_CLAIM = Write(
    update(Label)
    .where(Label.code == given("of"), Label.device_id.is_(None))
    .values({name: given(name) for name in ("device_id", "claimed_at")})
)


class UnknownCode(Refused):
    """The code is well formed, but was never minted here."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("The code %(code)s is not known.", code=codes.grouped(code)),
            out=_("Use a label printed by this programme, or leave the code empty to get a new one."),
        )


class CodeTaken(Refused):
    """The label is on another device already."""

    def __init__(self, code: str) -> None:
        super().__init__(
            _("The label %(code)s is already on another device.", code=codes.grouped(code)),
            out=_("Take a fresh label. If this is the same device, scan it instead of receiving it again."),
        )


class RetiredCode(Refused):
    """The label was replaced by a new one."""

    def __init__(self, code: str, now: str) -> None:
        super().__init__(
            _("The label %(code)s was replaced.", code=codes.grouped(code)),
            out=_("The device now carries %(now)s. Remove the old label.", now=codes.grouped(now)),
        )


class MintedMeanwhile(Refused):
    """Of eight thousand million codes, somebody else drew the same one in the same second."""

    def __init__(self) -> None:
        super().__init__(_("Nothing was printed: a code was taken meanwhile."), out=_("Print again."))


def mint_one(session: Session, *, by: Actor, at: datetime) -> str:
    """Make one new code that no device carries yet, for the organisation of `by`."""
    on = driver(session)
    while True:
        code = codes.mint()
        if _MINT.rows(on, code=code, org_id=by.org, minted_at=at):
            return code


def mint(session: Session, count: int, *, by: Actor | None, at: datetime) -> list[str]:
    """Make `count` new codes that no device carries yet, for the organisation of `by`.

    Raises:
        Refused: more than `MOST` at once.
    """
    minted = drawn(session, count)
    keep(session, minted, by=by, at=at)
    return minted


def drawn(session: Session, count: int) -> list[str]:
    """Draw `count` codes that nobody has minted, in order, without minting them: see `keep`.

    Raises:
        Refused: more than `MOST` at once.
    """
    if not 1 <= count <= MOST:
        raise Refused(_("Between 1 and %(most)s codes can be minted at once.", most=MOST))
    fresh: set[str] = set()
    while len(fresh) < count:
        more = {codes.mint() for _draw in range(count - len(fresh))} - fresh
        known: set[str] = set()
        for some in _chunks(sorted(more), 500):
            known |= set(session.scalars(select(Label.code).where(Label.code.in_(some))))
        fresh |= more - known
    return sorted(fresh)


def keep(session: Session, minted: Sequence[str], *, by: Actor | None, at: datetime) -> None:
    """Mint codes that were drawn, for the organisation of `by`.

    Raises:
        MintedMeanwhile: one of them was minted since it was drawn.
    """
    new = {"org_id": by.org if by else None, "minted_at": at, "device_id": None}
    try:
        session.execute(insert(Label), [{"code": code, **new} for code in minted])
    except IntegrityError as error:
        raise MintedMeanwhile from error


def claimable(session: Session, code: str, *, by: Actor) -> str:
    """Return the canonical `code` if a device may claim it.

    Raises:
        UnknownCode, CodeTaken: it was never minted (or for somebody else), or is on a device.
    """
    label = session.execute(
        select(Label.device_id, Label.org_id).where(Label.code == code).with_for_update()
    ).first()
    if label is None or label.org_id not in {None, by.org}:
        raise UnknownCode(code)
    if label.device_id is not None:
        raise CodeTaken(code)
    return code


def claim(session: Session, code: str, *, device: int, at: datetime) -> None:
    """Put a minted code on a device.

    Raises:
        CodeTaken: somebody claimed it first.
    """
    if _CLAIM.rows(driver(session), of=code, device_id=device, claimed_at=at) != 1:
        raise CodeTaken(code)


def retire(session: Session, code: str, *, at: datetime) -> None:
    """Retire a label; when scanned it says which one replaced it."""
    session.execute(update(Label).where(Label.code == code).values(retired_at=at))


def _chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
