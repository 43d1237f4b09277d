"""A wipe is proven only where every word of the log says so."""

import pytest

from tests.evidence.samples import capture, facts_of
from tracker.evidence.facts import Outcome, Wipe
from tracker.evidence.read import read

GOOD = capture("nwipe-ok.txt").decode()


def wipe(text: str) -> Wipe:
    (found,) = read("a", text.encode()).wipes
    return found


def why(found: Wipe) -> str:
    return " ".join(str(words) for words in found.why)


def test_a_verified_wipe_without_errors_is_proven():
    found = wipe(GOOD)

    assert (found.outcome, found.why) == (Outcome.OK, ())
    assert (found.model, found.serial, found.size) == ("ST500DM002-1BD142", "Z3TQX1AB", 500107862016)
    assert (found.method, found.rounds, found.verify, found.tool) == ("DoD Short", 1, "last", "0.34")
    assert (found.pass_errors, found.verify_errors, found.io_errors) == (0, 0, 0)
    assert (found.started, found.ended) == ("2026-03-02T08:20:12", "2026-03-02T14:30:10")


def test_a_log_says_in_which_machine_the_drive_was():
    facts = facts_of("nwipe-ok.txt")

    assert (facts.make, facts.model, facts.serials[0].text) == ("Dell Inc.", "OptiPlex 3020", "7XQ4V12")
    assert [drive.path for drive in facts.drives] == ["/dev/sda", "/dev/sdb"]


def test_verification_errors_fail_a_wipe_whatever_its_headline_says():
    (found,) = facts_of("nwipe-verify-errors.txt").wipes

    assert found.said == "Erased"
    assert found.outcome is Outcome.FAILED
    assert found.verify_errors == 12
    assert "12 verification errors" in why(found)


def test_each_drive_of_a_log_has_its_own_verdict():
    whole, broken = facts_of("nwipe-two.txt").wipes

    assert (whole.path, whole.outcome) == ("/dev/sda", Outcome.UNPROVEN)
    assert "verification was switched off" in why(whole)
    assert (broken.path, broken.outcome) == ("/dev/sdb", Outcome.FAILED)
    assert (broken.pass_errors, broken.io_errors) == (1, 4)


def test_a_log_of_an_old_version_without_summary_proves_nothing():
    (found,) = facts_of("nwipe-old.txt").wipes

    assert (found.outcome, found.size) == (Outcome.UNPROVEN, 120034123776)
    assert "summary is missing" in why(found)


@pytest.mark.parametrize(
    ("old", "new", "outcome", "reason"),
    [
        ("|                    0 |                    0", "|                    1 |                    0",
         Outcome.FAILED, "1 verification errors"),
        ("       sda |           0 |", "!      sda |           7 |", Outcome.FAILED, "7 errors while writing"),
        ("|                    0\n", "|                    2\n", Outcome.FAILED, "2 input/output errors"),
        ("| Erased |", "|-FAILED-|", Outcome.FAILED, "nwipe itself says: FAILED"),
        ("| Erased |", "|UABORTED|", Outcome.FAILED, "aborted"),
        ("| Erased |", "|INSANITY|", Outcome.FAILED, "INSANITY"),
        ("| Erased |", "|        |", Outcome.UNPROVEN, "no word on this drive"),
        ("       sda | Erased", "!      sda | Erased", Outcome.FAILED, "“!”"),
        ("1R+B+VL", "1R+B+NV", Outcome.UNPROVEN, "switched off"),
        ("[SUCCESS] Verified that /dev/sda", "[FAILURE] not verified /dev/sda", Outcome.FAILED, "error of this drive"),
        ("[2026/03/02 14:20:00]  notice: [SUCCESS] Verified that /dev/sda is empty.\n", "",
         Outcome.UNPROVEN, "does not say that the drive was read back"),
        ("notice: Finished pass 1/3, round 1/1, on /dev/sda", "error: 3 verification errors on /dev/sda",
         Outcome.FAILED, "3 verification errors"),
        ("notice: Finished pass 1/3, round 1/1, on /dev/sda", "warning: Buffer flush failure on '/dev/sda'.",
         Outcome.FAILED, "Buffer flush failure"),
        ("notice: Finished pass 1/3, round 1/1, on /dev/sda",
         "warning: write() failed on '/dev/sda' (attempt 1/3): Input/output error", Outcome.FAILED, "Input/output"),
        ("notice: Finished pass 1/3, round 1/1, on /dev/sda", "error: nwipe_static_pass: fdatasync: I/O error",
         Outcome.UNPROVEN, "names no drive"),
        ("Total Throughput", "Total", Outcome.UNPROVEN, "summary is missing"),
        ("'DoD Short'", "'Verify Zeros (0x00)'", Outcome.UNPROVEN, "nothing was overwritten"),
    ],
)  # fmt: skip
def test_one_word_against_it_and_a_wipe_is_not_proven(old: str, new: str, outcome: Outcome, reason: str):
    assert old in GOOD
    found = wipe(GOOD.replace(old, new))

    assert found.outcome is outcome
    assert reason in why(found)


def test_a_log_without_its_table_of_errors_proves_nothing():
    begin, end = GOOD.index("*" * 32 + " Error Summary"), GOOD.index("*" * 33 + " Drive Status")

    found = wipe(GOOD[:begin] + GOOD[end:])

    assert found.outcome is Outcome.UNPROVEN
    assert "no table of errors" in why(found)


@pytest.mark.parametrize("cut", range(len(GOOD.splitlines()) - 2))
def test_a_log_cut_at_any_line_is_never_proven(cut: int):
    text = "".join(line + "\n" for line in GOOD.splitlines()[:cut])
    if "/dev/" not in text:
        return

    assert all(found.outcome is not Outcome.OK for found in read("a", text.encode()).wipes)


def test_a_log_that_was_appended_to_has_each_of_its_runs():
    first, second = read("a", (capture("nwipe-verify-errors.txt").decode() + GOOD).encode()).wipes

    assert (first.serial, first.outcome) == ("WCAT21234567", Outcome.FAILED)
    assert (second.serial, second.outcome) == ("Z3TQX1AB", Outcome.OK)


def test_a_serial_that_nwipe_hides_is_no_serial():
    hidden = GOOD.replace("Z3TQX1AB", "XXXXXXXXXXXXXXX")

    assert wipe(hidden).serial == ""
