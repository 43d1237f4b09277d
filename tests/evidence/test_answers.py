import pytest

from tests.evidence.samples import facts_of, laptop, picture
from tracker.evidence.answers import FAIL, PASS, Spec, hints, pre_answers, spec
from tracker.evidence.facts import Battery, Drive, DriveKind, Facts, Kind
from tracker.evidence.merge import merge
from tracker.workshop.checklists import ALL

HEALTHY = Drive(
    model="X", serial="S1", size=500 * 10**9, kind=DriveKind.HDD, passed=True, counted=True, reallocated=0
)


def storage(*drives: Drive) -> str:
    answer = pre_answers(Facts(Kind.SMARTCTL, drives=drives)).get("storage")
    return answer.result if answer else ""


def battery(*batteries: Battery) -> str:
    answer = pre_answers(Facts(Kind.UPOWER, batteries=batteries)).get("battery")
    return answer.result if answer else ""


def test_the_keys_are_those_of_the_checklists():
    keys = {check.key for checklist in ALL for check in checklist.checks}
    whole = merge([*laptop(), ("getprop.txt", facts_of("getprop.txt"))]).facts

    assert {"storage", "battery", *(hint.key for hint in hints(whole))} <= keys


@pytest.mark.parametrize(
    ("drive", "result"),
    [
        (HEALTHY, PASS),
        (HEALTHY._replace(passed=False), FAIL),
        (HEALTHY._replace(reallocated=1), FAIL),
        (HEALTHY._replace(pending=1), FAIL),
        (HEALTHY._replace(uncorrectable=1), FAIL),
        (HEALTHY._replace(passed=None), ""),
        (HEALTHY._replace(counted=False), ""),
        (HEALTHY._replace(usb=True), ""),
        (HEALTHY._replace(kind=DriveKind.USB, usb=True, reallocated=9), ""),
        (Drive(kind=DriveKind.OPTICAL), ""),
        (Drive(kind=DriveKind.EMMC), ""),
    ],
)
def test_a_drive_is_good_only_when_it_says_so_and_counts_nothing_bad(drive: Drive, result: str):
    assert storage(drive) == result


def test_one_bad_drive_fails_and_one_unknown_leaves_it_open():
    assert storage(HEALTHY, HEALTHY._replace(serial="S2", pending=4)) == FAIL
    assert storage(HEALTHY, Drive(model="Y", serial="S2", size=1, kind=DriveKind.SSD)) == ""
    assert storage(HEALTHY, Drive(kind=DriveKind.OPTICAL)) == PASS


def test_the_reason_says_the_drive_and_the_count():
    answer = pre_answers(facts_of("smartctl.json"))["storage"]

    assert answer.result == FAIL
    assert str(answer.reason) == "The drive ST500DM002-1BD142 has 16 reallocated sectors."


@pytest.mark.parametrize(
    ("design", "full", "result"),
    [(50000, 30000, PASS), (50000, 29999, FAIL), (50000, 52000, PASS), (50000, 0, FAIL), (50000, 90000, "")],
)
def test_a_battery_is_good_that_holds_three_fifths_of_its_design(design: float, full: float, result: str):
    assert battery(Battery(design=design, full=full)) == result


def test_two_batteries_are_judged_together_and_an_unknown_one_leaves_it_open():
    good, bad = Battery(design=24000, full=20000), Battery(design=24000, full=12000)

    assert battery(good, bad) == PASS
    assert battery(good, Battery(design=24000)) == ""
    assert battery() == ""


def test_android_that_calls_its_battery_dead_is_believed_and_good_answers_nothing():
    assert battery(Battery(health="dead")) == FAIL
    assert battery(Battery(health="good")) == ""


def test_what_is_there_is_a_hint_and_no_answer():
    whole = merge(laptop()).facts

    assert set(pre_answers(whole)) == {"storage", "battery"}
    assert {hint.key for hint in hints(whole)} == {"camera", "wifi"}


def test_the_specification_counts_memory_drives_that_stay_cores_and_the_year():
    whole = picture("dmidecode.txt", "lshw.json", "lsblk.json").facts

    assert spec(whole) == Spec(
        memory=12 * 2**30, storage=256060514304 + 31268536320, cores=4, firmware_year=2019
    )


def test_what_is_not_known_is_not_counted():
    assert spec(facts_of("upower.txt")) == Spec(None, None, None, None)
    assert spec(facts_of("dimms.txt")).memory is None
