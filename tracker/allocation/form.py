"""The form of one pupil, understood by the same rules as a row of a list."""

from collections.abc import Mapping
from typing import NamedTuple

from tracker.allocation.imports import DAY
from tracker.allocation.list_rows import PupilRow
from tracker.allocation.rules import Policy
from tracker.lists.fold import same_name, tidy
from tracker.lists.schools import SchoolFacts
from tracker.lists.values import Birthday, CitizenNumber, birthday, citizen_number, phone
from tracker.lists.verdicts import REASONS, Outcome
from tracker.people import places
from tracker.words import Words, _

FIELDS = ("name", "cls", "sex", "dob", "number", "commune", "parent", "phone")


class Understood(NamedTuple):
    """What a form says of a pupil, and what has to be corrected, by field."""

    row: PupilRow
    wrong: dict[str, Words]


def understood(
    form: Mapping[str, str], policies: list[str], needs: list[str], school: SchoolFacts
) -> Understood:
    """Read the fields of a pupil's form (`FIELDS`), the ticked policies, and of `device net` what is lacking."""
    said = {name: tidy(form.get(name, "")) for name in FIELDS}
    sex = said["sex"] if said["sex"] in ("M", "F") else ""
    born = birthday(said["dob"])
    number = citizen_number(said["number"], sex=sex, year=born.year)
    commune = (
        places.find_commune(said["commune"], school.district or None, on=DAY) if said["commune"] else None
    )
    name = said["name"]
    row = PupilRow(
        file="",
        sheet="",
        line=1,
        outcome=Outcome.NEW,
        why=(*number.why, *born.why),
        school=school.code,
        cls=said["cls"],
        name=name,
        sex=sex,
        dob=born.text,
        id=number.number,
        commune=commune.code if commune else "",
        policy=" ".join(one for one in Policy if one in policies),
        no_device="device" in needs,
        no_net="net" in needs,
        parent=said["parent"],
        phone=phone(said["phone"]),
        name_key=same_name(name),
    )
    return Understood(row, _wrong(said, row, born, number))


def _wrong(said: Mapping[str, str], row: PupilRow, born: Birthday, number: CitizenNumber) -> dict[str, Words]:
    wrong: dict[str, Words] = {}
    if not row.name:
        wrong["name"] = REASONS["no_name"].sentence
    elif len(row.name) > 120:
        wrong["name"] = _("The name is too long: 120 letters at most.")
    if len(row.cls) > 16:
        wrong["cls"] = _("The class is too long: 16 letters at most, such as 10A1.")
    if "dob_bad" in born.why:
        wrong["dob"] = REASONS["dob_bad"].sentence
    elif not born.text and not number.number:
        wrong["dob"] = REASONS["no_key"].sentence
    if {"id_bad", "id_lost"} & set(number.why):
        wrong["number"] = _("A citizen number has 12 digits.")
    if said["commune"] and not row.commune:
        wrong["commune"] = _("No commune of this name is known in the school's district.")
    if len(row.phone) > 20:
        wrong["phone"] = _("A telephone number has 10 digits.")
    return wrong
