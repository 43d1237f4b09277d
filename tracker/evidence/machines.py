"""Whether two captures are of the same machine, by the marks a machine does not lose.

Marks are serials that are no placeholders, the UUID, addresses given by a maker (universally administered,
IEEE 802) of cards that are built in, and the serials of drives. A drive is changed in a repair and says little;
a board is changed too, but then it may as well be another machine, and a person must say.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from tracker.evidence.facts import Facts, Nic
from tracker.lists.serials import normal_serial, placeholder
from tracker.words import Words, _

#: The kernel's names of cards on USB: enx…, wlx…, usb0, and …u2 of a port. They go from machine to machine.
_ON_USB = re.compile(r"(?:enx|wlx|usb).*|(?:en|wl|ww)\w*u\d\w*")


class Mark(NamedTuple):
    """One mark: what it is of (system, board, chassis, device, uuid, mac, drive), and its value."""

    of: str
    value: str


class Same(StrEnum):
    """Whether two captures speak of one machine."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"

    @property
    def label(self) -> Words:
        return SAME[self]


SAME = {
    Same.YES: _("The same machine"),
    Same.NO: _("Another machine"),
    Same.UNSURE: _("Cannot be told"),
}


class Likeness(NamedTuple):
    """The verdict, the marks both have, and those in which they differ, first the one's and then the other's."""

    verdict: Same
    agree: tuple[Mark, ...]
    differ: tuple[tuple[Mark, Mark], ...]


#: What a machine is sold under; one of these decides.
IDENTITY = ("system", "device", "uuid")


def marks(facts: Facts) -> frozenset[Mark]:
    """Return the marks by which a machine is recognised."""
    found = {Mark(str(serial.where), serial.normal) for serial in facts.serials if serial.normal}
    if facts.uuid and not placeholder(facts.uuid) and len(set(facts.uuid)) > 3:
        found.add(Mark("uuid", facts.uuid))
    found |= {Mark("mac", nic.mac) for nic in facts.nics if built_in(nic)}
    found |= {
        Mark("drive", serial)
        for drive in facts.drives
        if not drive.usb and drive.removable is not True and (serial := normal_serial(drive.serial).serial)
    }
    return frozenset(found)


def universal(mac: str) -> bool:
    """Say whether an address was given by a maker: not made up on the machine, not for groups, not a filler."""
    if not mac or placeholder(mac) or len(set(mac.replace(":", ""))) < 2:
        return False
    return not int(mac[:2], 16) & 0b11


def built_in(nic: Nic) -> bool:
    """Say whether a card's address is a mark of the machine: a maker's, and not of an adapter on USB."""
    return universal(nic.mac) and not _ON_USB.fullmatch(nic.name)


def same_machine(one: Facts, other: Facts) -> Likeness:
    """Return whether two captures are of the same machine, and by which marks."""
    mine, theirs = marks(one), marks(other)
    agree = mine & theirs
    kinds = sorted({mark.of for mark in mine} & {mark.of for mark in theirs} - {mark.of for mark in agree})
    differ = tuple(
        (min(mark for mark in mine if mark.of == kind), min(mark for mark in theirs if mark.of == kind))
        for kind in kinds
    )
    return Likeness(_verdict({mark.of for mark in agree}, set(kinds)), tuple(sorted(agree)), differ)


def _verdict(agree: set[str], differ: set[str]) -> Same:
    identity = set(IDENTITY)
    fixed = identity | {"board", "chassis"}
    if agree & (fixed | {"mac"}):
        # A changed network card is a repair; a changed board, or a serial that is another, is for a person.
        return Same.UNSURE if differ & fixed else Same.YES
    if differ & fixed:
        # A drive alone that is the same was moved here, or the board around it is new.
        return Same.UNSURE if agree else Same.NO
    return Same.UNSURE
