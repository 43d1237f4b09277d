"""Which photographs are taken when, by whom, and who looks at them."""

import re
from enum import StrEnum

from labels.text import tidy
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import Words, _

_ABOUT = re.compile(r"[a-z0-9-]{0,24}")
MOST = 10  # of one form

#: The words for what a photograph may be about, by key. A room along the road that asks for photographs adds its own.
SUBJECTS: dict[str, Words] = {}

SHORTEST_WHY, LONGEST_WHY = 3, 300


class Stage(StrEnum):
    """When in its life with the programme a device was photographed."""

    RECEIVED = "received"
    BEFORE = "before"
    AFTER = "after"
    HANDED_OVER = "handed-over"

    @property
    def label(self) -> Words:
        return LABELS[self]


LABELS = {
    Stage.RECEIVED: _("As received"),
    Stage.BEFORE: _("Before the work"),
    Stage.AFTER: _("After the work"),
    Stage.HANDED_OVER: _("As handed over"),
}

#: Who takes photographs, of which stages.
TAKES: dict[Role, tuple[Stage, ...]] = {
    Role.TECHNICIAN: tuple(Stage),
    Role.STOREKEEPER: tuple(Stage),
    Role.SCHOOL: (Stage.HANDED_OVER,),
}
#: Who hides one; the coordinator also where the device is with somebody else.
HIDERS = (*TAKES, Role.COORDINATOR)


class NotTaken(Refused):
    """No photograph of this stage, about this, is taken by this person."""


def looks_at(role: Role) -> tuple[Stage, ...]:
    """Return the stages whose photographs a role may look at: a school those of what it was handed."""
    return (Stage.HANDED_OVER,) if role is Role.SCHOOL else tuple(Stage)


def may_hide(by: Actor, holder: int) -> bool:
    """Return whether a person may hide photographs of a device that this organisation holds."""
    return by.role is Role.COORDINATOR or (by.role in HIDERS and by.org == holder)


def stage_of(text: str, *, role: Role) -> Stage:
    """Return the stage that a form names.

    Raises:
        NotTaken: there is none such, or not for this role.
    """
    if text not in TAKES.get(role, ()):
        raise NotTaken(
            _("Choose when the photograph was taken."),
            out=_("Choose the stage in the form, and send it again."),
        )
    return Stage(text)


def about_of(text: str) -> str:
    """Return what a photograph shows, as a key.

    Raises:
        NotTaken: it is no key.
    """
    if not _ABOUT.fullmatch(text):
        raise NotTaken(_("What the photograph shows has no such name."), out=_("Open the page again."))
    return text


def must_say_why(text: str) -> str:
    """Return why a photograph is hidden, tidied.

    Raises:
        NotTaken: nothing is said, or too much.
    """
    words = tidy(text[: 4 * LONGEST_WHY])
    if not SHORTEST_WHY <= len(words) <= LONGEST_WHY:
        raise NotTaken(
            _("Say in a few words why this photograph is hidden."),
            out=_("For example: another device, or somebody’s face."),
        )
    return words
