import pytest

from tests.evidence.samples import capture, facts_of, laptop
from tracker.evidence.facts import Drive, Facts, Kind, Nic, Serial, Where
from tracker.evidence.machines import Mark, Same, marks, same_machine, universal
from tracker.evidence.merge import merge
from tracker.evidence.read import read


def a_machine(
    *, system: str = "", board: str = "", chassis: str = "", uuid: str = "", mac: str = "", drive: str = ""
) -> Facts:
    serials = ((Where.SYSTEM, system), (Where.BOARD, board), (Where.CHASSIS, chassis))
    return Facts(
        Kind.DMIDECODE,
        serials=tuple(Serial(where, text) for where, text in serials if text),
        uuid=uuid,
        nics=(Nic(mac=mac, name="enp1s0"),) if mac else (),
        drives=(Drive(serial=drive),) if drive else (),
    )


def test_two_captures_of_one_machine_are_recognised_by_what_both_say():
    likeness = same_machine(facts_of("dmidecode.txt"), facts_of("lshw.json"))

    assert likeness.verdict is Same.YES
    assert Mark("system", "PF1VN0T8") in likeness.agree
    assert likeness.differ == ()


def test_another_machine_is_recognised_by_where_they_differ():
    likeness = same_machine(facts_of("lshw.json"), facts_of("lshw.xml"))

    assert likeness.verdict is Same.NO
    assert (Mark("system", "PF1VN0T8"), Mark("system", "7XQ4V12")) in likeness.differ


def test_tools_that_share_no_mark_cannot_tell():
    assert same_machine(facts_of("lscpu.txt"), facts_of("dmidecode.txt")).verdict is Same.UNSURE
    assert same_machine(facts_of("links.txt"), facts_of("dmidecode.txt")).verdict is Same.UNSURE
    assert same_machine(facts_of("links.txt"), facts_of("lshw.json")).verdict is Same.YES


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (a_machine(system="A1", drive="D1"), a_machine(system="A1", drive="D2"), Same.YES),
        (a_machine(system="A1", mac="54:e1:ad:00:00:01"), a_machine(system="A1", mac="54:e1:ad:00:00:02"), Same.YES),
        (a_machine(system="A1", board="B1"), a_machine(system="A1", board="B2"), Same.UNSURE),
        (a_machine(board="B1"), a_machine(board="B1"), Same.YES),
        (a_machine(board="B1"), a_machine(board="B2"), Same.NO),
        (a_machine(drive="D1"), a_machine(drive="D1"), Same.UNSURE),
        (a_machine(drive="D1"), a_machine(drive="D2"), Same.UNSURE),
        (a_machine(system="A1", drive="D1"), a_machine(system="A2", drive="D1"), Same.UNSURE),
        (a_machine(system="A1"), a_machine(system="A2"), Same.NO),
        (a_machine(system="A1", board="B1"), a_machine(system="A2", board="B1"), Same.UNSURE),
        (a_machine(system="System Serial Number"), a_machine(system="System Serial Number"), Same.UNSURE),
        (a_machine(board="MB-1234567890"), a_machine(board="MB-1234567890"), Same.UNSURE),
        (a_machine(uuid="03000200-0400-0500-0006-000700080009"), a_machine(uuid="03000200-0400-0500-0006-000700080009"),
         Same.UNSURE),
        (a_machine(), a_machine(), Same.UNSURE),
        (a_machine(mac="54:e1:ad:00:00:01"), a_machine(mac="54:e1:ad:00:00:02"), Same.UNSURE),
    ],
)  # fmt: skip
def test_a_drive_alone_decides_nothing_and_a_board_is_for_a_person(one: Facts, other: Facts, verdict: Same):
    assert same_machine(one, other).verdict is verdict
    assert same_machine(other, one).verdict is verdict


@pytest.mark.parametrize(
    ("mac", "is_mark"),
    [
        ("54:e1:ad:9b:0c:11", True),
        ("00:00:00:00:00:00", False),
        ("ff:ff:ff:ff:ff:ff", False),
        ("02:aa:bb:cc:dd:ee", False),
        ("da:a1:19:00:00:01", False),
        ("01:00:5e:00:00:01", False),
        ("00:11:22:33:44:55", False),
        ("", False),
    ],
)
def test_only_an_address_given_by_a_maker_is_a_mark(mac: str, is_mark: bool):
    assert universal(mac) is is_mark


@pytest.mark.parametrize("name", ["enx54e1ad9b0c11", "wlp0s19f2u1", "usb0", "wlx54e1ad9b0c11"])
def test_an_adapter_on_usb_is_no_mark(name: str):
    assert not marks(Facts(Kind.LINKS, nics=(Nic(mac="54:e1:ad:9b:0c:11", name=name),)))


def test_a_drive_in_an_adapter_is_no_mark():
    assert not marks(
        Facts(Kind.SMARTCTL, drives=(Drive(serial="D1", usb=True), Drive(serial="D2", removable=True)))
    )


def test_the_picture_of_several_files_has_the_marks_of_all():
    found = marks(merge(laptop()).facts)

    assert {mark.of for mark in found} == {"system", "board", "chassis", "uuid", "mac", "drive"}


def test_a_changed_drive_does_not_make_another_machine():
    changed = read("a", capture("lshw.json").replace(b"S41GNX0M412345", b"S5GXNX0T000001"))

    likeness = same_machine(facts_of("lshw.json"), changed)

    assert likeness.verdict is Same.YES
    assert [one.of for one, _other in likeness.differ] == ["drive"]
