"""What passes, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.custody.facts import Category, InspectionPassed, RetireReason
from tracker.custody.road import Status
from tracker.workshop.checklists import ALL, BY_NAME, NEWEST
from tracker.workshop.kinds import (
    COSMETIC_GRADES,
    FUNCTION_GRADES,
    STORES_DATA,
    BlockerKind,
    DataFate,
    Outcome,
    Result,
)
from tracker.workshop.refusals import DataLeft, NotReady
from tracker.workshop.rules import (
    Examined,
    Wipe,
    fate_of_data,
    functions,
    outcomes_in,
    passed,
    possible_fates,
    proof,
)
from tracker.workshop.suggestions import SUGGESTS, suggested

GRADES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(list(FUNCTION_GRADES)), st.sampled_from(list(COSMETIC_GRADES))),
    st.sampled_from(["", "F4", "F2 C4", "F4 C1", "C4 F4", "f4 c4", "F4  C4", "F4 C4 "]),
)


@st.composite
def examined(draw: st.DrawFn) -> Examined:
    category = draw(st.sampled_from(list(Category)))
    checklist = NEWEST[category]
    good = dict.fromkeys([check.key for check in checklist.checks], Result.PASS)
    changed = draw(st.dictionaries(st.sampled_from(list(good)), st.sampled_from([None, *Result]), max_size=2))
    results = {key: value for key, value in {**good, **changed}.items() if value is not None}
    return Examined(
        checklist=checklist,
        results=results,
        open_faults=draw(st.sampled_from([0, 0, 0, 1, 3])),
        blockers=draw(st.one_of(st.just([]), st.lists(st.sampled_from(list(BlockerKind)), unique=True))),
        category=category,
        erasure=draw(st.sampled_from([7, 7, None])),
    )


@given(examined(), GRADES)
def test_a_device_passes_if_and_only_if_nothing_is_missing_and_everything_is_listed(
    device: Examined, grade: str
):
    checks = device.checklist.checks
    unanswered = [
        check.key
        for check in checks
        if check.mandatory
        and (check.key not in device.results or (check.always and device.results[check.key] == "na"))
    ]
    bad = [check.key for check in checks if check.mandatory and device.results.get(check.key) == "fail"]
    anything_bad = "fail" in device.results.values()
    function, _space, cosmetic = grade.partition(" ")
    graded = (
        function in FUNCTION_GRADES and cosmetic in COSMETIC_GRADES and (function == "F3" or not anything_bad)
    )
    count = (
        len(unanswered)
        + len(bad)
        + (device.open_faults > 0)
        + len(device.blockers)
        + (device.category in STORES_DATA and device.erasure is None)
        + (not graded)
    )

    if count:
        with pytest.raises(NotReady) as refused:
            passed(device, inspection=3, grade=grade)
        assert len(refused.value.missing) == count
        assert all(str(each) in str(refused.value) for each in refused.value.missing)
    else:
        fact = passed(device, inspection=3, grade=grade)
        assert fact == InspectionPassed(3, device.checklist.name, grade, device.erasure)


WIPES = st.lists(st.tuples(st.sampled_from(["", "A", " a", "B"]), st.booleans()), max_size=6).map(
    lambda drawn: [Wipe(n, drive, ok) for n, (drive, ok) in enumerate(drawn, 1)]
)


@given(WIPES)
def test_data_are_gone_when_no_failure_stands(wipes: list[Wipe]):
    def answered(n: int) -> bool:
        drive = wipes[n].drive.strip().lower()
        return any(later.ok and later.drive.strip().lower() in {"", drive} for later in wipes[n + 1 :])

    gone = any(w.ok for w in wipes) and all(w.ok or answered(n) for n, w in enumerate(wipes))

    found = proof(wipes)

    assert (found is not None) == gone
    assert found is None or found == max(wipe.id for wipe in wipes if wipe.ok)


def wiped(*said: str) -> list[Wipe]:
    """Return wipes from words such as “A ok” and “B failed”: serials, no names of drives."""
    return [
        Wipe(n, "", word == "ok", "" if serial == "-" else serial)
        for n, (serial, word) in enumerate((each.split() for each in said), 1)
    ]


@pytest.mark.parametrize(
    ("said", "drives", "gone"),
    [
        (["A failed", "B ok"], [], False),  # a log of two drives, the second of which is good
        (["B ok", "A failed"], [], False),
        (["A failed", "B ok", "A ok"], [], True),
        (["A failed", "- ok"], [], True),  # the whole device
        (["- failed", "B ok"], [], True),
        (["A failed", "B ok"], ["A"], False),  # wiped in another machine, together with another's
        (["B failed", "A ok"], ["A"], True),  # the machine says that B is not in it
        (["B ok"], ["A"], False),
        (["- ok"], ["A"], True),
        (["- ok"], ["A", "B"], False),
    ],
)
def test_a_drive_is_proved_empty_by_a_wipe_of_its_own(said, drives, gone):
    assert (proof(wiped(*said), drives) is not None) == gone


@given(
    st.sampled_from(list(Category)), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from(list(DataFate)), st.sampled_from(list(RetireReason)),
)  # fmt: skip
def test_data_never_leave_unaccounted(
    category, erased, destroyed, lost, drives, fate: DataFate, reason: RetireReason
):
    known = {"category": category, "erased": erased, "destroyed": erased and destroyed, "lost": lost}
    known["drives"] = drives
    can = possible_fates(**known, reason=reason)

    if fate in can:
        assert fate_of_data(fate, **known, reason=reason) is fate
    else:
        with pytest.raises(DataLeft):
            fate_of_data(fate, **known, reason=reason)
    assert (DataFate.ERASED in can) == erased
    assert (DataFate.DESTROYED in can) == (erased and destroyed)
    assert (DataFate.LEFT in can) == (reason is RetireReason.BACK_TO_DONOR)
    assert not (DataFate.NONE in can and (category in STORES_DATA or drives))
    if reason is RetireReason.PARTS and (category in STORES_DATA or drives):
        assert bool(can) == erased
    assert set(can) <= set(possible_fates(**known))


def test_every_category_has_a_checklist_with_something_mandatory():
    for category in Category:
        checklist = NEWEST[category]
        keys = [check.key for check in checklist.checks]
        assert checklist is BY_NAME[checklist.name]
        assert any(check.mandatory for check in checklist.checks)
        assert len(keys) == len(set(keys))


def test_every_check_speaks_for_something_when_it_is_bad():
    assert {check.key for checklist in ALL for check in checklist.checks} == set(SUGGESTS)


def test_only_a_repair_mends():
    assert outcomes_in(Status.REPAIRING) == tuple(Outcome)
    assert outcomes_in(Status.INSPECTING) == (Outcome.NO_FAULT,)


def test_every_grade_is_open_to_what_has_not_been_examined():
    assert dict(functions(None)) == FUNCTION_GRADES


class Said:
    def __init__(self, result: str, at: datetime) -> None:
        self.result, self.at = result, at


def test_a_fault_that_was_settled_after_the_check_is_not_suggested():
    at = datetime(2021, 12, 1, tzinfo=UTC)
    bad = {"screen": Said("fail", at), "microphone": Said("fail", at), "speakers": Said("fail", at)}

    later, earlier = {"screen": at + timedelta(hours=1)}, {"screen": at - timedelta(hours=1)}

    assert list(suggested(bad, known=(), settled=later)) == ["sound"]
    assert list(suggested(bad, known=("sound",), settled=earlier)) == ["screen"]
