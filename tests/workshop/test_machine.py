"""Whatever a workshop does, in whatever order: parts are conserved, and nothing is ready unproved.

The rules are the verbs with random people, devices and moments, refusals included. What must hold is worked out from
the ledger and the answers alone, without the rules' own code.
"""

import random
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.makers import AT, a_device, a_person
from tests.workshop.makers import a_listing
from tests.workshop.test_checklists import as_it_is
from tracker import db
from tracker.custody import actions as custody
from tracker.custody import queries as devices
from tracker.custody.facts import Category, RetireReason
from tracker.custody.ledger import Ask
from tracker.custody.replay import differences
from tracker.evidence import actions as evidence
from tracker.evidence.drives import Gone
from tracker.evidence.queries import known_drives
from tracker.handover import giving
from tracker.handover.reasons import FindReason, LoseReason
from tracker.lists.serials import normal_serial
from tracker.people.roles import Role
from tracker.refused import Missing, Refused
from tracker.spares import actions as spares
from tracker.spares.models import Spare, SpareMove
from tracker.spares.rules import Described, Origin, SpareKind, Why
from tracker.store import Store
from tracker.workshop import actions, erasures, jobs, queries, retiring, rules, undoing, versions
from tracker.workshop import evidence as told
from tracker.workshop.erasing import NEEDED, Details
from tracker.workshop.kinds import Barrier, DataFate, FaultKind, Method, Outcome, Result, Wait
from tracker.workshop.models import CheckResult, Erasure, Fault, Inspection, JobWait, RepairJob

GRADES = ["F3 C3", "F5 C4"]
DRIVES = ["S3Z1NB0K512345", "WXK1E8512345"]


class Workshop(RuleBasedStateMachine):
    url = ""

    @initialize(chance=st.integers(0, 2**32))
    def begin(self, chance):
        self.random = random.Random(chance)
        self.folder = tempfile.TemporaryDirectory()
        self.files = Store(Path(self.folder.name))
        self.engine = db.engine_for(self.url)
        self.session = Session(self.engine)
        self.anna = a_person(self.session, role=Role.TECHNICIAN)
        self.binh = a_person(self.session, role=Role.TECHNICIAN, org=self.anna.org)
        self.stranger = a_person(self.session, role=Role.TECHNICIAN)
        self.coordinator = a_person(self.session, role=Role.COORDINATOR)
        self.devices = [a_device(self.session, holder=self.anna.org) for _n in range(2)]
        self.came_in: dict[int, int] = {}
        self.clock = AT
        for kind in (SpareKind.BATTERY, SpareKind.DRIVE):
            self.stock(kind, 2)

    def teardown(self):
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()
            self.engine.dispose()
            self.folder.cleanup()

    # How things are done

    def attempt(self, verb):
        """Do something as a request would: all of it, or nothing."""
        with self.session.begin_nested() as part:
            try:
                return verb()
            except (Refused, Missing):
                part.rollback()
                return None

    def this(self, by=None):
        self.clock += timedelta(minutes=self.random.choice([0, 1, 60]))  # the same moment too
        by = by or self.random.choice([self.anna, self.anna, self.binh, self.stranger])
        return {"by": by, "ask": Ask(uuid.uuid4().hex, self.clock)}

    def some_device(self):
        return devices.locked(self.session, self.random.choice(self.devices))

    def stock(self, kind, quantity):
        said = Described(kind, str(kind), quantity, None, "")
        made = spares.add(self.session, said, Origin.BOUGHT, by=self.anna, at=AT)
        self.came_in[made] = quantity

    # What people do

    @rule()
    def inspect(self):
        self.attempt(lambda: actions.start(self.session, self.some_device(), **self.this()))

    @rule(good=st.sampled_from([True, True, False]), whole=st.booleans())
    def answer(self, good, whole):
        device = self.some_device()
        going = queries.open_inspection(self.session, device.id)
        if going is None:
            return
        checks = [c for c in versions.named(self.session, going.checklist).checks if c.mandatory]
        bad = None if good else self.random.choice(checks).key
        said = {
            c.key: actions.Answered(
                Result.FAIL if c.key == bad else Result.PASS,
                value=None if not c.measured else c.least - (c.key == bad),
            )
            for c in (checks if whole else self.random.sample(checks, 5))
        }
        self.attempt(lambda: actions.answer(self.session, device, said, **self.this()))

    @rule(kind=st.sampled_from([FaultKind.BATTERY, FaultKind.STORAGE]))
    def find_fault(self, kind):
        this = self.this()
        self.attempt(
            lambda: actions.report_fault(
                self.session, self.some_device(), kind, "", by=this["by"], at=this["ask"].at
            )
        )

    @rule(outcome=st.sampled_from(Outcome))
    def settle(self, outcome):
        device, this = self.some_device(), self.this()
        barrier = Barrier.NO_PARTS if outcome is Outcome.CANNOT_FIX else None
        said = {
            fault.id: actions.Settled(outcome, barrier=barrier)
            for fault in queries.open_faults(self.session, device.id)
        }
        self.attempt(
            lambda: actions.settle_faults(self.session, device, said, by=this["by"], at=this["ask"].at)
        )

    @rule(verb=st.sampled_from([actions.send_to_repair, actions.finish_repair]))
    def repair(self, verb):
        self.attempt(lambda: verb(self.session, self.some_device(), **self.this()))

    @rule()
    def take_apart(self):
        """Do at once what a run of single steps seldom comes to: inspected, a fault found, sent to repair."""
        device, by = self.some_device(), self.random.choice([self.anna, self.binh])
        self.attempt(lambda: actions.start(self.session, device, **self.this(by)))
        this = self.this(by)
        self.attempt(
            lambda: actions.report_fault(
                self.session, device, FaultKind.BATTERY, "", by=by, at=this["ask"].at
            )
        )
        self.attempt(lambda: actions.send_to_repair(self.session, device, **this))

    @rule(kind=st.sampled_from(Wait), on=st.booleans())
    def wait(self, kind, on):
        device = self.some_device()
        if on:
            self.attempt(lambda: jobs.wait(self.session, device, kind, "lâu", **self.this()))
        else:
            self.attempt(lambda: jobs.go_on(self.session, device, kind, **self.this()))

    @rule(quantity=st.integers(1, 3))
    def build_in(self, quantity):
        spare = self.random.choice(list(self.came_in))
        self.attempt(lambda: jobs.use(self.session, self.some_device(), spare, quantity, **self.this()))

    @rule()
    def put_back(self):
        moves = self.session.scalars(select(SpareMove.id).where(SpareMove.why == Why.USED)).all()
        if moves:
            move = self.random.choice(moves)
            self.attempt(lambda: jobs.give_back(self.session, self.some_device(), move, **self.this()))

    @rule(ok=st.sampled_from([True, True, False]), drive=st.sampled_from(["", *DRIVES]))
    def erase(self, ok, drive):
        details = Details(**dict.fromkeys([name for name in NEEDED if "_at" not in name], "Thử"))
        details = details._replace(drive_serial=drive or "Không ghi", started_at=AT, ended_at=AT)
        self.attempt(
            lambda: erasures.record_erasure(
                self.session, self.some_device(), method=Method.CLEAR, tool="nwipe 0.34", ok=ok, details=details,
                **self.this(),
            )
        )  # fmt: skip

    @rule(serials=st.sampled_from([DRIVES[:1], DRIVES]))
    def machine_speaks(self, serials):
        device = self.some_device()
        own = [f"{serial[:-1]}{self.devices.index(device.id)}" for serial in serials]
        reads = evidence.read_all([("lsblk.json", a_listing(own))])
        evidence.store(self.files, reads)
        self.attempt(
            lambda: told.take_in(self.session, device, reads, files=self.files, via="web", **self.this())
        )

    @rule(drive=st.sampled_from(DRIVES))
    def take_drive_out(self, drive):
        device = self.some_device()
        own = normal_serial(f"{drive[:-1]}{self.devices.index(device.id)}").serial
        self.attempt(lambda: evidence.take_drive_out(self.session, device, own, Gone.KEPT, **self.this()))

    @rule(grade=st.sampled_from(GRADES))
    def let_pass(self, grade):
        self.attempt(lambda: actions.pass_device(self.session, self.some_device(), grade, **self.this()))

    @rule()
    def nearly_ready(self):
        """Do at once what a run of single steps seldom comes to: all good, all erased, passed."""
        device = self.some_device()
        going = queries.open_inspection(self.session, device.id)
        if going is None:
            return
        this = self.this(self.random.choice([self.anna, self.binh]))
        said = {
            c.key: actions.Answered(Result.PASS, value=c.least)
            for c in versions.named(self.session, going.checklist).checks
            if c.mandatory
        }
        self.attempt(lambda: actions.answer(self.session, device, said, **this))
        for serial in ("", *known_drives(self.session, device.id)):
            one = {"by": this["by"], "ask": this["ask"].of(serial)}
            self.attempt(
                lambda serial=serial, one=one: erasures.record_erasure(
                    self.session, device, method=Method.PURGE, tool="hdparm", ok=True,
                    details=Details(drive_serial=serial), **one,
                )
            )  # fmt: skip
        if self.random.random() < 0.7:
            one = {"by": this["by"], "ask": this["ask"].of("pass")}
            self.attempt(lambda: actions.pass_device(self.session, device, "F3 C3", **one))

    @rule(what=st.sampled_from(["lose", "find"]))
    def leave(self, what):
        device, this = self.some_device(), self.this(self.anna)
        if what == "lose":
            self.attempt(lambda: giving.lose(self.session, device.id, reason=LoseReason.NOT_FOUND, **this))
        else:
            self.attempt(lambda: giving.find(self.session, device.id, reason=FindReason.COUNTED, **this))

    @rule()
    def undo(self):
        """As a station does it."""
        device = self.some_device()
        last, this = devices.history(self.session, device.id, last=1)[0], self.this()

        def taken_back():
            done = custody.undo(self.session, device.id, last.event_id, **this)
            undoing.undone(self.session, device.id, done.kind, by=this["by"], at=this["ask"].at)

        self.attempt(taken_back)

    @rule(most=st.sampled_from(["4", "8"]), other=st.booleans())
    def change_checklist(self, most, other):
        valid = versions.current(self.session, Category.LAPTOP)
        form = as_it_is(valid, **{"least-memory": most, "other_person": "1" if other else ""})
        new, wrong = versions.edited(valid, form, category=Category.LAPTOP)
        assert not wrong
        self.attempt(
            lambda: versions.change(
                self.session, valid.name, new, category=Category.LAPTOP, why="thử", by=self.coordinator, at=AT
            )
        )

    @rule(reason=st.sampled_from([RetireReason.PARTS, RetireReason.RECYCLED]))
    def retire(self, reason):
        if self.random.random() < 0.3:
            device, this = self.some_device(), self.this(self.coordinator)
            self.attempt(lambda: retiring.retire(self.session, device, reason, DataFate.ERASED, **this))

    @rule(quantity=st.integers(1, 2))
    def harvest(self, quantity):
        said = Described(SpareKind.MEMORY, "RAM", quantity, None, "")
        made = self.attempt(lambda: spares.harvest(self.session, self.some_device(), said, **self.this()))
        if made is not None:
            self.came_in[made] = quantity

    # What holds after each of it

    @invariant()
    def parts_are_conserved(self):
        if not hasattr(self, "came_in"):
            return
        for row in self.session.execute(select(Spare.id, Spare.quantity)):
            moves = self.session.execute(
                select(SpareMove.why, func.sum(SpareMove.quantity))
                .where(SpareMove.spare_id == row.id)
                .group_by(SpareMove.why)
            )
            by_why = dict(moves.all())
            inside = -(by_why.get(Why.USED, 0) + by_why.get(Why.PUT_BACK, 0))
            assert row.quantity >= 0
            assert inside >= 0
            assert row.quantity + inside == self.came_in[row.id]

    @invariant()
    def at_most_one_of_each_is_open(self):
        for device in getattr(self, "devices", []):
            status = devices.locked(self.session, device).status
            open_jobs = self.session.scalars(
                select(RepairJob).where(RepairJob.device_id == device, RepairJob.closed_at.is_(None))
            ).all()
            going = self.session.scalars(
                select(Inspection).where(Inspection.device_id == device, Inspection.ended_at.is_(None))
            ).all()
            assert len(open_jobs) <= 1
            assert len(going) <= 1
            if status in {"inspecting", "repairing"}:
                assert len(going) == 1
            if status == "repairing":
                assert len(open_jobs) == 1
            if status in {"inspecting", "ready", "retired"}:
                assert not open_jobs
            closed_waits = self.session.scalars(
                select(JobWait.id)
                .join(RepairJob, RepairJob.id == JobWait.job_id)
                .where(
                    RepairJob.device_id == device, RepairJob.closed_at.is_not(None), JobWait.until.is_(None)
                )
            ).all()
            assert not closed_waits

    @invariant()
    def what_is_ready_was_proved(self):
        for device in getattr(self, "devices", []):
            row = devices.locked(self.session, device)
            if row.status == "ready":
                self.proved(row)

    def proved(self, device):
        history = standing(devices.history(self.session, device.id, last=1000))
        passed = next(line for line in reversed(history) if line.kind == "pass")
        before = [line for line in history if line.dseq < passed.dseq]
        after = {line.kind for line in history if line.dseq > passed.dseq}
        assert not after & {"finish-repair", "send-to-repair", "inspect", "fit", "fit-drive", "find"}

        inspection = self.session.get_one(Inspection, passed.data["inspection"])
        begun = [line for line in before if line.kind in {"inspect", "finish-repair"}][-1]
        assert (inspection.device_id, inspection.result) == (device.id, "passed")
        assert inspection.started_at == begun.at
        assert (inspection.follows_id is not None) == (begun.kind == "finish-repair")
        last = {}
        for each in self.session.scalars(
            select(CheckResult).where(CheckResult.inspection_id == inspection.id).order_by(CheckResult.id)
        ):
            last[each.check] = each
        checklist = versions.named(self.session, inspection.checklist)
        for check in checklist.checks:
            assert not check.mandatory or (check.key in last and last[check.key].result in {"pass", "na"})
            assert not check.measured or check.key not in last or last[check.key].value >= check.least
        faults = self.session.scalars(select(Fault).where(Fault.device_id == device.id)).all()
        assert all(fault.settled_at for fault in faults)
        mended = [fault for fault in faults if fault.outcome != Outcome.NO_FAULT]
        assert all(fault.settled_at <= inspection.started_at for fault in mended)
        if checklist.other_person and inspection.follows_id:
            mended = {
                fault.settled_by
                for fault in faults
                if fault.inspection_id == inspection.follows_id and fault.outcome != Outcome.NO_FAULT
            }
            assert not mended & {each.by for each in last.values() if not each.evidence}

        assert passed.data["erasure"] is not None
        wipe = self.session.get_one(Erasure, passed.data["erasure"])
        brought = [line.dseq for line in before if line.kind in {"receive", "find", "fit-drive"}][-1]
        wiped = [line for line in before if line.kind == "erase" and line.dseq > brought]
        newest = self.session.scalars(
            select(Erasure)
            .where(Erasure.device_id == device.id)
            .order_by(Erasure.id.desc())
            .limit(len(wiped))
        ).all()
        assert (wipe.device_id, wipe.result) == (device.id, "ok")
        assert wipe.id in {each.id for each in newest}

    @invariant()
    def every_drive_of_what_is_ready_was_erased(self):
        for device in getattr(self, "devices", []):
            if devices.locked(self.session, device).status != "ready":
                continue
            drives = known_drives(self.session, device)
            rows = self.session.execute(
                select(Erasure.drive_serial, Erasure.drive, Erasure.result)
                .where(Erasure.device_id == device)
                .order_by(Erasure.id)
            )
            last = {normal_serial(row.drive_serial or "").serial: row.result for row in rows}
            alone = len(drives) == 1 and last.get("") == "ok"  # it names no drive, and there is one only
            assert alone or all(last.get(serial) == "ok" for serial in drives)

    @invariant()
    def the_ledger_tells_the_same(self):
        if hasattr(self, "devices"):
            assert list(differences(self.session)) == []


def standing(history):
    """Return a ledger, the oldest first, without what was undone and without the undoing."""
    history = history[::-1]
    undone = {line.data["of"] for line in history if line.kind == "undo"}
    return [line for line in history if line.kind != "undo" and line.event_id not in undone]


def run(url, **more):
    Workshop.url = url
    run_state_machine_as_test(
        Workshop,
        settings=settings(deadline=None, suppress_health_check=list(HealthCheck), **more),
    )


def test_whatever_a_workshop_does_nothing_is_ready_unproved_and_no_part_is_lost(sqlite_url):
    run(sqlite_url, max_examples=25, stateful_step_count=30)


CONTROL = {
    "max_examples": 150,
    "stateful_step_count": 60,
    "phases": [Phase.generate],
    "database": None,
    "derandomize": True,
}


def test_control_a_pass_without_its_rules_is_noticed(sqlite_url, monkeypatch):
    monkeypatch.setattr(rules, "missing", lambda _device: [])
    with pytest.raises(AssertionError):
        run(sqlite_url, **CONTROL)


def test_control_a_part_that_is_not_taken_off_the_stock_is_noticed(sqlite_url, monkeypatch):
    monkeypatch.setattr(spares, "_change", lambda *_args: None)
    with pytest.raises(AssertionError):
        run(sqlite_url, **CONTROL)


def test_control_an_inspection_that_outlives_a_repair_is_noticed(sqlite_url, monkeypatch):
    monkeypatch.setattr(actions, "end_inspection", lambda *_args, **_more: None)
    with pytest.raises(AssertionError):
        run(sqlite_url, **CONTROL)
