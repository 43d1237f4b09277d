"""What a paper says: gathered from what is known and what was answered, kept, and printed again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from labels.records import (
    Checkpoint,
    ErasureCertificate,
    Guardian,
    Inspected,
    InspectionRecord,
    Member,
    Party,
    Pupil,
    PupilHandover,
    Record,
    Repaired,
    RepairRecord,
    Retired,
    RetirementRecord,
    Returned,
    ReturnRecord,
    plain,
    restored,
)
from tracker.allocation.bindings import OnPaper
from tracker.handover.record import carried, party, place, press, printable, thing, with_it
from tracker.papers import form
from tracker.papers.known import Known
from tracker.papers.rules import Kind

Said = Mapping[str, str]


def record(
    kind: Kind,
    known: Sequence[Known],
    said: Said,
    *,
    issuer: Row[Any],
    pupil: OnPaper | None,
    on: date,
    number: str,
    link: str,
    stands: Checkpoint,
) -> Record:
    """Return the record, ready for the press.

    Raises:
        Unprintable: the issuer lacks what a signed paper needs.
        Refused: a text is missing or too long for paper; the sentence names it.
    """
    common = {"number": number, "place": place(issuer, on), "on": on, "link": link, "checkpoint": stands}
    side, of = party(issuer, on), Pupil(name=pupil.name, cls=pupil.cls) if pupil else None
    return printable(MAKERS[kind](known, said, side, of, common))


def kept(record: Record) -> dict[str, Any]:
    """Return all a record says, as it is kept."""
    return dict(plain(record))


def again(kind: str, says: Mapping[str, Any]) -> Record:
    """Return the record that was kept."""
    return restored(kind, says)


def pdf(kind: str, says: Mapping[str, Any]) -> bytes:
    """Return a kept paper as PDF, the same bytes each time."""
    return press().print(again(kind, says))


def _members(said: Said) -> tuple[Member, ...]:
    return tuple(Member(name=name, position=position) for name, position in form.members(said))


Common = dict[str, Any]


def _inspection(known: Sequence[Known], said: Said, side: Party, _of: Pupil | None, common: Common) -> Record:
    items = tuple(
        Inspected(**thing(each.device), **each.item, proposal=said.get(f"proposal-{each.device.code}", ""))
        for each in known
    )
    return InspectionRecord(
        **common, workshop=side, members=_members(said), items=items, basis=said.get("basis", "")
    )


def _repair(known: Sequence[Known], said: Said, side: Party, _of: Pupil | None, common: Common) -> Record:
    accepted = Member(name=said.get("accepted_name", ""), position=said.get("accepted_position", ""))
    items = tuple(Repaired(**thing(each.device), **each.item) for each in known)
    return RepairRecord(**common, workshop=side, members=_members(said), accepted_by=accepted, items=items)


def _erasure(known: Sequence[Known], said: Said, side: Party, _of: Pupil | None, common: Common) -> Record:
    name, position = next((each.verified for each in known if each.verifier), ("", ""))
    return ErasureCertificate(
        **common,
        holder=side,
        performed_by=Member(name=known[0].performer, position=said.get("performer_position", "")),
        verified_by=Member(name=name, position=position),
        drives=tuple(drive for each in known for drive in each.drives),
    )


def _pupil(known: Sequence[Known], said: Said, side: Party, of: Pupil | None, common: Common) -> Record:
    assert of is not None
    return PupilHandover(
        **common,
        school=side,
        pupil=of,
        guardian=Guardian(
            name=said.get("guardian_name", ""),
            relation=said.get("relation", ""),
            address=said.get("guardian_address", ""),
            phone=said.get("guardian_phone", ""),
        ),
        items=tuple(carried(each.device) for each in known),
        until=form.day_of(said.get("until", "")),
    )


def _return(known: Sequence[Known], said: Said, side: Party, of: Pupil | None, common: Common) -> Record:
    reasons = dict.fromkeys(each.reason for each in known)
    return ReturnRecord(
        **common,
        returner=Party(
            name=said.get("returner_name", ""),
            address=said.get("returner_address", ""),
            phone=said.get("returner_phone", ""),
            person=True,
        ),
        receiver=side,
        items=tuple(_came_back(each.device, said) for each in known),
        reason="; ".join(reasons),
        pupil=of,
    )


def _came_back(device: Row[Any], said: Said) -> Returned:
    lacks = [words for at, words in enumerate(with_it(device)) if f"lacks-{device.code}-{at}" in said]
    return Returned(
        **thing(device),
        condition=said.get(f"condition-{device.code}", ""),
        accessories=", ".join(words for words in with_it(device) if words not in lacks),
        missing=", ".join(lacks),
    )


def _retirement(known: Sequence[Known], said: Said, side: Party, _of: Pupil | None, common: Common) -> Record:
    items = tuple(
        Retired(**thing(each.device), **each.item, condition=said.get(f"condition-{each.device.code}", ""))
        for each in known
    )
    return RetirementRecord(
        **common, holder=side, members=_members(said), items=items, basis=said.get("basis", "")
    )


MAKERS: dict[Kind, Callable[[Sequence[Known], Said, Party, Pupil | None, Common], Record]] = {
    Kind.INSPECTION: _inspection,
    Kind.REPAIR: _repair,
    Kind.ERASURE: _erasure,
    Kind.PUPIL: _pupil,
    Kind.RETURN: _return,
    Kind.RETIREMENT: _retirement,
}


def as_answers(kind: Kind, says: Mapping[str, Any]) -> dict[str, str]:
    """Return what a kept paper says as the answers that made it, for the form of the next one."""
    if not says:
        return {}
    said = {"basis": says.get("basis", ""), "until": says.get("until") or ""}
    said |= form.as_answers((each["name"], each["position"]) for each in says.get("members", ()))
    match kind:
        case Kind.REPAIR:
            accepted = says["accepted_by"]
            said |= {"accepted_name": accepted["name"], "accepted_position": accepted["position"]}
        case Kind.ERASURE:
            said["performer_position"] = says["performed_by"]["position"]
        case Kind.PUPIL:
            guardian = says["guardian"]
            said |= {f"guardian_{name}": guardian[name] for name in ("name", "address", "phone")}
            said["relation"] = guardian["relation"]
        case Kind.RETURN:
            said |= {f"returner_{name}": says["returner"][name] for name in ("name", "address", "phone")}
    for item in says.get("items", ()):
        said |= {f"{name}-{item['code']}": item[name] for name in ("proposal", "condition") if name in item}
    return said


def lacked(known: Sequence[Known], says: Mapping[str, Any]) -> dict[str, str]:
    """Return which things a kept return did not bring back, as the answers that said so."""
    missing = {item["code"]: item["missing"].split(", ") for item in says.get("items", ())}
    return {
        f"lacks-{each.device.code}-{at}": "1"
        for each in known
        for at, words in enumerate(with_it(each.device))
        if words in missing.get(each.device.code, ())
    }
