"""What the form of each paper asks for, and what is wrong with what was answered.

Answers are a flat dictionary, by the names of the form's fields. What is asked for each device has its code
behind a hyphen: `condition-7K3M9QX2`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from labels.records import undrawn
from labels.text import grouped, tidy
from tracker.papers.known import Known
from tracker.papers.rules import LONGEST, Kind
from tracker.words import Words, _

#: People who sign beside the organisation, at the most: as many as a page holds.
MOST_MEMBERS = 9
#: Empty lines for people offered beyond those that are known.
SPARE = 2


class Field(NamedTuple):
    """One question."""

    name: str
    label: Words
    required: bool = True
    type: str = "text"
    help: Words | str = ""


BASIS = Field("basis", _("Basis"), required=False, help=_("The decision, plan or record it follows."))
#: What is asked once, beside the people of `MEMBERS`.
ONCE: dict[Kind, tuple[Field, ...]] = {
    Kind.INSPECTION: (BASIS,),
    Kind.REPAIR: (
        Field(
            "accepted_name", _("Who accepts the repair"), help=_("Tried the devices afterwards, and signs.")
        ),
        Field("accepted_position", _("Their position")),
    ),
    Kind.ERASURE: (Field("performer_position", _("Position of who erased")),),
    Kind.PUPIL: (
        Field("guardian_name", _("Guardian"), help=_("Signs for the pupil.")),
        Field("relation", _("Relation to the pupil"), help=_("Such as mother, grandfather, guardian.")),
        Field("guardian_address", _("Address of the guardian")),
        Field("guardian_phone", _("Phone"), required=False, type="tel"),
        Field("until", _("To be returned by"), required=False, type="date"),
    ),
    Kind.RETURN: (
        Field("returner_name", _("Who returns it")),
        Field("returner_address", _("Their address")),
        Field("returner_phone", _("Phone"), required=False, type="tel"),
    ),
    Kind.RETIREMENT: (BASIS,),
}

#: What the people of a paper are called.
MEMBERS: dict[Kind, Words] = {
    Kind.INSPECTION: _("Who inspected"),
    Kind.REPAIR: _("Who repaired"),
    Kind.RETIREMENT: _("Members of the council"),
}

#: What is asked of each device.
EACH: dict[Kind, tuple[Field, ...]] = {
    Kind.INSPECTION: (Field("proposal", _("Proposal"), required=False),),
    Kind.RETURN: (Field("condition", _("Condition")),),
    Kind.RETIREMENT: (Field("condition", _("Condition")),),
}

#: What the next paper of an organisation takes over from its last one: nothing of pupils or single devices.
KEPT = ("member-", "position-", "accepted_", "performer_", "until", "basis")


def answers(kind: Kind, form: Mapping[str, str], codes: Sequence[str]) -> dict[str, str]:
    """Return what was answered, made printable; what the form does not ask is left out."""
    names = [field.name for field in ONCE[kind]]
    names += [f"{field.name}-{code}" for code in codes for field in EACH.get(kind, ())]
    if kind in MEMBERS:
        names += [f"{part}-{n}" for n in range(1, MOST_MEMBERS + 1) for part in ("member", "position")]
    # Longer than paper takes is refused below; much longer is not even looked at.
    said = {name: tidy(form.get(name, "")[: 20 * LONGEST]) for name in names}
    lacks = {name: "1" for name in form if name.startswith("lacks-") and name.split("-")[1] in codes}
    return said | (lacks if kind is Kind.RETURN else {})


def wrong(kind: Kind, said: Mapping[str, str], codes: Sequence[str], *, on: date) -> dict[str, Words]:
    """Return what is wrong with the answers, by field."""
    found = _wrong_texts(said)
    for field in ONCE[kind]:
        if field.required and not said.get(field.name):
            found[field.name] = _("Missing: %(field)s. A signed paper has no blanks.", field=field.label)
    for code in codes:
        for field in EACH.get(kind, ()):
            if field.required and not said.get(name := f"{field.name}-{code}"):
                found[name] = _("%(code)s lacks: %(field)s.", code=grouped(code), field=field.label)
    if kind in MEMBERS:
        found |= _wrong_members(kind, said)
    if until := said.get("until"):
        day = day_of(until)
        if day is None or day <= on:
            found["until"] = _("Choose a day after today, or leave it empty.")
    return found


def _wrong_texts(said: Mapping[str, str]) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for name, text in said.items():
        if len(text) > LONGEST:
            found[name] = _("At most %(most)s characters.", most=LONGEST)
        elif character := undrawn(text):
            point = f"{ord(character):04X}"
            found[name] = _(
                "A signed paper cannot show “%(character)s” (U+%(point)s).", character=character, point=point
            )
    return found


def _wrong_members(kind: Kind, said: Mapping[str, str]) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for n in range(1, MOST_MEMBERS + 1):
        name, position = said.get(f"member-{n}"), said.get(f"position-{n}")
        if name and not position:
            found[f"position-{n}"] = _("Missing: the position of %(name)s.", name=name)
        elif position and not name:
            found[f"member-{n}"] = _("Missing: the name of the %(position)s.", position=position)
    if not members(said) and not found:
        found["member-1"] = _("Missing: %(field)s. A signed paper has no blanks.", field=MEMBERS[kind])
    return found


def members(said: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the people that were answered: names and positions."""
    lines = [(said.get(f"member-{n}", ""), said.get(f"position-{n}", "")) for n in range(1, MOST_MEMBERS + 1)]
    return [(name, position) for name, position in lines if name and position]


def as_answers(people: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return people as the answers of a form."""
    return {
        key: text
        for n, (name, position) in enumerate(list(people)[:MOST_MEMBERS], start=1)
        for key, text in ((f"member-{n}", name), (f"position-{n}", position))
    }


def day_of(text: str) -> date | None:
    """Return the day of a date as a browser sends it, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def kept(said: Mapping[str, str]) -> dict[str, str]:
    """Return what the next paper of the same organisation takes over."""
    return {name: text for name, text in said.items() if name.startswith(KEPT)}


def proposed(known: Iterable[Known], last: Mapping[str, str], *, position: str) -> dict[str, str]:
    """Return what the form proposes: what is known of its devices, and what the `last` paper said beside that.

    Who did what the paper tells of signs with the position they had on the last one, else with `position`.
    """
    known, said = list(known), kept(last)
    if people := list(dict.fromkeys(name for each in known for name in each.people)):
        said = {name: text for name, text in said.items() if not name.startswith(("member-", "position-"))}
        before = dict(members(last))
        said |= as_answers((name, before.get(name, position)) for name in people)
        said.setdefault("performer_position", position)
    if basis := "; ".join(dict.fromkeys(each.basis for each in known if each.basis)):
        said["basis"] = basis if len(basis) <= LONGEST else ""
    for each in known:
        said |= {name: text for name, text in each.proposed.items() if text}
    return said
