from itertools import product

import pytest

from tracker.custody.bundle import road
from tracker.custody.diagram import diagram
from tracker.custody.facts import Fact
from tracker.custody.road import MOVES, Move, NotYours, Status, WrongMoment, after, open_moves
from tracker.custody.verify import ROAD
from tracker.people.roles import Role

#: The design's own words, written a second time so that one slip cannot hide in both.
DESIGN = """
receive        | -                                              | received   | storekeeper technician
inspect        | received ready returned                        | inspecting | technician
send-to-repair | inspecting                                     | repairing  | technician
finish-repair  | repairing                                      | inspecting | technician
pass           | inspecting                                     | ready      | technician
bind           | ready                                          | bound      | coordinator
release        | bound                                          | ready      | coordinator
send           | bound                                          | on-the-way | storekeeper
confirm        | on-the-way                                     | at-school  | school
give           | at-school                                      | given      | school
take-back      | at-school given                                | returned   | school coordinator
lose           | received inspecting repairing ready bound on-the-way at-school given returned \
| missing | technician storekeeper school coordinator
find           | missing                                        | returned   | technician storekeeper school coordinator
retire         | received inspecting repairing returned missing | retired    | coordinator
"""


def told() -> dict[tuple[str, str | None, str], str]:
    allowed = {}
    for line in DESIGN.replace("\\\n", "").strip().splitlines():
        move, start, end, who = (part.strip() for part in line.split("|"))
        for status, role in product(start.split(), who.split()):
            allowed[move, None if status == "-" else status, role] = end
    return allowed


@pytest.mark.parametrize("move", Move)
def test_the_road_is_the_design_for_every_status_and_role(move: Move):
    allowed = told()
    for status, role in product([None, *Status], Role):
        expected = allowed.get((move, status, role))
        if expected:
            assert after(move, status, role) == expected
            continue
        with pytest.raises((WrongMoment, NotYours)) as refused:
            after(move, status, role)
        assert str(refused.value)
        assert str(refused.value.out)


def test_open_moves_are_those_that_would_be_allowed():
    allowed = told()
    for status, role in product(Status, Role):
        assert {str(move) for move in open_moves(status, role)} == {
            move for move, start, who in allowed if (start, who) == (status, role)
        }


def test_a_retired_device_stays_retired():
    assert not any(open_moves(Status.RETIRED, role) for role in Role)


def test_every_move_says_what_must_come_with_it():
    assert all(issubclass(step.needs, Fact) for step in MOVES.values())


def test_the_verifier_has_the_same_road():
    assert road() == ROAD


def test_the_diagram_shows_every_move():
    drawn = diagram()

    assert all(f": {move} (" in drawn for move in Move)
