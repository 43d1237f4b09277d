import ast
import base64
import binascii
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.custody import bundles
from tests.custody.bundles import (
    COORDINATOR,
    OTHER_SCHOOL,
    SCHOOL,
    STOREKEEPER,
    TECHNICIAN,
    Event,
    Story,
    a_story,
)
from tracker.custody import checkpoint, merkle, verify
from tracker.custody.road import MOVES

VERIFIER = Path(verify.__file__)
KEY = checkpoint.Key.make(bundles.ORIGIN)
EVENTS = "events.jsonl.b64"
PASS, FAIL, CANNOT_TELL = 0, 1, 2


class Bundle:
    """A true bundle of 40 events, the first 38 sealed, and the notes that a school has on paper."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = a_story().events
        self.bodies = bundles.chained(self.events)
        self.notes = bundles.write(folder, self.bodies, KEY, [5, 20, 38])

    def rewrite(self, events: list[Event], sizes: list[int] | None = None, key: checkpoint.Key = KEY) -> None:
        """Do what the administrator with the signing key can: hash and sign everything again."""
        bodies = bundles.chained(events)
        bundles.write(
            self.folder, bodies, key, sizes or [size for size in (5, 20, 38) if size <= len(bodies)]
        )


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return Bundle(tmp_path / "bundle")


def judged(bundle: Bundle | Path, *trust: str, keys: tuple[str, ...] = ()) -> int:
    return reported(bundle, *trust, keys=keys).code


def reported(bundle: Bundle | Path, *trust: str, keys: tuple[str, ...] = ()) -> verify.Report:
    folder = bundle.folder if isinstance(bundle, Bundle) else bundle
    report = verify.verify_bundle(str(folder), trust, keys)
    assert report.sentences
    assert all(each.vi and each.en for each in report.sentences)
    return report


def english(report: verify.Report) -> str:
    return " ".join(each.en for each in report.sentences)


def without_chain(event: Event, **differs: Any) -> Event:
    return {name: value for name, value in event.items() if name not in ("dseq", "prev")} | differs


# What holds.


def test_a_true_bundle_passes_with_a_paper_of_any_size(bundle: Bundle):
    for size, note in zip((5, 20, 38), bundle.notes, strict=True):
        report = reported(bundle, note)

        assert report.code == PASS
        assert report.sentences[0].en.startswith(f"PASS up to size {size} (root ")
        assert (
            f"covered by 1 trusted checkpoint(s), uncovered tail {40 - size} events" in report.sentences[0].en
        )
        assert report.sentences[0].vi.startswith(f"ĐẠT đến {size} sự kiện")
        assert report.sentences[1].en == f"The last of them is of {bundle.events[size - 1]['at']}."


def test_without_anything_from_outside_it_says_that_nothing_vouches(bundle: Bundle):
    report = reported(bundle)

    assert report.code == PASS
    assert "covered by 0 trusted checkpoint(s), uncovered tail 40 events" in english(report)
    assert "Nothing outside vouches" in english(report)


def test_a_checkpoint_is_taken_as_text_as_a_file_or_as_typed_from_paper(bundle: Bundle, tmp_path: Path):
    note = bundle.notes[2]
    root = note.split("\n")[2]
    scanned, typed = tmp_path / "scanned.txt", tmp_path / "typed.txt"
    scanned.write_text(
        "\ufeff" + "\n---\n".join(bundle.notes).replace("\n", "\r\n"), encoding="utf-8", newline=""
    )
    typed.write_text(
        f"# from record 12/2026\n38:{root}\n\n20 {bundle.notes[1].split()[2][:20]}\n", encoding="utf-8"
    )

    assert judged(bundle, note) == PASS
    assert judged(bundle, note.rstrip("\n")) == PASS
    assert judged(bundle, f"38:{root}") == PASS
    assert judged(bundle, f"38 {root[:20]}") == PASS
    assert judged(bundle, f"38 {root[:5]} {root[5:10]} {root[10:15]} {root[15:20]}") == PASS
    assert judged(bundle, "38", root) == PASS
    assert "by 3 trusted" in english(reported(bundle, str(scanned)))
    assert "by 2 trusted" in english(reported(bundle, str(typed), note))


def test_a_paper_from_before_the_first_event_covers_nothing(bundle: Bundle):
    report = reported(bundle, bundles.note([], 0, KEY))

    assert report.sentences[0].en.startswith("PASS up to size 0 ")
    assert "uncovered tail 40" in english(report)


def test_an_empty_ledger_passes(tmp_path: Path):
    notes = bundles.write(tmp_path, [], KEY, [0])

    assert judged(tmp_path) == PASS
    assert judged(tmp_path, notes[0]) == PASS


def test_the_road_in_the_verifier_is_the_road_of_the_application():
    application = {
        str(move): {
            "from": sorted(step.start),
            "to": step.end,
            "by": sorted(step.by),
            "facts": sorted(field.name for field in fields(step.needs)),
        }
        for move, step in MOVES.items()
    }

    assert application == verify.MOVES


# What is detected in covered events, with the controls that show what is not.


def test_no_bit_of_any_byte_of_the_events_file_can_be_flipped(tmp_path: Path):
    folder = tmp_path / "small"
    notes = bundles.write(folder, bundles.chained(a_story().events[:3]), KEY, [3])
    whole = (folder / EVENTS).read_bytes()

    for at in range(len(whole)):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 7
        (folder / EVENTS).write_bytes(flipped)
        assert judged(folder, notes[0]) == FAIL, at


def test_no_byte_of_any_event_can_be_changed(tmp_path: Path):
    folder = tmp_path / "small"
    bodies = bundles.chained(a_story().events[:3])
    notes = bundles.write(folder, bodies, KEY, [3])

    for number, body in enumerate(bodies):
        for at in range(len(body)):
            changed = bytearray(body)
            changed[at] = changed[at] ^ 1 if chr(changed[at]).isalnum() else 0x7A
            lines = [*bodies]
            lines[number] = bytes(changed)
            (folder / EVENTS).write_bytes(b"".join(base64.b64encode(line) + b"\n" for line in lines))
            assert judged(folder, notes[0]) == FAIL, (number, at)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle(tmp_path_factory.mktemp("standing") / "bundle")


@given(data=st.data())
def test_no_byte_of_a_larger_ledger_can_become_another(standing: Bundle, data: st.DataObject):
    number = data.draw(st.integers(0, 37))
    at = data.draw(st.integers(0, len(standing.bodies[number]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != standing.bodies[number][at]))
    bodies = [bytearray(body) for body in standing.bodies]
    bodies[number][at] = byte
    bundles.write(standing.folder, standing.bodies, KEY, [5, 20, 38])
    assert judged(standing, standing.notes[2]) == PASS
    (standing.folder / EVENTS).write_bytes(b"".join(base64.b64encode(body) + b"\n" for body in bodies))

    assert judged(standing, standing.notes[2]) == FAIL
    assert judged(standing) == FAIL


def edited(events: list[Event]) -> list[Event]:
    return [*events[:7], without_chain(events[7], at="2026-11-20T08:00:07.000Z"), *events[8:]]


def with_one_inserted(events: list[Event]) -> list[Event]:
    story = Story()
    story.events = [*events[:8]]
    story.add(1, "label", STOREKEEPER, {"code": "7K3M9Q99"}, id="inserted")
    return [*story.events, *events[8:]]


def with_one_removed(events: list[Event]) -> list[Event]:
    return [event for event in events if event["kind"] != "erase" or event["dev"] != 1]


def with_two_exchanged(events: list[Event]) -> list[Event]:
    at = next(number for number, event in enumerate(events) if event["kind"] == "send")
    return [*events[:at], events[at + 1], events[at], *events[at + 2 :]]


def shortened(events: list[Event]) -> list[Event]:
    return events[:30]


REWRITTEN = [edited, with_one_inserted, with_one_removed, with_two_exchanged]


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_history_hashed_and_signed_again_is_found_out_by_the_paper(bundle: Bundle, rewritten):
    bundle.rewrite(rewritten(bundle.events))

    report = reported(bundle, bundle.notes[2])

    assert report.code == FAIL
    assert "between index 0 and 37" in english(report)
    assert "signed two histories" in english(report)


@pytest.mark.parametrize("rewritten", [*REWRITTEN, shortened])
def test_control_the_same_history_passes_where_nothing_outside_vouches(bundle: Bundle, rewritten):
    bundle.rewrite(rewritten(bundle.events))

    assert judged(bundle) == PASS


def test_control_an_edit_behind_the_last_trusted_checkpoint_is_not_detected(bundle: Bundle):
    bundle.rewrite([*bundle.events[:30], without_chain(bundle.events[30], actor=99), *bundle.events[31:]])

    assert judged(bundle, bundle.notes[1]) == PASS
    assert judged(bundle, bundle.notes[2]) == FAIL


def test_a_smaller_paper_narrows_down_where_the_edit_is(bundle: Bundle):
    bundle.rewrite([*bundle.events[:30], without_chain(bundle.events[30], actor=99), *bundle.events[31:]])

    assert "between index 20 and 37" in english(reported(bundle, *bundle.notes))


def test_an_edit_that_is_not_hashed_again_is_found_at_its_place(bundle: Bundle):
    at = next(
        number for number, event in enumerate(bundle.events) if event["dev"] == 2 and event["kind"] == "pass"
    )
    bodies = [*bundle.bodies]
    bodies[at] = bodies[at].replace(b"F4 C3", b"F5 C5")
    (bundle.folder / EVENTS).write_bytes(b"".join(base64.b64encode(body) + b"\n" for body in bodies))

    report = reported(bundle)

    assert report.code == FAIL
    assert "between index 5 and 19" in english(report)
    assert f"Event index {at + 1} " in english(report)  # the next event of that device no longer follows


def test_a_shortened_ledger_is_older_than_the_paper_and_never_a_pass(bundle: Bundle):
    bundle.rewrite(shortened(bundle.events))

    report = reported(bundle, bundle.notes[2])

    assert report.code == CANNOT_TELL
    assert "older than the paper" in english(report)


def test_a_ledger_shortened_below_its_own_checkpoint_is_false(bundle: Bundle):
    whole = (bundle.folder / EVENTS).read_bytes()
    (bundle.folder / EVENTS).write_bytes(b"".join(whole.splitlines(keepends=True)[:37]))

    assert judged(bundle) == FAIL
    assert "from index 37 on they were removed" in english(reported(bundle, bundle.notes[2]))


def test_a_paper_newer_than_the_checkpoints_is_met_by_the_events_behind_them(bundle: Bundle):
    newer = bundles.note(bundle.bodies, 40, KEY)
    beyond = bundles.note([*bundle.bodies, b"1"], 41, KEY)
    other = bundles.note([*bundle.bodies[:39], b"1"], 40, KEY)

    assert "uncovered tail 0" in english(reported(bundle, newer))
    assert judged(bundle, beyond) == CANNOT_TELL
    assert judged(bundle, other) == CANNOT_TELL


def test_something_false_is_said_before_something_doubtful(bundle: Bundle):
    bundle.rewrite(edited(bundle.events))

    assert judged(bundle, bundle.notes[2], bundles.note([*bundle.bodies, b"1"], 41, KEY)) == FAIL


def test_two_papers_of_one_size_with_different_roots_contradict_each_other(bundle: Bundle):
    other = bundles.note(bundles.chained(edited(bundle.events)), 38, KEY)

    report = reported(bundle, bundle.notes[2], other)

    assert report.code == FAIL
    assert "contradict each other at size 38" in english(report)
    assert judged(bundle, bundle.notes[2], "38 " + other.split()[2][:20]) == FAIL


def test_two_papers_of_different_sizes_betray_two_histories(bundle: Bundle):
    bodies = bundles.chained(edited(bundle.events))
    other = bundles.note(bodies, 20, KEY)

    assert judged(bundle, bundle.notes[2], other) == FAIL
    bundle.rewrite(edited(bundle.events))
    assert judged(bundle, other) == PASS
    assert judged(bundle, bundle.notes[2], other) == FAIL


# Keys and checkpoints.


def test_a_ledger_signed_by_a_key_that_is_not_listed_is_false(bundle: Bundle):
    (bundle.folder / "keys.txt").write_text(f"{checkpoint.Key.make(bundles.ORIGIN).public}\n")

    assert judged(bundle) == FAIL
    (bundle.folder / "keys.txt").write_text("")
    assert judged(bundle) == FAIL


def test_a_ledger_rewritten_under_a_new_key_is_found_out_by_paper_and_by_fingerprint(bundle: Bundle):
    new = checkpoint.Key.make(bundles.ORIGIN)
    bundle.rewrite(edited(bundle.events), key=new)

    assert judged(bundle) == PASS  # nothing outside vouches
    assert "keys were exchanged" in english(reported(bundle, bundle.notes[2]))
    assert judged(bundle, bundle.notes[2]) == FAIL
    assert judged(bundle, keys=(KEY.fingerprint,)) == FAIL
    assert judged(bundle, keys=(str(KEY.public),)) == FAIL
    assert judged(bundle, keys=(new.fingerprint,)) == PASS


def test_the_fingerprint_may_be_typed_in_groups_and_in_part_but_not_too_short(bundle: Bundle):
    digits = KEY.fingerprint.upper()
    grouped = " ".join(digits[at : at + 4] for at in range(0, 64, 4))

    assert judged(bundle, keys=(grouped,)) == PASS
    assert judged(bundle, keys=(digits[:30],)) == PASS
    assert judged(bundle, keys=(digits[:29],)) == CANNOT_TELL
    assert judged(bundle, keys=("my key",)) == CANNOT_TELL


def test_a_key_changes_at_a_checkpoint_signed_by_both(bundle: Bundle):
    new = checkpoint.Key.make(bundles.ORIGIN)
    roots = {size: merkle.root(map(merkle.leaf_hash, bundle.bodies[:size])) for size in (5, 20, 38)}
    notes = [
        checkpoint.sign(bundles.ORIGIN, 5, roots[5], KEY),
        checkpoint.sign(bundles.ORIGIN, 20, roots[20], KEY, new),
        checkpoint.sign(bundles.ORIGIN, 38, roots[38], new),
    ]
    (bundle.folder / "checkpoints.txt").write_text(checkpoint.join(notes), encoding="utf-8")
    (bundle.folder / "keys.txt").write_text(f"{KEY.public}\n{new.public}\n")

    assert judged(bundle, bundle.notes[2]) == PASS
    (bundle.folder / "keys.txt").write_text(f"{new.public}\n")
    assert judged(bundle, bundle.notes[2]) == FAIL


def test_a_key_of_another_kind_in_the_list_is_passed_over(bundle: Bundle):
    witness = "tinh.example.vn/nhan-chung+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode()
    (bundle.folder / "keys.txt").write_text(f"{witness}\n{KEY.public}\n")

    assert judged(bundle, bundle.notes[2]) == PASS


def test_a_paper_with_a_false_signature_is_no_evidence(bundle: Bundle):
    spoilt = bundle.notes[2].replace("\n38\n", "\n37\n")

    assert judged(bundle, spoilt) == CANNOT_TELL


def test_a_paper_of_another_ledger_is_no_evidence(bundle: Bundle):
    other = bundles.note(bundle.bodies, 38, KEY, origin="so-cai.example.vn/thiet-bi/2")

    assert judged(bundle, other) == CANNOT_TELL


@pytest.mark.parametrize("sizes", [[20, 5, 38], [20, 20], [38, 39, 38]])
def test_checkpoints_grow(bundle: Bundle, sizes: list[int]):
    bundles.write(bundle.folder, bundle.bodies, KEY, sizes)

    assert judged(bundle) == FAIL


def test_all_checkpoints_are_of_one_ledger(bundle: Bundle):
    notes = [
        bundles.note(bundle.bodies, 5, KEY),
        bundles.note(bundle.bodies, 20, KEY, origin="other.example.vn"),
    ]
    (bundle.folder / "checkpoints.txt").write_text(checkpoint.join(notes), encoding="utf-8")

    assert judged(bundle) == FAIL


def test_no_checkpoint_of_the_bundle_may_be_false(bundle: Bundle):
    path = bundle.folder / "checkpoints.txt"
    good = path.read_text(encoding="utf-8")

    for bad in [
        good.replace("\n5\n", "\n4\n"),
        good.replace("---", "--"),
        good.rstrip("\n"),
        good + "\n---\n",
        "x",
    ]:
        path.write_text(bad, encoding="utf-8")
        assert judged(bundle) == FAIL


# The road, against whoever can hash and sign.


def bound() -> Story:
    story = Story()
    story.ready(1)
    story.bind(1, "s1")
    return story


def sent() -> Story:
    story = bound()
    story.send(1, 300)
    return story


def at_school() -> Story:
    story = sent()
    story.confirm(1, 300)
    return story


def two_ready() -> Story:
    story = Story()
    story.ready(1)
    story.ready(2)
    return story


RECEIVED = {"donation": 5, "category": "laptop", "code": "7K3M9Q01"}
CLEAR = {"transit": None, "toward": None}


def at_workshop() -> Story:
    story = Story()
    story.add(1, "receive", TECHNICIAN, RECEIVED)
    story.add(1, "inspect", TECHNICIAN)
    return story


def retired() -> Story:
    story = at_workshop()
    story.add(1, "retire", COORDINATOR, {"reason": "parts", "data_fate": "destroyed", "erasure": None})
    return story


def released(story: Story) -> Event:
    return story.add(1, "release", COORDINATOR, {"reason": "moved-away"})


def undone(story: Story, dev: int, back_to: str) -> Event:
    last = [event for event in story.events if event["dev"] == dev][-1]
    return story.add(dev, "undo", COORDINATOR, {"of": last["id"]}, state=back_to)


FALSE: dict[str, tuple[Callable[[], Story], Callable[[Story], Any], str]] = {
    "a device begins with anything but its receipt": (
        Story, lambda s: s.add(1, "inspect", TECHNICIAN), "cannot start"),
    "a fact about a device never received": (
        Story, lambda s: s.add(1, "label", TECHNICIAN, state="received"), "not been received"),
    "a device is received twice": (
        bound, lambda s: s.add(1, "receive", STOREKEEPER, RECEIVED), "cannot start"),
    "a step is left out": (
        two_ready, lambda s: s.send(1, 300), "cannot start"),
    "a move ends elsewhere": (
        bound, lambda s: s.send(1, 300).update(state="at-school"), "must lead to"),
    "a role does what it may not": (
        two_ready, lambda s: s.add(1, "bind", STOREKEEPER, {"support": "s1"}), "may not do"),
    "an auditor writes": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, role="auditor"), "“role” is not valid"),
    "nobody did it": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, actor=0), "“actor” is not valid"),
    "no organisation did it": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, org=None), "“org” is not valid"),
    "it has no time": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, at="2026-02-30T00:00:00.000Z"), "“at” is not valid"),
    "true stands for one": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, actor=True), "“actor” is not valid"),
    "a field too many": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, name="Nguyễn Văn A"), "fields"),
    "an unknown kind": (
        bound, lambda s: s.add(1, "vanish", TECHNICIAN), "no kind"),
    "the fact a move must come with is missing": (
        bound, lambda s: s.add(1, "release", COORDINATOR), "without “reason”"),
    "passed without a grade": (
        at_workshop, lambda s: s.add(1, "pass", TECHNICIAN, {"inspection": 1, "checklist": "a", "grade": "",
        "erasure": None}), "without “grade”"),
    "sent to repair without a fault": (
        at_workshop, lambda s: s.add(1, "send-to-repair", TECHNICIAN, {"faults": []}), "“faults”"),
    "a fact changes the status": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, state="ready"), "must not change the status"),
    "an event id comes twice": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, id=s.events[0]["id"]), "same id"),
    "a number is skipped": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, dseq=11), "must be its event 10"),
    "the event before is another": (
        bound, lambda s: s.add(1, "label", TECHNICIAN, prev="ab" * 32), "does not follow"),
    "a pupil is supported twice": (
        two_ready, lambda s: (s.bind(1, "s1"), s.bind(2, "s1")), "bound to device 1"),
    "undoing a release takes a support that another device has by now": (
        two_ready, lambda s: (s.bind(1, "s1"), released(s), s.bind(2, "s1"), undone(s, 1, "bound")),
        "bound to device 2"),
    "given to another pupil": (
        at_school, lambda s: s.give(1, "s2"), "another support"),
    "confirmed by another handover": (
        sent, lambda s: s.confirm(1, 301), "another handover"),
    "confirmed by another school": (
        sent, lambda s: s.confirm(1, 300, OTHER_SCHOOL), "not the school"),
    "confirmed by who sent it": (
        sent, lambda s: s.confirm(1, 300).update(actor=STOREKEEPER.actor), "who sent it"),
    "confirmed without having been sent": (
        bound, lambda s: s.confirm(1, 300), "cannot start"),
    "sent with another handover than it is in transit with": (
        bound, lambda s: s.send(1, 300).update(data={"handover": 301, "toward": 20}), "does not agree"),
    "sent and not in transit": (
        bound, lambda s: s.send(1, 300)["cust"].update(CLEAR), "wrongly in or out"),
    "in transit to nowhere": (
        bound, lambda s: s.send(1, 300)["cust"].update(toward=None), "“cust” is not valid"),
    "still in transit after it arrived": (
        sent, lambda s: s.confirm(1, 300)["cust"].update(transit=300, toward=20), "wrongly in or out"),
    "relabelled in transit": (
        sent, lambda s: s.add(1, "label", STOREKEEPER), "in transit"),
    "undone in transit": (
        sent, lambda s: undone(s, 1, "bound"), "in transit"),
    "the holder changes without a handover": (
        bound, lambda s: s.add(1, "release", COORDINATOR, {"reason": "r"}, cust={"org": 99}), "who holds it"),
    "a new place brings a new holder": (
        bound, lambda s: s.add(1, "place", STOREKEEPER, cust={"support": "s1"}), "the place only"),
    "an undo of an older event": (
        bound, lambda s: s.add(1, "undo", COORDINATOR, {"of": s.events[-2]["id"]}, state="ready"), "last event"),
    "an undo of another device's event": (
        two_ready, lambda s: s.add(1, "undo", COORDINATOR, {"of": s.events[-1]["id"]}, state="ready"), "last event"),
    "an undo that goes elsewhere": (
        bound, lambda s: undone(s, 1, "given"), "does not bring back"),
    "an undo of the receipt": (
        Story, lambda s: (s.add(1, "receive", STOREKEEPER, RECEIVED), undone(s, 1, "received")), "nothing before"),
    "an undo that leaves it elsewhere": (
        bound, lambda s: undone(s, 1, "ready")["cust"].update(place=9), "does not bring back"),
    "given in the name of one pupil and held by another": (
        at_school, lambda s: s.give(1, "s1")["cust"].update(support="s2"), "another support"),
    "relabelled and put elsewhere": (
        bound, lambda s: s.add(1, "label", STOREKEEPER, cust={"place": 9}), "who holds it"),
    "confirmed by one school and held by another": (
        sent, lambda s: s.confirm(1, 300)["cust"].update(org=21), "not the school"),
    "confirmed by another school and held by the right one": (
        sent, lambda s: s.confirm(1, 300).update(org=21), "not the school"),
    "bound to a number": (
        two_ready, lambda s: s.add(1, "bind", COORDINATOR, {"support": 5}), "“support” is not valid"),
    "held by nobody": (
        bound, lambda s: s.add(1, "label", TECHNICIAN)["cust"].update(org=None), "“cust” is not valid"),
    "held by an empty support": (
        bound, lambda s: s.add(1, "label", TECHNICIAN)["cust"].update(support=""), "“cust” is not valid"),
    "at a place without a number": (
        bound, lambda s: s.add(1, "label", TECHNICIAN)["cust"].update(place="shelf"), "“cust” is not valid"),
    "custody with a field too many": (
        bound, lambda s: s.add(1, "label", TECHNICIAN)["cust"].update(pupil=1), "“cust” is not valid"),
    "leaving what is final": (
        retired, lambda s: s.add(1, "find", COORDINATOR, {"reason": "r"}), "cannot start"),
}  # fmt: skip


@pytest.mark.parametrize("claim", FALSE)
def test_what_the_road_does_not_allow_is_found_however_well_it_is_signed(tmp_path: Path, claim: str):
    start, falsify, why = FALSE[claim]
    story = start()
    before = len(story.events)
    bundles.write(tmp_path, bundles.chained(story.events), KEY, [before])
    assert judged(tmp_path) == PASS
    falsify(story)
    bodies = bundles.chained(story.events)
    notes = bundles.write(tmp_path, bodies, KEY, [len(bodies)])

    report = reported(tmp_path, notes[0])

    assert report.code == FAIL
    assert why in english(report)
    assert f"Event index {len(bodies) - 1} (line {len(bodies)})" in english(report)


def test_what_was_undone_can_be_done_again(tmp_path: Path):
    story = sent()
    story.add(1, "lose", STOREKEEPER, {"reason": "r"}, cust=CLEAR)
    story.add(1, "find", STOREKEEPER, {"reason": "r"})
    story.add(1, "undo", COORDINATOR, {"of": story.events[-1]["id"]}, state="missing")
    story.add(1, "undo", COORDINATOR, {"of": story.events[-1]["id"]}, state="returned")
    story.add(1, "inspect", TECHNICIAN)
    bodies = bundles.chained(story.events)

    assert judged(tmp_path, bundles.write(tmp_path, bodies, KEY, [len(bodies)])[0]) == PASS


def test_undoing_a_confirmation_puts_the_device_on_its_way_again(tmp_path: Path):
    story = at_school()
    story.add(
        1, "undo", SCHOOL, {"of": story.events[-1]["id"]}, state="on-the-way", cust=sent().events[-1]["cust"]
    )
    story.confirm(1, 300)
    bodies = bundles.chained(story.events)

    assert judged(tmp_path, bundles.write(tmp_path, bodies, KEY, [len(bodies)])[0]) == PASS


def test_a_road_that_says_anything_else_is_false(bundle: Bundle):
    for edit in (
        lambda road: road["moves"]["give"]["from"].append("ready"),
        lambda road: road["moves"].pop("lose"),
        lambda road: road.update(v=True),
        lambda road: road["still"].append("vanish"),
    ):
        road = json.loads(json.dumps(verify.ROAD))
        edit(road)
        (bundle.folder / "road.json").write_text(json.dumps(road))
        assert judged(bundle, bundle.notes[2]) == FAIL


# Bundles made to do harm.


def replaced(name: str, edit: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(edit((folder / name).read_bytes()))

    return spoil


def encoded(body: bytes) -> Callable[[bytes], bytes]:
    return lambda whole: whole + base64.b64encode(body) + b"\n"


HOSTILE = {
    "CRLF": replaced(EVENTS, lambda whole: whole.replace(b"\n", b"\r\n")),
    "no newline at the end": replaced(EVENTS, lambda whole: whole[:-1]),
    "an empty line": replaced(EVENTS, lambda whole: whole + b"\n"),
    "a huge line": replaced(EVENTS, lambda whole: whole + b"A" * 5_000_000 + b"\n"),
    "a huge last line": replaced(EVENTS, lambda whole: whole + b"A" * 5_000_000),
    "a body too large": replaced(EVENTS, encoded(b'"' + b"x" * 16_383 + b'"')),
    "deep JSON": replaced(EVENTS, encoded(b"[" * 8000 + b"]" * 8000)),
    "not UTF-8": replaced(EVENTS, encoded(b'"\xff\xfe"')),
    "a key twice": replaced(EVENTS, encoded(b'{"v":1,"v":1}')),
    "a number, no event": replaced(EVENTS, encoded(b"1")),
    "an empty object": replaced(EVENTS, encoded(b"{}")),
    "a very long number": replaced(EVENTS, encoded(b"9" * 16_000)),
    "letters beyond ASCII": replaced(EVENTS, lambda whole: whole + "sự kiện\n".encode()),
    "base64 with spare bits": replaced(EVENTS, lambda whole: whole + b"MR==\n"),
    "zeros": replaced(EVENTS, lambda whole: bytes(100_000)),
    "deep road": replaced("road.json", lambda whole: b"[" * 500_000),
    "a road almost too deep": replaced("road.json", lambda whole: b"[" * 900 + b"]" * 900),
    "a road that is no JSON": replaced("road.json", lambda whole: b"\xff"),
    "a huge road": replaced("road.json", lambda whole: whole + b" " * 2_000_000),
    "a key that is none": replaced("keys.txt", lambda whole: whole + b"a+b+c\n"),
    "a key that is no point": replaced("keys.txt", lambda whole: whole + key_line(b"\xff" * 32)),
    "a key under which anything is signed": replaced("keys.txt", lambda whole: whole + key_line(b"\1" + bytes(31))),
    "keys that are no text": replaced("keys.txt", lambda whole: b"\xff\x00"),
    "checkpoints that are no text": replaced("checkpoints.txt", lambda whole: whole + b"\xff"),
    "checkpoints with CRLF": replaced("checkpoints.txt", lambda whole: whole.replace(b"\n", b"\r\n")),
    "a checkpoint of a huge size": replaced("checkpoints.txt", lambda whole: whole.replace(b"\n5\n", b"\n5" + b"0" * 5000 + b"\n")),
    "a thousand signatures": replaced("checkpoints.txt", lambda whole: whole + whole.split(b"\n\n")[-1] * 1000),
}  # fmt: skip


def key_line(raw: bytes) -> bytes:
    return f"{checkpoint.PublicKey('x.example', raw)}\n".encode()


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_bundle_is_false_and_crashes_nothing(bundle: Bundle, how: str):
    HOSTILE[how](bundle.folder)

    assert judged(bundle, bundle.notes[2]) == FAIL


def as_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def test_an_event_is_written_in_base64_in_one_way_only(bundle: Bundle):
    lines = (bundle.folder / EVENTS).read_bytes().split(b"\n")
    at = next(number for number, line in enumerate(lines) if line.endswith(b"=") and not line.endswith(b"=="))
    last = lines[at][-2:-1]
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = letters[letters.index(last) | 1 : (letters.index(last) | 1) + 1]
    lines[at] = lines[at][:-2] + other + b"="
    (bundle.folder / EVENTS).write_bytes(b"\n".join(lines))

    assert base64.b64decode(lines[at]) == bundle.bodies[at]
    assert judged(bundle) == FAIL


@pytest.mark.skipif(os.name != "posix", reason="Links and pipes are made as on POSIX.")
@pytest.mark.parametrize("name", [EVENTS, "checkpoints.txt", "keys.txt", "road.json"])
@pytest.mark.parametrize("made", [Path.unlink, as_link, as_pipe, as_folder])
def test_what_is_no_plain_file_cannot_be_judged(bundle: Bundle, name: str, made: Callable[[Path], Any]):
    made(bundle.folder / name)

    report = reported(bundle, bundle.notes[2])

    assert report.code == CANNOT_TELL
    assert name in english(report)


@pytest.mark.parametrize(
    "trust", ["", "no-such-file", "38", "38:short", "38:" + "A" * 45, "— x", "\x00", "x" * 5000]
)
def test_a_trusted_checkpoint_that_cannot_be_read_is_said_so(bundle: Bundle, trust: str):
    assert judged(bundle, trust) == CANNOT_TELL


@given(name=st.sampled_from([EVENTS, "checkpoints.txt", "keys.txt", "road.json"]), data=st.data())
def test_no_cut_or_splice_of_a_file_crashes_the_verifier(standing: Bundle, name: str, data: st.DataObject):
    bundles.write(standing.folder, standing.bodies, KEY, [5, 20, 38])
    path = standing.folder / name
    whole = path.read_bytes()
    start, end = sorted((data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))))
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:])

    assert judged(standing, standing.notes[2]) in (PASS, FAIL, CANNOT_TELL)


def test_text_from_a_bundle_cannot_steer_the_terminal(tmp_path: Path):
    story = bound()
    story.add(1, "\x9b2J\u202e" + "x" * 100, TECHNICIAN)
    bundles.write(tmp_path, bundles.chained(story.events), KEY, [1])

    report = reported(tmp_path)

    assert report.code == FAIL
    assert not {"\x9b", "\u202e"} & set(english(report))


# The one file alone.


def alone(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a copy of the one file elsewhere, without the environment, site packages or this folder."""
    copied = Path(shutil.copy(VERIFIER, tmp_path / "verify.py"))
    command = [sys.executable, "-I", "-S", "-W", "error", str(copied), *arguments]
    return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=False)


def test_the_one_file_runs_with_python_alone(bundle: Bundle, tmp_path: Path):
    run = alone(tmp_path, str(bundle.folder), "--trust", bundle.notes[2], "--key", str(KEY.public))

    assert (run.returncode, run.stderr) == (PASS, b"")
    assert "ĐẠT đến 38 sự kiện" in run.stdout.decode()
    assert "PASS up to size 38" in run.stdout.decode()


def test_alone_it_says_fail_and_cannot_tell_by_its_exit_code(bundle: Bundle, tmp_path: Path):
    assert alone(tmp_path, str(tmp_path / "nowhere")).returncode == CANNOT_TELL
    assert alone(tmp_path).returncode == CANNOT_TELL
    bundle.rewrite(edited(bundle.events))
    run = alone(tmp_path, str(bundle.folder), "--trust", *bundle.notes)

    assert (run.returncode, run.stderr) == (FAIL, b"")


def test_it_is_written_in_the_python_of_2019_and_asks_for_nothing_else():
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for name in ("annotation", "returns")
        if getattr(node, name, None)
        for part in ast.walk(getattr(node, name))
    } | {id(part) for node in ast.walk(tree) if is_type_checking(node) for part in ast.walk(node)}
    subscripted = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"list", "dict", "set", "tuple", "type"}
        and id(node) not in annotations
    ]

    assert imported <= sys.stdlib_module_names
    assert not subscripted, "Python 3.8 cannot run these lines"


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_a_console_without_vietnamese_letters_is_no_obstacle(bundle: Bundle, monkeypatch, tmp_path: Path):
    with (tmp_path / "out").open("w", encoding="cp1252") as console:
        monkeypatch.setattr(sys, "stdout", console)
        code = verify.main([str(bundle.folder), "--trust", bundle.notes[2]])

    assert code == PASS
    assert "PASS up to size 38" in (tmp_path / "out").read_text(encoding="cp1252")


def test_help_names_what_it_detects_and_what_not(capsys: pytest.CaptureFixture[str]):
    assert verify.main(["--help"]) == PASS
    said = capsys.readouterr().out

    assert "What this detects" in said
    assert "What it does not detect" in said


# Signatures.


def test_signatures_are_judged_as_another_implementation_judges_them():
    chance = random.Random(8032)
    for number in range(60):
        secret = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        raw, message = secret.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(200))
        signature = bytearray(secret.sign(message))
        if number % 3 == 1:
            signature[chance.randrange(64)] ^= 1 << chance.randrange(8)
        elif number % 3 == 2:
            message += b"!"
        theirs = checkpoint.PublicKey("x", raw).signed(message, bytes(signature))

        assert verify.VerifyKey(raw).signed(message, bytes(signature)) == theirs == (number % 3 == 0)


def test_the_vectors_of_rfc_8032_hold():
    for raw, message, signature in (
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ):
        key = verify.VerifyKey(binascii.unhexlify(raw))
        assert key.signed(binascii.unhexlify(message), binascii.unhexlify(signature))
        assert not key.signed(binascii.unhexlify(message) + b"x", binascii.unhexlify(signature))


def test_a_signature_made_larger_by_the_order_of_the_curve_is_refused():
    secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = secret.sign(b"message")
    larger = int.from_bytes(signature[32:], "little") + verify.ORDER
    key = verify.VerifyKey(secret.public_key().public_bytes_raw())

    assert key.signed(b"message", signature)
    assert not key.signed(b"message", signature[:32] + larger.to_bytes(32, "little"))
    assert not key.signed(b"message", signature + b"\0")


def test_a_key_is_a_point_of_the_curve():
    accepted = 0
    for y in range(2, 200):
        try:
            x, _, _, _ = verify._point(y.to_bytes(32, "little"))
        except verify.Broken:
            continue
        accepted += 1
        assert (y * y - x * x - 1 - verify.D * x * x * y * y) % verify.P == 0

    assert 70 < accepted < 130
    for no_point in [(1 | 1 << 255), verify.P + 1, 2**256 - 1]:
        with pytest.raises(verify.Broken):
            verify._point(no_point.to_bytes(32, "little"))
