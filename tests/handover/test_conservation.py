"""Whatever people do, in whatever order: every device sent is received, missing, or still on its way.

The rules are the verbs with random people and random parts of the list, refusals included; after
each of them the lines, the devices and the ledger are asked whether they agree.
"""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.handover.makers import HOSTS, LATER, SIGNED, Way, a_delivery, a_transfer, ask, line_of, received
from tests.makers import a_person
from tracker import db
from tracker.allocation.models import Binding
from tracker.custody.models import Device
from tracker.custody.replay import differences
from tracker.handover import actions, giving, receipt
from tracker.handover.models import Giving, Handover, HandoverLine
from tracker.handover.reasons import FindReason, LoseReason, TakeBackReason
from tracker.handover.rules import Said
from tracker.people.roles import Role
from tracker.refused import Missing, Refused

SETTLED = {"received", "damaged", "missing"}


class Handovers(RuleBasedStateMachine):
    url = ""

    @initialize(chance=st.integers(0, 2**32))
    def begin(self, chance):
        self.random = random.Random(chance)
        self.engine = db.engine_for(self.url)
        self.session = Session(self.engine)
        self.ways: list[Way] = []
        self.papers: dict[int, list[str]] = {}
        self.receipts: dict[int, int] = {}
        self.coordinator = a_person(self.session, role=Role.COORDINATOR)

    def teardown(self):
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()
            self.engine.dispose()

    def attempt(self, verb):
        """Do something as a request would: all of it, or nothing."""
        with self.session.begin_nested() as part:
            try:
                return verb()
            except (Refused, Missing):
                part.rollback()
                return None

    def some_way(self):
        return self.random.choice(self.ways) if self.ways else None

    def anybody(self, way):
        return self.random.choice([way.sender, way.receiver, self.coordinator, self.ways[0].receiver])

    def some(self, items):
        return self.random.sample(items, self.random.randint(0, len(items)))

    @rule(count=st.integers(1, 4), school=st.booleans())
    def send(self, count, school):
        if len(self.ways) < 4:
            way = (a_delivery if school else a_transfer)(self.session, count=count)
            self.ways.append(way)
            self.papers[way.id] = [way.secret]

    @rule()
    def print_again(self):
        if way := self.some_way():
            drawn = self.attempt(lambda: actions.new_print(self.session, way.id, by=way.sender, at=LATER))
            if drawn:
                way.secret = drawn
                self.papers[way.id].append(drawn)

    @rule(old=st.booleans())
    def confirm(self, old):
        if way := self.some_way():
            secret = self.random.choice(self.papers[way.id]) if old else way.secret
            scanned = self.some(way.codes)
            rest = [
                device for device, code in zip(way.devices, way.codes, strict=True) if code not in scanned
            ]
            said = {line_of(self.session, way.id, device): Said("missing") for device in self.some(rest)}
            by = self.anybody(way) if old else way.receiver
            if self.attempt(lambda: received(self.session, way, scanned, said=said, secret=secret, by=by)):
                self.receipts[way.id] = self.receipts.get(way.id, 0) + 1

    @rule()
    def settle_later(self):
        if way := self.some_way():
            by = self.anybody(way)
            scanned = self.some(way.codes) if by == way.receiver else []
            rest = [
                device for device, code in zip(way.devices, way.codes, strict=True) if code not in scanned
            ]
            said = {line_of(self.session, way.id, device): Said("missing") for device in self.some(rest)}
            self.attempt(
                lambda: receipt.settle_later(
                    self.session, way.id, texts=scanned, said=said, by=by, ask=ask(LATER), hosts=HOSTS
                )
            )

    @rule(what=st.sampled_from(["lose", "find", "give", "take back"]))
    def happen(self, what):
        if way := self.some_way():
            device, by = self.random.choice(way.devices), self.anybody(way)
            this = {"by": by, "ask": ask(LATER + timedelta(days=1))}
            verbs = {
                "lose": lambda: giving.lose(self.session, device, reason=LoseReason.STOLEN, **this),
                "find": lambda: giving.find(self.session, device, reason=FindReason.COUNTED, **this),
                "give": lambda: giving.give(
                    self.session, device, taken_by="guardian", signature=SIGNED, **this
                ),
                "take back": lambda: giving.take_back(
                    self.session, device, reason=TakeBackReason.BROKEN, **this
                ),
            }
            self.attempt(verbs[what])

    @invariant()
    def every_device_sent_is_somewhere(self):
        for way in self.ways:
            row = self.session.execute(select(Handover.__table__).where(Handover.id == way.id)).one()
            lines = self.session.execute(
                select(HandoverLine.device_id, HandoverLine.state).where(HandoverLine.handover_id == way.id)
            ).all()
            assert sorted(line.device_id for line in lines) == sorted(way.devices)
            assert {line.state for line in lines} <= SETTLED | {"sent"}
            assert (row.status == "closed") == all(line.state in SETTLED for line in lines)
            assert self.receipts.get(way.id, 0) <= 1
            assert (row.received_at is not None) == (self.receipts.get(way.id, 0) == 1)
            for line in lines:
                self.custody_agrees(row, line)

    def custody_agrees(self, row, line):
        device = self.session.execute(select(Device.__table__).where(Device.id == line.device_id)).one()
        open_bindings = self.session.scalars(
            select(Binding.id).where(Binding.device_id == device.id, Binding.closed_event.is_(None))
        ).all()
        if line.state == "sent":
            assert (device.transit_id, device.toward_org_id) == (row.id, row.to_org_id)
            assert device.holder_org_id == row.from_org_id
        else:
            assert (device.transit_id, device.toward_org_id) == (None, None)
        if line.state in {"received", "damaged"}:
            assert device.holder_org_id == row.to_org_id
        if line.state == "missing":
            assert device.holder_org_id == row.from_org_id
            assert device.status in {"missing", "returned"}
        assert (device.status == "on-the-way") == (line.state == "sent" and len(open_bindings) == 1)
        assert (device.status in {"on-the-way", "at-school", "given"}) == (len(open_bindings) == 1)
        gifts = self.session.scalars(select(Giving.event_id).where(Giving.device_id == device.id)).all()
        assert len(gifts) <= 1
        assert (device.holder_support is not None) == (device.status == "given")

    @invariant()
    def the_ledger_tells_the_same(self):
        if getattr(self, "ways", None):
            assert list(differences(self.session)) == []


def test_whatever_happens_every_device_sent_is_accounted_for(sqlite_url):
    Handovers.url = sqlite_url
    run_state_machine_as_test(
        Handovers,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_property_notices_a_custody_that_was_left_behind(sqlite_url, monkeypatch):
    Handovers.url = sqlite_url
    monkeypatch.setattr(receipt, "mark", lambda *_args, **_more: None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Handovers,
            settings=settings(
                max_examples=150,
                stateful_step_count=20,
                phases=[Phase.generate],
                database=None,
                derandomize=True,
            ),
        )
