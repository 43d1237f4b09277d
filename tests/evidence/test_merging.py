import random

from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.samples import GOOD, a_bundle, capture, facts_of, laptop, picture
from tracker.evidence.facts import Drive, DriveKind, Facts, Kind, NicKind
from tracker.evidence.merge import merge
from tracker.evidence.read import read

ALL_FACTS = [(name, facts_of(name)) for name in GOOD]


def test_each_fact_comes_with_the_files_that_say_it():
    whole = merge(laptop())

    assert whole.files("make") == ("dmidecode.txt", "lshw.json")
    assert whole.files("cpu") == ("dmidecode.txt", "lscpu.txt", "lshw.json")
    assert whole.facts.name == "LENOVO ThinkPad T480"
    assert whole.facts.batteries[0].full == 13920.0
    assert whole.files("batteries") == ("upower.txt",)
    assert whole.disagreements == ()


def test_a_drive_seen_by_several_tools_is_one_drive():
    whole = merge(laptop())

    nvme = next(one for one in whole.said if one.field == "drives" and one.value.kind is DriveKind.NVME)
    assert nvme.files == ("lshw.json", "smartctl-nvme.json")
    assert (nvme.value.hours, nvme.value.worn, nvme.value.passed) == (6123, 7, True)
    assert len(whole.facts.drives) == 2


def test_a_card_seen_by_its_address_is_not_counted_again():
    cards = merge(laptop()).facts.nics

    assert [(nic.kind, nic.mac) for nic in cards if nic.name != "enx02aabbccddee"] == [
        (NicKind.ETHERNET, "54:e1:ad:9b:0c:11"),
        (NicKind.WIFI, "00:28:f8:9b:0c:12"),
    ]


def test_the_order_of_files_changes_nothing():
    expected = merge(ALL_FACTS)
    draw = random.Random(3)
    for _times in range(20):
        shuffled = ALL_FACTS[:]
        draw.shuffle(shuffled)
        assert merge(shuffled) == expected


@given(st.permutations(ALL_FACTS), st.integers(1, len(GOOD)))
def test_the_order_of_some_files_changes_nothing(files: list[tuple[str, Facts]], count: int):
    assert merge(files[:count]) == merge(reversed(files[:count]))


def test_a_file_twice_says_the_same_once():
    once, twice = merge(laptop()), merge(laptop() + laptop())

    assert once == twice


def test_a_bundle_counts_as_its_parts():
    names = ("dmidecode.txt", "lshw.json", "smartctl-nvme.json")
    together = merge([("all.txt", read("all.txt", a_bundle(*names, "dmidecode-ports.txt")))])
    apart = picture(*names)

    assert together.facts == apart.facts
    assert together.files("make") == ("all.txt/dmidecode.txt", "all.txt/lshw.json")
    assert [name for name, _why in together.refused] == ["all.txt/dmidecode-ports.txt"]


def test_files_that_say_different_things_are_shown_with_both():
    whole = picture("dmidecode.txt", "lshw.xml")

    make = next(one for one in whole.disagreements if one.field == "make")
    assert [(said.value, said.files) for said in make.said] == [
        ("LENOVO", ("dmidecode.txt",)),
        ("Dell Inc.", ("lshw.xml",)),
    ]
    assert {"make", "model", "uuid", "cpu", "total_memory", "serial (system)"} <= {
        one.field for one in whole.disagreements
    }


def test_a_processor_that_one_tool_cuts_short_is_the_same():
    cut = capture("dmidecode.txt").replace(b"@ 1.70GHz", b"@ 1.70GH   ")

    assert merge([("a", read("a", cut)), ("b", facts_of("lscpu.txt"))]).disagreements == ()


def facts(*drives: Drive) -> Facts:
    return Facts(Kind.LSBLK, drives=drives)


def test_a_drive_without_serial_joins_the_only_one_of_its_model_and_size():
    known = Drive(model="ST500DM002-1BD142", serial="Z3TQX1AB", size=500107862016, hours=5)
    cut = Drive(model="ST500DM002-1BD14", size=500107862016, path="/dev/sda")

    (one,) = merge([("a", facts(known)), ("b", facts(cut))]).facts.drives

    assert (one.serial, one.path, one.model, one.hours) == ("Z3TQX1AB", "/dev/sda", "ST500DM002-1BD142", 5)


def test_drives_that_only_look_alike_stay_two():
    one = Drive(model="ST500DM002", serial="A", size=500107862016)
    other = one._replace(serial="B")
    bare = one._replace(serial="")

    assert len(merge([("a", facts(one, other))]).facts.drives) == 2
    assert len(merge([("a", facts(bare, bare))]).facts.drives) == 2
    assert len(merge([("a", facts(bare, bare)), ("b", facts(bare, bare))]).facts.drives) == 2
    assert len(merge([("a", facts(one, other)), ("b", facts(bare))]).facts.drives) == 3


def test_placeholders_join_no_drives():
    one = Drive(model="X", serial="0123456789", size=1000)
    other = Drive(model="Y", serial="0123456789", size=2000)

    assert len(merge([("a", facts(one)), ("b", facts(other))]).facts.drives) == 2


def test_an_exact_size_is_kept_before_a_rounded_one():
    exact = Drive(model="X", serial="S1", size=256060514304)
    rounded = exact._replace(size=int(238.5 * 2**30))

    assert merge([("a", facts(rounded)), ("b", facts(exact))]).facts.drives[0].size == 256060514304


def test_of_two_counts_the_later_is_kept_and_one_failure_is_a_failure():
    before = Drive(model="X", serial="S1", hours=10, reallocated=0, passed=True, counted=True)
    after = before._replace(hours=20, reallocated=8, passed=False)

    (one,) = merge([("a", facts(after)), ("b", facts(before))]).facts.drives

    assert (one.hours, one.reallocated, one.passed) == (20, 8, False)
