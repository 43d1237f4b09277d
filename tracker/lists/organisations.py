"""Organisations of the programme on a list: donors, warehouses, workshops, district offices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tracker.lists.fold import fold, same_name
from tracker.lists.headings import Headings, Row, tables
from tracker.lists.sheets import Sheet
from tracker.lists.verdicts import Outcome, Twin, outcome_of

HEADINGS: Headings = {
    **dict.fromkeys(("stt", "tt"), "ordinal"),
    **dict.fromkeys(("ma", "ma to chuc", "ma don vi", "code"), "code"),
    **dict.fromkeys(("ten", "ten to chuc", "ten don vi", "name"), "name"),
    **dict.fromkeys(("loai", "loai to chuc", "loai don vi", "kind"), "kind"),
    **dict.fromkeys(("ma huyen", "huyen", "district"), "district"),
}

#: From the word on the list to the role it has, and for donors to what kind of donor.
ROLES: Mapping[str, tuple[str, str]] = {
    "co_quan": ("donor", "agency"),
    "doanh_nghiep": ("donor", "company"),
    "ca_nhan": ("donor", "person"),
    "kho": ("warehouse", ""),
    "xuong": ("workshop", ""),
    "phong_gddt": ("district_office", ""),
}


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One row of a list of organisations.

    `role` is donor, warehouse, workshop or district_office; `donor_kind` agency, company or person.
    """

    columns: ClassVar[tuple[str, ...]] = (
        *("file", "sheet", "line", "outcome", "why"),
        *("code", "name", "kind", "district"),
    )

    file: str
    sheet: str
    line: int
    outcome: Outcome
    why: tuple[str, ...]
    code: str
    name: str
    kind: str
    district: str
    twin: Twin | None = None

    @property
    def role(self) -> str:
        return ROLES.get(self.kind, ("", ""))[0]

    @property
    def donor_kind(self) -> str:
        return ROLES.get(self.kind, ("", ""))[1]


def judge_organisations(
    sheets: Sequence[Sheet], known: Mapping[str, str], *, districts: frozenset[str] = frozenset()
) -> list[OrganisationRow]:
    """Read a list of organisations and conclude what to do with each row.

    `known` maps the codes that are there already to their names; `districts` are the district codes
    of the day of the list.

    Raises: NoTable if no sheet has headings for code, name and kind.
    """
    names = {code: (name, Twin(code=code)) for code, name in known.items()}
    judged = []
    for table in tables(sheets, HEADINGS, needs=("code", "name", "kind")):
        for row in table.rows():
            one = _judge(row, names, districts)
            judged.append(one)
            if one.outcome is not Outcome.BAD:
                names.setdefault(one.code, (one.name, Twin(sheet=one.sheet, line=one.line)))
    return judged


def _judge(row: Row, names: Mapping[str, tuple[str, Twin]], districts: frozenset[str]) -> OrganisationRow:
    code, name, district = row.text("code"), row.text("name", most=200), row.text("district")
    kind = "_".join(fold(row.text("kind")).replace("_", " ").split())
    twin = None
    if not code or len(code) > 32:
        why = ["code_missing"]
    elif not name:
        why = ["name_missing"]
    elif kind not in ROLES:
        why = ["role_unknown"]
    else:
        why = ["place_unknown"] if district and district not in districts else []
        if code in names:
            there, twin = names[code]
            why.append("same_code" if same_name(there) == same_name(name) else "code_conflict")
    return OrganisationRow(
        file=row.sheet.file,
        sheet=row.sheet.name,
        line=row.number,
        outcome=outcome_of(why),
        why=tuple(why),
        code=code,
        name=name,
        kind=kind if kind in ROLES else "",
        district=district,
        twin=twin,
    )
