"""Who may do things: the six roles, the kinds of organisation, and the person acting now."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.words import Words, _


class Role(StrEnum):
    """What a person does in their organisation."""

    TECHNICIAN = "technician"
    STOREKEEPER = "storekeeper"
    SCHOOL = "school"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def label(self) -> Words:
        return ROLE_LABELS[self]

    @property
    def sees_everything(self) -> bool:
        """Whether the role reads across all organisations."""
        return self in {Role.COORDINATOR, Role.AUDITOR, Role.ADMIN}


ROLE_LABELS = {
    Role.TECHNICIAN: _("Technician"),
    Role.STOREKEEPER: _("Storekeeper"),
    Role.SCHOOL: _("School staff"),
    Role.COORDINATOR: _("Coordinator"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMIN: _("Administrator"),
}


class OrgKind(StrEnum):
    """What an organisation is to the programme. Donors are kept apart, in intake."""

    PROGRAMME = "programme"
    WAREHOUSE = "warehouse"
    WORKSHOP = "workshop"
    SCHOOL = "school"

    @property
    def label(self) -> Words:
        return ORG_KIND_LABELS[self]


ORG_KIND_LABELS = {
    OrgKind.PROGRAMME: _("Programme office"),
    OrgKind.WAREHOUSE: _("Warehouse"),
    OrgKind.WORKSHOP: _("Telecom workshop"),
    OrgKind.SCHOOL: _("School"),
}

#: Which roles make sense where: nobody is a technician of a school.
ROLES_IN: dict[OrgKind, frozenset[Role]] = {
    OrgKind.PROGRAMME: frozenset({Role.COORDINATOR, Role.AUDITOR, Role.ADMIN}),
    OrgKind.WAREHOUSE: frozenset({Role.STOREKEEPER}),
    OrgKind.WORKSHOP: frozenset({Role.TECHNICIAN, Role.STOREKEEPER}),
    OrgKind.SCHOOL: frozenset({Role.SCHOOL}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person acting now, as rules and the ledger see them: ids and a role, no name."""

    user: int
    org: int
    role: Role
