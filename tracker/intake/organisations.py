"""A list of organisations: donors become donors, stores and workshops become organisations.

District offices stay with a person: a role in the programme's office sees all pupils of the province,
so nobody gets such an organisation because it stood on a list.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.intake import actions
from tracker.intake.forms import DonorForm
from tracker.intake.models import Donor
from tracker.lists.organisations import OrganisationRow, judge_organisations
from tracker.lists.reading import read
from tracker.lists.verdicts import Outcome
from tracker.people import actions as people
from tracker.people import places
from tracker.people.models import Organisation
from tracker.people.roles import OrgKind

#: The reason of a district office: it has no role of its own here.
NO_ROLE = "no_role"

DAY = places.FIRST_DAY
KINDS = {"warehouse": OrgKind.WAREHOUSE, "workshop": OrgKind.WORKSHOP}


def judged(session: Session, data: bytes, *, name: str) -> list[OrganisationRow]:
    """Read a list of organisations and compare it with what is there. Raises: Refused, see `tracker.lists`."""
    known = {row.code: row.name for row in session.execute(select(Organisation.code, Organisation.name))}
    donors = session.execute(select(Donor.code, Donor.name).where(Donor.code.is_not(None)))
    known |= {row.code: row.name for row in donors}
    districts = frozenset(one.code for one in places.districts(on=DAY))
    rows = judge_organisations(read(data, name=name), known, districts=districts)
    return [_left_to_a_person(row) for row in rows]


def _left_to_a_person(row: OrganisationRow) -> OrganisationRow:
    if row.role != "district_office" or not row.outcome.added:
        return row
    return replace(row, outcome=Outcome.ASK, why=(*row.why, NO_ROLE))


def take_in(session: Session, rows: Sequence[OrganisationRow], *, at: datetime) -> None:
    """Enter the new donors, warehouses and workshops of a list."""
    for row in rows:
        if not row.outcome.added:
            continue
        if row.role == "donor":
            form = DonorForm(row.donor_kind, row.name[:200], *[""] * 5)
            actions.write_donor(session, form, at=at, code=row.code[:32])
        else:
            people.add_organisation(
                session,
                code=row.code[:32],
                kind=KINDS[row.role],
                name=row.name[:200],
                at=at,
                district=row.district[:8],
            )
