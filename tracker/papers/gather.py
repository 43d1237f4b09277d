"""Codes in, devices out: which of them stand on a paper, and why the others do not."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.custody import queries as devices
from tracker.custody.codes import grouped, parse
from tracker.handover.rules import Outcome
from tracker.papers.at_bench import erased, inspected, repaired
from tracker.papers.at_school import given, retired, returned
from tracker.papers.known import Known
from tracker.papers.rules import MOST_DEVICES, Kind, must_fit, must_issue
from tracker.people.roles import Actor
from tracker.refused import Missing, Refused
from tracker.words import Words, _

KNOWN: Mapping[Kind, Callable[[Session, Row[Any], Actor], Known]] = {
    Kind.INSPECTION: inspected,
    Kind.REPAIR: repaired,
    Kind.ERASURE: erased,
    Kind.PUPIL: given,
    Kind.RETURN: returned,
    Kind.RETIREMENT: retired,
}


class Gathered(NamedTuple):
    """What became of each code, in their order, and what is known of the devices that can stand."""

    outcomes: list[Outcome]
    known: list[Known]

    @property
    def codes(self) -> list[str]:
        """The codes of the devices that can stand."""
        return [each.device.code for each in self.known]

    @property
    def whole(self) -> bool:
        """Whether every code names a device that can stand."""
        return all(outcome.ok for outcome in self.outcomes)


def gather(
    session: Session, kind: Kind, texts: Iterable[str], *, by: Actor, hosts: Collection[str]
) -> Gathered:
    """Return one outcome for each text, none left out, and what is known of the devices.

    Raises:
        Refused: more devices than one paper takes.
    """
    outcomes: list[Outcome] = []
    found: dict[str, Known] = {}
    for text in _few(texts):
        try:
            code = parse(text, hosts=hosts)
            if code in found:
                outcomes.append(Outcome(grouped(code), True, _("Scanned twice; counted once.")))
                continue
            known = KNOWN[kind](session, devices.device(session, code, to=by), by)
            must_issue(kind, known.org_id, by)
            if found:
                must_fit(next(iter(found.values())), known)
            found[code] = known
            outcomes.append(Outcome(grouped(code), True, _("Stands on the paper.")))
        except Refused as refused:
            sentence = refused.sentence if isinstance(refused.sentence, Words) else Words(refused.sentence)
            outcomes.append(Outcome(_shown(text), False, sentence, refused.out))
        except Missing:
            out = _("Put it aside and ask whose it is.")
            outcomes.append(Outcome(_shown(text), False, _("Not a device of yours."), out))
    return Gathered(outcomes, list(found.values()))


def _few(texts: Iterable[str]) -> list[str]:
    few = list(texts)
    if len(few) > MOST_DEVICES:
        raise Refused(
            _("At most %(n)s devices go on one record.", n=MOST_DEVICES),
            out=_("Make a second paper for the rest."),
        )
    return few


def _shown(text: str) -> str:
    return grouped(text[:60].strip())
