"""One support per pupil, whatever is bound, released, lost, given and taken back in between."""

import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.makers import AT, a_device, a_person, a_pupil, an_organisation, ask
from tracker.allocation import actions, bindings, matching, queries
from tracker.allocation.matching import DeviceFilters
from tracker.allocation.models import Binding, Support
from tracker.allocation.rules import (
    HELD,
    MOST_PAIRS,
    DeviceTaken,
    NotLacking,
    PupilState,
    PupilTaken,
    ReleaseReason,
    policies,
    state_of,
    weight,
    weights,
)
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import InspectionPassed, Nothing, Reason, Scanned, Shipment, TakenBy
from tracker.custody.ledger import Ask, OtherContent
from tracker.custody.models import Device
from tracker.custody.road import Move, NotYours, Status
from tracker.db import db
from tracker.people.roles import OrgKind, Role
from tracker.refused import Missing, Refused


@pytest.fixture
def session(app):
    with app.app_context():
        yield db.session()


@pytest.fixture
def coordinator(session):
    return a_person(session, role=Role.COORDINATOR, name="Nguyễn Thị Điều Phối")


def state(session, pupil, by):
    return queries.line(session, pupil, to=by).state


# Who comes first


def test_poor_comes_before_orphan_and_disabled_before_near_poor():
    assert weight("ngheo") > weight("mo_coi") == weight("khuyet_tat") > weight("can_ngheo") > weight("") == 0


def test_two_reasons_weigh_more_than_either():
    assert all(weight(text) >= max(weight(one) for one in policies(text)) for text in weights())
    assert weight("can_ngheo mo_coi") > weight("ngheo")


def test_near_poor_is_not_read_as_poor():
    assert [str(one) for one in policies("can_ngheo")] == ["can_ngheo"]


@pytest.mark.parametrize(
    ("no_device", "no_net", "bound", "lost_one", "expected"),
    [
        (True, False, None, False, PupilState.WAITING),
        (True, True, None, True, PupilState.REPLACEMENT),
        (False, True, None, False, PupilState.CONNECTION),
        (False, False, None, False, PupilState.NO_NEED),
        (True, True, "on-the-way", True, PupilState.ON_THE_WAY),
        (False, False, "given", False, PupilState.GIVEN),
    ],
)
def test_the_state_of_a_pupil_follows_from_need_and_device(no_device, no_net, bound, lost_one, expected):
    assert state_of(no_device=no_device, no_net=no_net, bound=bound, lost_one=lost_one) is expected


def test_who_waits_is_shown_by_policy_then_class_and_name(session, coordinator):
    school = an_organisation(session, kind=OrgKind.SCHOOL)
    given_to = [
        ("Bùi Cận", "10A1", "can_ngheo"),
        ("Vũ Nghèo", "12A1", "ngheo"),
        ("An Nghèo", "12A1", "ngheo"),
        ("Đỗ Không", "10A1", ""),
        ("Hà Hai", "11A1", "ngheo mo_coi"),
        ("Mai Nghèo", "10A1", "ngheo"),
    ]
    for name, cls, policy in given_to:
        a_pupil(session, school=school, name=name, cls=cls, policy=policy)
    a_pupil(session, school=school, name="Có Máy", no_device=False)

    waiting = matching.waiting_pupils(session, school, to=coordinator)

    assert [pupil.name for pupil in waiting] == [
        *("Hà Hai", "Mai Nghèo", "An Nghèo", "Vũ Nghèo", "Bùi Cận", "Đỗ Không"),
    ]
    assert matching.waiting_count(session, school) == 6


# Binding and releasing


def test_a_binding_makes_the_support_and_moves_the_device(session, coordinator):
    pupil, device = a_pupil(session), a_device(session, status=Status.READY)

    actions.bind(session, pupil, device, by=coordinator, ask=ask())

    bound = bindings.open_binding(session, device)
    assert bound is not None
    assert bound.pupil_id == pupil
    assert state(session, pupil, coordinator) is PupilState.BOUND
    event = devices.history(session, device)[0]
    assert (event.kind, event.data) == ("bind", {"support": bound.support_id})


def test_who_comes_second_reads_who_was_first_and_when(session, coordinator):
    pupil, device = a_pupil(session), a_device(session, status=Status.READY)
    actions.bind(session, pupil, device, by=coordinator, ask=ask())
    another, other = a_person(session, role=Role.COORDINATOR), a_device(session, status=Status.READY)

    with pytest.raises(PupilTaken, match=r"Nguyễn Thị Điều Phối.*15/11/2021 09:00"):
        actions.bind(session, pupil, other, by=another, ask=ask())
    with pytest.raises(DeviceTaken, match=r"Nguyễn Thị Điều Phối.*15/11/2021 09:00"):
        actions.bind(session, a_pupil(session), device, by=another, ask=ask())


def test_a_form_sent_twice_binds_once(session, coordinator):
    pupil, device, form = a_pupil(session), a_device(session, status=Status.READY), ask()
    first = actions.bind(session, pupil, device, by=coordinator, ask=form)

    again = actions.bind(session, pupil, device, by=coordinator, ask=form)

    assert (again.event_id, again.again) == (first.event_id, True)
    assert session.scalar(select(func.count()).select_from(Binding)) == 1


def test_a_form_sent_again_after_the_release_binds_nothing(session, coordinator):
    pupil, device, form = a_pupil(session), a_device(session, status=Status.READY), ask()
    actions.bind(session, pupil, device, by=coordinator, ask=form)
    actions.release(session, device, reason=ReleaseReason.WRONG_PUPIL, by=coordinator, ask=ask())

    assert actions.bind(session, pupil, device, by=coordinator, ask=form).again
    assert bindings.open_binding(session, device) is None


def test_an_id_used_for_another_pair_is_refused(session, coordinator):
    pupil, device, form = a_pupil(session), a_device(session, status=Status.READY), ask()
    actions.bind(session, pupil, device, by=coordinator, ask=form)

    with pytest.raises(OtherContent):
        actions.bind(
            session, a_pupil(session), a_device(session, status=Status.READY), by=coordinator, ask=form
        )


def test_a_release_makes_the_pupil_wait_again_with_the_same_support(session, coordinator):
    pupil, device = a_pupil(session), a_device(session, status=Status.READY)
    actions.bind(session, pupil, device, by=coordinator, ask=ask())
    support = bindings.open_binding(session, device).support_id

    actions.release(
        session, device, reason=ReleaseReason.DEVICE_FAULT, by=coordinator, ask=ask("vỡ màn hình")
    )

    assert state(session, pupil, coordinator) is PupilState.WAITING
    assert devices.history(session, device)[0].note == "vỡ màn hình"
    other = a_device(session, status=Status.READY)
    actions.bind(session, pupil, other, by=coordinator, ask=ask())
    assert bindings.open_binding(session, other).support_id == support


def test_a_release_sent_twice_leaves_the_next_binding_open(session, coordinator):
    pupil, device, form = a_pupil(session), a_device(session, status=Status.READY), ask()
    actions.bind(session, pupil, device, by=coordinator, ask=ask())
    actions.release(session, device, reason=ReleaseReason.OTHER, by=coordinator, ask=form)
    actions.bind(session, a_pupil(session), device, by=coordinator, ask=ask())

    actions.release(session, device, reason=ReleaseReason.OTHER, by=coordinator, ask=form)

    assert bindings.open_binding(session, device) is not None


def test_a_pupil_whose_device_was_lost_needs_a_replacement(session, coordinator):
    pupil = a_pupil(session)
    device = a_device(session, status=Status.GIVEN, pupil=pupil)
    done = custody.make(session, device, Move.LOSE, Reason("lost"), by=coordinator, ask=ask())
    bindings.close(session, device, event_id=done.event_id, at=AT)

    assert state(session, pupil, coordinator) is PupilState.REPLACEMENT
    actions.bind(session, pupil, a_device(session, status=Status.READY), by=coordinator, ask=ask())
    assert session.scalar(select(func.count()).select_from(Support)) == 1


def test_a_pupil_who_lacks_no_device_gets_none(session, coordinator):
    pupil = a_pupil(session, no_device=False, no_net=True)

    with pytest.raises(NotLacking):
        actions.bind(session, pupil, a_device(session, status=Status.READY), by=coordinator, ask=ask())


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.STOREKEEPER, Role.SCHOOL, Role.AUDITOR, Role.ADMIN])
def test_nobody_but_a_coordinator_binds(session, role):
    device = a_device(session, status=Status.READY)
    org = devices.locked(session, device).holder_org_id if role is Role.TECHNICIAN else None

    with pytest.raises((NotYours, Missing)):
        actions.bind(session, a_pupil(session), device, by=a_person(session, role=role, org=org), ask=ask())


# Many pairs


def test_a_form_of_pairs_gives_an_outcome_for_each_and_stops_for_none(session, coordinator):
    pupils = [a_pupil(session) for _ in range(3)]
    ready = [a_device(session, status=Status.READY) for _ in range(3)]
    actions.bind(session, pupils[1], a_device(session, status=Status.READY), by=coordinator, ask=ask())
    form = ask()

    outcomes = actions.bind_many(session, list(zip(pupils, ready, strict=True)), by=coordinator, ask=form)
    again = actions.bind_many(session, list(zip(pupils, ready, strict=True)), by=coordinator, ask=form)

    assert [type(outcome.refused) for outcome in outcomes] == [type(None), PupilTaken, type(None)]
    assert [type(outcome.refused) for outcome in again] == [type(outcome.refused) for outcome in outcomes]
    assert devices.locked(session, ready[1]).status == "ready"
    assert session.scalar(select(func.count()).select_from(Binding)) == 3


def test_a_form_of_pairs_names_nobody_twice_and_has_a_limit(session, coordinator):
    pupil, ready = a_pupil(session), [a_device(session, status=Status.READY) for _ in range(2)]

    with pytest.raises(Refused, match="hai lần"):
        actions.bind_many(session, [(pupil, ready[0]), (pupil, ready[1])], by=coordinator, ask=ask())
    with pytest.raises(Refused, match="tối đa 100"):
        actions.bind_many(session, [(n, n) for n in range(MOST_PAIRS + 1)], by=coordinator, ask=ask())


def test_ready_devices_are_narrowed_by_kind_grade_and_holder(session, coordinator):
    workshop = an_organisation(session)
    wanted = a_device(session, status=Status.READY, category="tablet", holder=workshop)
    a_device(session, status=Status.READY)
    a_device(session, status=Status.INSPECTING, category="tablet", holder=workshop)

    found = matching.ready_devices(session, DeviceFilters("tablet", "F4 C3", workshop))

    assert [device.id for device in found] == [wanted]
    assert matching.ready_count(session, DeviceFilters()) == 2


# What papers read


def test_papers_read_a_pupil_only_within_the_reader_s_scope(session, coordinator):
    pupil = a_pupil(session, name="Đặng Thị Giấy", parent="Đặng Văn Cha", phone="0300000001")
    device = a_device(session, status=Status.BOUND, pupil=pupil)
    bound = bindings.open_binding(session, device)
    own = a_person(session, role=Role.SCHOOL, org=bound.school_id)

    for reader in (coordinator, own):
        paper = bindings.pupil_of(session, bound.support_id, to=reader)
        assert (paper.name, paper.cls, paper.parent, paper.phone) == (
            *("Đặng Thị Giấy", "10A1", "Đặng Văn Cha", "0300000001"),
        )
    for stranger in (Role.SCHOOL, Role.STOREKEEPER, Role.TECHNICIAN):
        with pytest.raises(Missing):
            bindings.pupil_of(session, bound.support_id, to=a_person(session, role=stranger))
    assert bindings.open_bindings(session, [device, 999_999]) == {device: bound}


# What always holds

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["bind", "release", "send", "confirm", "give", "lose", "take-back", "ready", "repeat"]
        ),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=25,
)


class World:
    """Three pupils of a school, three devices, and everybody a device meets on its road."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.school = an_organisation(session, kind=OrgKind.SCHOOL)
        self.workshop = an_organisation(session)
        self.pupils = [a_pupil(session, school=self.school) for _ in range(3)]
        self.devices = [a_device(session, status=Status.READY, holder=self.workshop) for _ in range(3)]
        self.coordinator = a_person(session, role=Role.COORDINATOR)
        self.technician = a_person(session, role=Role.TECHNICIAN, org=self.workshop)
        self.storekeeper = a_person(session, role=Role.STOREKEEPER, org=self.workshop)
        self.teacher = a_person(session, role=Role.SCHOOL, org=self.school)
        self.last: tuple[int, int, Ask] | None = None

    def act(self, kind: str, pupil: int, device: int) -> None:
        form = Ask(uuid.uuid4().hex, AT)
        if kind == "bind":
            self.last = (pupil, device, form)
            actions.bind(self.session, pupil, device, by=self.coordinator, ask=form)
        elif kind == "repeat" and self.last:
            actions.bind(self.session, *self.last[:2], by=self.coordinator, ask=self.last[2])
        elif kind == "release":
            actions.release(self.session, device, reason=ReleaseReason.OTHER, by=self.coordinator, ask=form)
        elif kind in ("lose", "take-back"):
            done = custody.make(
                self.session, device, Move(kind), Reason("other"), by=self.coordinator, ask=form
            )
            bindings.close(self.session, device, event_id=done.event_id, at=AT)
        elif kind == "ready":
            self.make_ready(device)
        elif kind in ("send", "confirm", "give"):
            support = bindings.open_binding(self.session, device)
            step = {
                "send": (Move.SEND, Shipment(0, self.school), self.storekeeper),
                "confirm": (Move.CONFIRM, Scanned(0, "received"), self.teacher),
                "give": (
                    Move.GIVE,
                    TakenBy(support.support_id if support else "", "pupil", ""),
                    self.teacher,
                ),
            }[kind]
            custody.make(self.session, device, step[0], step[1], by=step[2], ask=form)

    def make_ready(self, device: int) -> None:
        """Bring a lost or returned device back to the workshop and pass it."""
        row = devices.locked(self.session, device)
        if row.status == Status.MISSING:
            custody.make(self.session, device, Move.FIND, Reason("found"), by=self.coordinator, ask=ask())
        custody.note_fact(
            *(self.session, device, "arrive", {}),
            by=self.coordinator,
            ask=ask(),
            custody=lambda now: now._replace(org=self.workshop),
        )
        custody.make(self.session, device, Move.INSPECT, Nothing(), by=self.technician, ask=ask())
        passed = InspectionPassed(1, "laptop/1", "F4 C3", 1)
        custody.make(self.session, device, Move.PASS, passed, by=self.technician, ask=ask())

    def doubles(self) -> list[Any]:
        """Return the supports and devices with two open bindings, and the pupils with two supports."""
        found = []
        for column in (Binding.support_id, Binding.device_id):
            found += self.session.execute(
                select(column).where(Binding.closed_event.is_(None)).group_by(column).having(func.count() > 1)
            ).all()
        found += self.session.execute(
            select(Support.pupil_id).group_by(Support.pupil_id).having(func.count() > 1)
        ).all()
        return found

    def bound(self) -> set[int]:
        return set(self.session.scalars(select(Binding.device_id).where(Binding.closed_event.is_(None))))

    def out(self) -> set[int]:
        return set(
            self.session.scalars(select(Device.id).where(Device.status.in_([str(one) for one in HELD])))
        )


def test_after_any_road_each_pupil_has_one_support_and_each_binding_its_device(make_app, sqlite_url):
    app = make_app(sqlite_url)

    @settings(max_examples=50)
    @given(steps=MOVES)
    def walk(steps):
        with app.app_context():
            session = db.session()
            world = World(session)
            supports: set[str] = set()
            for kind, pupil, device in steps:
                try:
                    with session.begin_nested():
                        world.act(kind, world.pupils[pupil], world.devices[device])
                except Refused:
                    continue
                assert world.doubles() == []
                assert world.bound() == world.out()
                now = set(session.scalars(select(Support.id)))
                assert supports <= now
                supports = now
            assert len(supports) <= len(world.pupils)
            session.rollback()

    walk()
