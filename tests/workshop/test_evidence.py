"""The machine's own evidence at the bench: what it fills in, answers, contradicts and proves."""

import contextlib
import errno
import http.client
import json
import os
import re
import stat
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from tests.conftest import LiveServer
from tests.evidence.samples import LAPTOP, a_bundle, capture
from tests.makers import AT, a_device, a_person
from tests.stations.test_requests import at_once
from tests.workshop.makers import (
    ERASED,
    GRADED,
    Bench,
    a_bench,
    a_listing,
    ask,
    everything_good,
    session_of,
    words,
)
from tracker.custody import replay
from tracker.custody.facts import RetireReason
from tracker.custody.models import Device
from tracker.custody.queries import code_of, history, locked
from tracker.custody.road import Status
from tracker.db import db
from tracker.evidence import actions as evidence
from tracker.evidence import queries
from tracker.evidence.models import CollectorPass, EvidenceFile
from tracker.handover import giving
from tracker.handover.reasons import FindReason, LoseReason
from tracker.people.roles import Role
from tracker.store import store_of
from tracker.workshop import collected, retiring
from tracker.workshop.evidence_views import INBOX, SCRIPT
from tracker.workshop.kinds import DataFate
from tracker.workshop.models import CollectedAnswer
from tracker.workshop.refusals import DataLeft

BARE = {"make": "", "model": "", "serial": ""}
DRIVE = ("S41GNX0M412345", "SAMSUNG MZVLB256HAHQ-000L7")


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app, **BARE)


@pytest.fixture
def desk(make_app: Callable[..., Flask], sqlite_url: str) -> Bench:
    return a_bench(make_app(sqlite_url), **BARE)


def upload(bench: Bench, *files: tuple[str, bytes], code: str = "", event_id: str = ""):
    sent = {
        "csrf_token": bench.token,
        "event_id": event_id or uuid.uuid4().hex,
        "files": [(BytesIO(data), name) for name, data in files],
    }
    answer = bench.client.post(f"/workshop/{code or bench.code}/evidence", data=sent)
    answer.request.environ["wsgi.input"].close()  # a large body lies in a file
    return answer


def laptop(bench: Bench) -> None:
    answer = upload(bench, *((name, capture(name)) for name in LAPTOP))
    assert answer.status_code == 303, words(answer)


def states(bench: Bench) -> list[str]:
    with session_of(bench.app) as session:
        return list(
            session.scalars(
                select(EvidenceFile.state)
                .where(EvidenceFile.device_id == bench.device)
                .order_by(EvidenceFile.id)
            )
        )


def wiped(serial: str = DRIVE[0], *, log: str = "nwipe-ok.txt") -> bytes:
    """Return a log of nwipe for a drive of the laptop."""
    return capture(log).replace(b"Z3TQX1AB", serial.encode()).replace(b"WCAT21234567", serial.encode())


def test_evidence_fills_in_answers_and_is_kept_as_it_came(bench: Bench):
    bench.does("inspect")
    laptop(bench)

    answers, page = bench.work.answers, bench.page()
    row = bench.row
    assert (row.make, row.model, row.serial) == ("LENOVO", "ThinkPad T480", "PF1VN0T8")
    assert answers["storage"].result == "pass"
    assert answers["battery"].result == "fail"
    assert (answers["memory"].value, answers["capacity"].value, answers["cores"].value) == (12, 256, 4)
    assert (answers["battery-health"].value, answers["battery-health"].result) == (58, "pass")
    assert all(answer.evidence for answer in answers.values())
    assert states(bench) == ["kept"] * len(LAPTOP)
    for said in ("i5-8350U", "S41GNX0M412345", "54:e1:ad:9b:0c:11", "PF1VN0T8"):
        assert said in page
    (address,) = re.findall(r'href="(/workshop/[^"]+/evidence/\d+)">dmidecode.txt', page)
    assert bench.client.get(address).data == capture("dmidecode.txt")
    with session_of(bench.app) as session:
        kinds = [line.kind for line in history(session, bench.device)]
        assert not list(replay.differences(session))
    assert kinds.count("evidence") == len(LAPTOP)
    assert kinds.count("amend") == 1


def test_evidence_that_was_there_before_the_inspection_answers_it_when_it_begins(bench: Bench):
    laptop(bench)
    bench.does("inspect")

    assert bench.work.answers["memory"].value == 12


def out_and_back(bench: Bench) -> None:
    with session_of(bench.app) as session:
        by = bench.technician
        giving.lose(session, bench.device, reason=LoseReason.NOT_FOUND, by=by, ask=ask(datetime.now(UTC)))
        giving.find(session, bench.device, reason=FindReason.COUNTED, by=by, ask=ask(datetime.now(UTC)))


def test_what_the_machine_said_before_it_was_out_of_the_house_answers_nothing(bench: Bench):
    laptop(bench)
    out_and_back(bench)
    bench.does("inspect")
    before = bench.work.answers
    upload(bench, ("moi.txt", capture("lscpu.txt") + b"\n"))

    assert before == {}
    assert bench.work.answers.keys() == {"cores"}


def test_a_log_that_was_asked_about_before_the_device_was_out_of_the_house_proves_nothing(bench: Bench):
    proven(bench, wiped("OTHERDRIVE77"))
    out_and_back(bench)
    bench.does("inspect")
    with session_of(bench.app) as session:
        asked = session.scalar(select(EvidenceFile.id).where(EvidenceFile.state == "asked"))

    bench.does(f"evidence/{asked}", this="yes")

    assert bench.work.erasures == []
    assert states(bench)[-1] == "kept"


def test_what_a_person_answered_stays_and_the_page_shows_both(bench: Bench):
    bench.does("inspect")
    bench.does("checks", **{"check-storage": "fail", "value-memory": "2"})
    laptop(bench)

    answers = bench.work.answers
    assert (answers["storage"].result, answers["storage"].evidence) == ("fail", False)
    assert answers["memory"].value == 2
    assert "Máy cho biết: 12 GB" in words(bench.client.get(f"/workshop/{bench.code}"))


def test_a_contradiction_is_shown_and_nothing_is_overwritten(app: Flask):
    bench = a_bench(app, make="Dell", model="Latitude E5520", serial="7XK2M1")
    laptop(bench)

    page = words(bench.client.get(f"/workshop/{bench.code}"))
    assert (bench.row.make, bench.row.serial) == ("Dell", "7XK2M1")
    assert "Lúc tiếp nhận ghi “7XK2M1”, máy cho biết “PF1VN0T8”" in page
    assert "Lúc tiếp nhận ghi “Dell”" in page


def test_the_same_files_again_count_once_and_a_form_sent_twice_is_one(bench: Bench):
    laptop(bench)
    laptop(bench)
    form = uuid.uuid4().hex
    twice = [upload(bench, ("a.txt", capture("lscpu-vi.txt")), event_id=form) for _time in range(2)]

    assert [answer.status_code for answer in twice] == [303, 303]
    assert len(states(bench)) == len(LAPTOP) + 1


def test_the_same_file_at_once_is_kept_once(bench: Bench):
    others = [
        Bench(bench.app, bench.app.test_client(), bench.technician, bench.device, bench.code) for _n in "123"
    ]
    for other in others:
        other.sign_in(bench.technician)

    answers = at_once(
        *[lambda b=other: upload(b, ("dmidecode.txt", capture("dmidecode.txt"))) for other in others]
    )

    assert {answer.status_code for answer in answers} <= {303, 409}
    assert states(bench) == ["kept"]


OTHER = capture("dmidecode.txt").replace(b"PF1VN0T8", b"PF2ZZZZ9").replace(b"7a1c94cc", b"11119999").replace(
    b"L1HF84A01QX", b"L1HF84B99QY"
)  # fmt: skip


@pytest.mark.parametrize(("this", "state"), [("yes", "kept"), ("no", "away")])
def test_a_capture_of_another_machine_is_asked_about_before_it_counts(bench: Bench, this: str, state: str):
    laptop(bench)
    serial = bench.row.serial
    upload(bench, ("other.txt", OTHER))
    asked, page = states(bench)[-1], bench.page()
    (address,) = re.findall(r'action="(/workshop/[^"]+/evidence/\d+)"', page.partition("put it away")[0])[:1]
    bench.does(address.partition(f"/workshop/{bench.code}/")[2], this=this)

    assert asked == "asked"
    assert "“other.txt” có vẻ là của máy khác" in page
    assert states(bench)[-1] == state
    assert bench.row.serial == serial
    twice = bench.post(address.partition(f"/workshop/{bench.code}/")[2], this=this)
    assert twice.status_code == 404


def test_what_a_machine_says_after_it_has_passed_waits_for_another_inspection(bench: Bench):
    proven(bench, wiped())
    bench.does("pass", **GRADED)
    with session_of(bench.app) as session:
        before = queries.known_drives(session, bench.device)
    two = [{"name": f"sd{at}", "type": "disk", "size": 10**11, "serial": f"SECOND{at}"} for at in "ab"]
    listing = json.dumps({"blockdevices": two}).encode()

    refused = upload(bench, ("lsblk.json", listing))
    collected = sent(bench.app, a_pass(bench.app, bench), listing, device=bench.code)

    with session_of(bench.app) as session:
        assert queries.known_drives(session, bench.device) == before
    assert refused.status_code == 409
    assert collected.status_code == 422
    assert "Xưởng chưa nhận xử lý thiết bị này" in collected.get_data(as_text=True)
    assert bench.status is Status.READY


def test_two_captures_of_one_machine_on_two_devices_are_recognised(bench: Bench):
    laptop(bench)
    with session_of(bench.app) as session:
        second = code_of(session, a_device(session, holder=bench.technician.org, **BARE))
    upload(bench, ("dmidecode.txt", capture("dmidecode.txt")), code=second)

    page = bench.client.get(f"/workshop/{second}").get_data(as_text=True)
    assert f"giống máy {bench.code[:4]} {bench.code[4:]}" in page


def proven(bench: Bench, *logs: bytes) -> Bench:
    bench.does("inspect")
    laptop(bench)
    for at, log in enumerate(logs):
        assert upload(bench, (f"nwipe-{at}.txt", log)).status_code in {200, 303}
    bench.does("checks", **everything_good())
    return bench


def test_a_log_of_nwipe_proves_the_wipe_of_the_drive_that_the_machine_names(bench: Bench):
    proven(bench, wiped())

    (erasure,) = bench.work.erasures
    assert (erasure.result, erasure.drive_serial, erasure.method) == ("ok", DRIVE[0], "clear")
    assert erasure.log_id is not None
    assert (erasure.verified_by, erasure.verified_position) == ("Trần Văn Thợ", "Kỹ thuật viên")
    bench.does("pass", **GRADED)
    assert bench.status is Status.READY


def test_a_log_with_verification_errors_is_a_failed_erasure_whatever_its_headline_says(bench: Bench):
    proven(bench, wiped(log="nwipe-verify-errors.txt"))

    (erasure,) = bench.work.erasures
    assert b"Erased" in capture("nwipe-verify-errors.txt")
    assert erasure.result == "failed"
    assert [blocker.kind for blocker in bench.work.blockers] == ["wipe-failed"]
    assert bench.post("pass", **GRADED).status_code == 409


def test_an_erasure_by_hand_of_another_drive_does_not_prove_the_known_one_until_it_is_taken_out(bench: Bench):
    proven(bench)
    bench.does("erasures", **ERASED | {"drive_serial": "WXYZ-1", "drive": "ổ phụ"})
    refused = bench.post("pass", **GRADED)
    assert bench.post("drive", serial=DRIVE[0]).status_code == 409  # nobody said where it went
    assert bench.work.unproven == [DRIVE[0]]
    bench.does("drive", serial=DRIVE[0], to="kept")

    assert refused.status_code == 409
    assert f"Ổ Samsung Electronics Co Ltd {DRIVE[1]} ({DRIVE[0]}) chưa được xóa và xác minh" in words(refused)
    bench.does("pass", **GRADED)


@pytest.mark.parametrize("day", ["0001/01/01", "1970/01/01", "9999/12/31"])
def test_the_clock_of_a_machine_without_a_battery_is_not_believed(desk: Bench, day: str):
    desk.does("inspect")
    log = re.sub(rb"2026/\d\d/\d\d \d\d", day.encode() + b" 00", wiped())

    assert upload(desk, ("nwipe.txt", log)).status_code == 303

    (erasure,) = desk.work.erasures
    assert (erasure.result, erasure.started_at, erasure.ended_at) == ("ok", None, None)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("bad_first", [True, False])
def test_a_failure_on_one_drive_of_a_log_is_not_hidden_by_another_drive_that_went_well(
    bench: Bench, known: bool, bad_first: bool
):
    bad, good = wiped(log="nwipe-verify-errors.txt"), wiped("OTHERDRIVE77")
    bench.does("inspect")
    if known:
        laptop(bench)

    upload(bench, ("hai-o.txt", bad + good if bad_first else good + bad))
    bench.does("checks", **everything_good())

    assert bench.post("pass", **GRADED).status_code == 409
    assert bench.work.proof is None
    said = {each.drive_serial: each.result for each in bench.work.erasures}
    assert said == {DRIVE[0]: "failed"} | ({} if known else {"OTHERDRIVE77": "ok"})
    upload(bench, ("lan-sau.txt", wiped()))
    assert bench.work.proof is not None


def test_a_log_of_other_drives_is_asked_about(bench: Bench):
    proven(bench, wiped("OTHERDRIVE77"))

    assert states(bench)[-1] == "asked"
    assert bench.work.erasures == []


def test_a_drive_that_failed_and_was_taken_out_does_not_block_what_is_left(bench: Bench):
    proven(bench)
    upload(bench, ("hai.json", a_listing([DRIVE[0], "SECONDDRIVE99"])))
    upload(bench, ("hong.txt", wiped(log="nwipe-verify-errors.txt")), ("tot.txt", wiped("SECONDDRIVE99")))
    refused = bench.post("pass", **GRADED)

    bench.does("drive", serial=DRIVE[0], to="destroyed")

    assert refused.status_code == 409
    assert bench.work.blockers == []
    bench.does("pass", **GRADED)


def test_a_drive_that_was_out_and_is_seen_again_must_be_erased_again(bench: Bench):
    proven(bench, wiped())
    bench.does("drive", serial=DRIVE[0], to="kept")
    upload(bench, ("lai.json", a_listing([DRIVE[0]])))

    refused = bench.post("pass", **GRADED)

    assert refused.status_code == 409
    assert "chưa được xóa và xác minh" in words(refused)
    with session_of(bench.app) as session:
        assert not list(replay.differences(session))


def test_what_has_a_drive_is_not_retired_for_parts_as_if_it_had_none(app: Flask):
    bench = a_bench(app, category="other")
    bench.does("inspect")
    upload(bench, ("o.json", a_listing(["FIRSTDRIVE11"])))
    with session_of(app) as session:
        by, row = a_person(session, role=Role.COORDINATOR), locked(session, bench.device)

        assert DataFate.NONE not in retiring.fates(session, row)
        with pytest.raises(DataLeft):
            retiring.retire(
                session, row, RetireReason.PARTS, DataFate.NONE, by=by, ask=ask(datetime.now(UTC))
            )


def test_a_wipe_that_was_told_before_proves_nothing_new_when_its_log_has_grown(bench: Bench):
    old, new = wiped(), wiped("OTHERDRIVE77").replace(b"2026/03/02", b"2026/03/09")
    proven(bench, old)
    assert bench.work.proof is not None
    out_and_back(bench)
    bench.does("inspect")
    bench.does("checks", **everything_good())

    upload(bench, ("nwipe.txt", old + new))
    grown = bench.post("pass", **GRADED)
    upload(bench, ("nwipe.txt", old + new + wiped().replace(b"2026/03/02", b"2026/03/10")))

    assert grown.status_code == 409
    assert len(bench.work.erasures) == 2
    bench.does("pass", **GRADED)


def test_a_good_wipe_that_is_sent_again_does_not_hide_the_failure_after_it(bench: Bench):
    proven(bench, wiped(), wiped(log="nwipe-verify-errors.txt"))
    upload(bench, ("lai.txt", wiped() + b"\n"))

    assert [each.result for each in bench.work.erasures] == ["failed", "ok"]
    assert bench.post("pass", **GRADED).status_code == 409


def test_two_drives_of_one_model_are_told_apart(desk: Bench):
    desk.does("inspect")
    upload(desk, ("hai.json", a_listing(["FIRSTDRIVE11", "SECONDDRIVE22"])))
    upload(desk, ("nwipe.txt", wiped("FIRSTDRIVE11")))

    missing = words(desk.post("pass", **GRADED))
    shown = desk.page().partition('id="evidence"')[2].partition("</section>")[0]

    assert "Samsung SSD 860 · SECONDDRIVE22 chưa được xóa" in missing
    assert "FIRSTDRIVE11 chưa" not in missing
    assert shown.count('name="serial"') == 1


HOSTILE = {
    "empty.txt": b"",
    "cut.json": capture("lshw.json")[:700],
    "binary.bin": bytes(range(256)) * 40,
    "nul.txt": capture("lscpu.txt").replace(b"\n", b"\0\n"),
    "bomb.xml": b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><list>&b;</list>',
    "deep.json": b"[" * 100_000,
    "large.txt": b"Architecture: x86_64\n" * 600_000,
    "<img src=x onerror=alert(1)>.txt": b"hello",
}


def test_hostile_files_are_refused_each_by_name_and_the_good_one_beside_them_is_kept(desk: Bench):
    answer = upload(desk, *HOSTILE.items(), ("lscpu.txt", capture("lscpu.txt")))
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert states(desk) == ["kept"]
    assert "<img src=x" not in page
    for name in list(HOSTILE)[:7]:
        assert re.search(rf"{name}</strong>\s*<[^>]*t-bad", page), name


def test_nothing_chosen_or_a_hundred_megabytes_is_refused(desk: Bench):
    assert upload(desk).status_code == 422
    assert upload(desk, ("all.txt", b"x" * 100_000_000)).status_code == 413


def test_only_technicians_of_its_workshop_send_evidence(desk: Bench):
    with session_of(desk.app) as session:
        stranger = a_person(session, role=Role.TECHNICIAN)
        keeper = a_person(session, role=Role.STOREKEEPER, org=desk.technician.org)
    codes = []
    for person in (stranger, keeper):
        desk.sign_in(person)
        codes.append(upload(desk, ("lscpu.txt", capture("lscpu.txt"))).status_code)

    assert codes == [404, 403]


# The collecting script


def a_pass(app: Flask, bench: Bench) -> str:
    with session_of(app) as session:
        return evidence.make_pass(session, by=bench.technician, at=datetime.now(UTC))


def sent(app: Flask, secret: str, body: bytes, device: str = ""):
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "text/plain"}
    return app.test_client().post(f"/evidence/collected?device={device}", data=body, headers=headers)


BUNDLE = a_bundle("dmidecode.txt", "lscpu.txt", "smartctl-nvme.json")


def test_what_the_script_sends_is_kept_for_who_asked_for_its_code(bench: Bench):
    answer = sent(bench.app, a_pass(bench.app, bench).lower(), BUNDLE, bench.code)

    assert (answer.status_code, states(bench)) == (200, ["kept"])
    assert "Đã đọc và lưu" in answer.text
    assert bench.row.serial == "PF1VN0T8"


def test_a_machine_is_known_by_its_serial_when_nobody_says_which_it_is(app: Flask):
    bench = a_bench(app, make="", model="", serial="PF1VN0T8")
    with session_of(app) as session:
        session.execute(update(Device).where(Device.id == bench.device).values(serial_norm="PF1VN0T8"))

    assert sent(app, a_pass(app, bench), BUNDLE).status_code == 200
    assert states(bench) == ["kept"]


def test_what_cannot_be_placed_is_answered_in_words(desk: Bench):
    secret = a_pass(desk.app, desk)
    with session_of(desk.app) as session:
        foreign = code_of(session, a_device(session, holder=a_person(session, role=Role.TECHNICIAN).org))

    assert sent(desk.app, secret, BUNDLE).status_code == 422
    assert sent(desk.app, secret, BUNDLE, foreign).status_code == 404
    assert sent(desk.app, secret, BUNDLE, "??").status_code == 404
    assert sent(desk.app, secret, b"\0" * 99, desk.code).status_code == 422
    assert states(desk) == []


@pytest.mark.parametrize("wrong", ["", "ZZZZZZZZZZ", "x" * 500, "old", "disabled"])
def test_a_wrong_or_old_code_sends_nothing(desk: Bench, wrong: str):
    secret = a_pass(desk.app, desk)
    with session_of(desk.app) as session:
        if wrong == "old":
            session.execute(update(CollectorPass).values(expires_at=datetime.now(UTC) - timedelta(minutes=1)))
        if wrong == "disabled":
            from tracker.people.models import User

            session.execute(update(User).values(disabled_at=datetime.now(UTC)))
    used = secret if wrong in {"old", "disabled"} else wrong

    assert sent(desk.app, used, BUNDLE, desk.code).status_code == 401
    assert states(desk) == []


def test_the_page_hands_out_the_script_and_a_code_that_is_kept_as_a_digest_only(desk: Bench):
    script = desk.client.get("/evidence/collect.sh")
    desk.does("collector")
    page = desk.page()

    (secret,) = re.findall(r"Mã trạm: (\w{5}-\w{5})", page)
    assert "http://127.0.0.1:5000" in script.text
    assert "@SERVER@" not in script.text
    with session_of(desk.app) as session:
        assert session.scalars(select(CollectorPass.digest)).all() != [secret]
    assert sent(desk.app, secret, BUNDLE, desk.code).status_code == 200


def tools(folder: Path) -> Path:
    """Make commands that print captures, as the tools of a live Linux would."""
    folder.mkdir()
    said = {"dmidecode": "dmidecode.txt", "lshw": "lshw.json", "lscpu": "lscpu.txt", "upower": "upower.txt"}
    for name, file in said.items():
        (folder / f"{name}.said").write_bytes(capture(file))
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec cat "{folder}/{name}.said"\n')
        command.chmod(command.stat().st_mode | stat.S_IEXEC)
    return folder


@pytest.fixture
def reading(live_server: LiveServer, tmp_path: Path):
    """Serve as `tracker serve` does: files are taken at once and read beside it."""
    live_server.app.config["COLLECTED_LATER"] = True
    started: list[threading.Thread] = []

    def read() -> None:
        with live_server.app.test_request_context():
            inbox, settings = (
                live_server.app.config["TRACKER"].home / INBOX,
                live_server.app.config["TRACKER"],
            )
            collected.read_inbox(inbox, db.session(), store_of(settings), hosts={settings.host}, idle=1)
            db.session.remove()

    def start() -> None:
        if not any(thread.is_alive() for thread in started):
            started.append(threading.Thread(target=read))
            started[-1].start()

    patch = pytest.MonkeyPatch()
    patch.setattr(collected, "start_reader", start)
    yield live_server
    for thread in started:
        thread.join()
    patch.undo()


def test_what_is_read_beside_the_server_has_its_answer_for_who_sent_it_alone(reading: LiveServer):
    bench = a_bench(reading.app, **BARE)
    secret = a_pass(reading.app, bench)
    with session_of(reading.app) as session:
        stranger = evidence.make_pass(
            session, by=a_person(session, role=Role.TECHNICIAN), at=datetime.now(UTC)
        )
    first = sent(reading.app, secret, BUNDLE, bench.code)
    where = first.headers["Location"]

    def asked(code: str):
        return reading.app.test_client().get(where, headers={"Authorization": f"Bearer {code}"})

    deadline = time.monotonic() + 20
    while (answer := asked(secret)).status_code == 202 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert first.status_code == 202
    assert (answer.status_code, asked("").status_code, asked(stranger).status_code) == (200, 401, 202)
    assert "Đã đọc và lưu" in answer.text
    assert states(bench) == ["kept"]
    assert not list((reading.app.config["TRACKER"].home / INBOX).glob("*.sent"))


def test_two_readers_read_each_file_once_and_a_fault_of_ours_keeps_nobody_waiting(desk: Bench, monkeypatch):
    settings = desk.app.config["TRACKER"]
    inbox = settings.home / INBOX
    for body in (BUNDLE, capture("lscpu-vi.txt")):
        collected.take(inbox, user=desk.technician.user, device=desk.code, name="a.txt", data=body)
    real = collected.receive

    def fails_first(session, data, **rest):
        if data == BUNDLE:
            raise ZeroDivisionError
        return real(session, data, **rest)

    monkeypatch.setattr(collected, "receive", fails_first)

    def read() -> int:
        with desk.app.test_request_context():
            count = collected.read_inbox(
                inbox, db.session(), store_of(settings), hosts={settings.host}, idle=0
            )
            db.session.remove()
            return count

    counts = at_once(read, read)

    assert sum(counts) == 2
    assert states(desk) == ["kept"]
    assert [path.suffix for path in inbox.iterdir() if path.name[0] != "."] == [".failed"]
    with session_of(desk.app) as session:
        assert sorted(session.scalars(select(CollectedAnswer.status))) == [200, 500]


def test_what_two_readers_died_over_keeps_nobody_waiting(desk: Bench):
    settings = desk.app.config["TRACKER"]
    inbox = settings.home / INBOX
    names = [
        collected.take(inbox, user=desk.technician.user, device=desk.code, name="a.txt", data=body)
        for body in (BUNDLE, capture("lscpu-vi.txt"))
    ]
    with session_of(desk.app) as session:
        values = {"id": "old", "user_id": desk.technician.user, "status": 200, "text": "", "at": AT}
        session.execute(insert(CollectedAnswer), values)

    def dies(path: Path, *_args, **_more) -> None:
        if path.suffix == collected.SENT:
            path.replace(path.with_suffix(collected.READING))
        raise SystemExit(-9)

    def read(reading=None) -> None:
        with desk.app.test_request_context(), pytest.MonkeyPatch.context() as patch:
            if reading:
                patch.setattr(collected, "_read_one", reading)
            with contextlib.suppress(SystemExit):
                collected.read_inbox(inbox, db.session(), store_of(settings), hosts={settings.host}, idle=0)
            db.session.remove()

    read(dies)
    once = collected.waits(inbox, names[0])
    read(dies)
    read()

    with session_of(desk.app) as session:
        answers = dict(session.execute(select(CollectedAnswer.id, CollectedAnswer.status)).all())
    assert once
    assert answers == {names[0]: 500, names[1]: 200}
    assert [path.suffix for path in inbox.iterdir() if path.name[0] != "."] == [".failed"]


def test_whoever_asks_for_the_answer_wakes_a_reader_that_has_ended(reading: LiveServer):
    bench = a_bench(reading.app, **BARE)
    secret, client = a_pass(reading.app, bench), reading.app.test_client()
    inbox = reading.app.config["TRACKER"].home / INBOX
    name = collected.take(
        inbox, user=bench.technician.user, device=bench.code, name="a\nb.txt", data=BUNDLE
    )  # and the server was stopped before it was read

    def asked(name: str):
        return client.get(f"/evidence/collected/{name}", headers={"Authorization": f"Bearer {secret}"})

    unknown = asked("..%2f" + name).status_code
    deadline = time.monotonic() + 20
    while (answer := asked(name)).status_code == 202 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert (answer.status_code, states(bench)) == (200, ["kept"])
    assert answer.text.count("\n") == 1
    assert unknown in {202, 404}


def test_a_full_disk_takes_nothing_and_leaves_nothing(desk: Bench, monkeypatch):
    desk.app.config["COLLECTED_LATER"] = True
    monkeypatch.setattr(collected, "start_reader", lambda: None)
    secret, inbox = a_pass(desk.app, desk), desk.app.config["TRACKER"].home / INBOX

    def full(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        refused = sent(desk.app, secret, BUNDLE, desk.code)
    left = list(inbox.iterdir())

    assert (refused.status_code, left) == (503, [])
    assert sent(desk.app, secret, BUNDLE, desk.code).status_code == 202


def test_more_than_may_wait_is_asked_to_come_again(desk: Bench, monkeypatch):
    desk.app.config["COLLECTED_LATER"] = True
    monkeypatch.setattr(collected, "MOST_WAITING", 1)
    monkeypatch.setattr(collected, "start_reader", lambda: None)
    secret = a_pass(desk.app, desk)

    answers = [sent(desk.app, secret, BUNDLE, desk.code) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [202, 503]
    assert answers[1].headers["Retry-After"] == "60"


@pytest.mark.parametrize("sends", ["curl", "wget"])
def test_the_script_waits_until_what_it_sent_was_read(reading: LiveServer, tmp_path: Path, sends: str):
    test_the_script_collects_and_sends_from_a_real_shell(reading, tmp_path, sends)


@pytest.mark.parametrize("sends", ["curl", "wget"])
def test_the_script_collects_and_sends_from_a_real_shell(live_server: LiveServer, tmp_path: Path, sends: str):
    bench = a_bench(live_server.app, **BARE)
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "collect.sh").write_bytes(bench.client.get("/evidence/collect.sh").data)
    path = f"{tools(tmp_path / 'tools')}{os.pathsep}{only(tmp_path / 'few', sends)}"

    ran = subprocess.run(
        ["/bin/sh", stick / "collect.sh", bench.code, a_pass(live_server.app, bench)],
        env={"PATH": path, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Đã đọc và lưu" in ran.stdout
    assert states(bench) == ["kept"]
    assert bench.row.serial == "PF1VN0T8"
    assert [each.name for each in stick.iterdir()] == ["collect.sh"]


def only(folder: Path, sends: str) -> Path:
    """Return a folder with the usual commands and one of the two that send."""
    folder.mkdir()
    usual = "id mktemp rm cat dirname timeout tr date cp hostname sync sed tail grep sleep".split()
    for name in (*usual, sends):
        for place in ("/usr/bin", "/bin"):
            if (Path(place) / name).exists():
                (folder / name).symlink_to(Path(place) / name)
                break
        else:
            pytest.fail(f"{name} is not there: install it")
    return folder


def test_what_could_not_be_sent_stays_on_the_stick(tmp_path: Path):
    script = tmp_path / "collect.sh"
    script.write_text(
        SCRIPT.read_text(encoding="utf-8").replace("@SERVER@", "http://127.0.0.1:9"), encoding="utf-8"
    )
    path = f"{tools(tmp_path / 'tools')}{os.pathsep}{only(tmp_path / 'few', 'curl')}"

    ran = subprocess.run(
        ["/bin/sh", script, "ABCDEFGH", "JKLMNPQRST"],
        env={"PATH": path, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    (kept,) = tmp_path.glob("chua-gui-*.txt")
    assert ran.returncode == 1
    assert b"=== tracker-evidence 1 dmidecode.txt ===" in kept.read_bytes()


def test_a_body_that_is_announced_as_huge_is_not_read(live_server: LiveServer):
    bench = a_bench(live_server.app, **BARE)
    host = live_server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.putrequest("POST", f"/evidence/collected?device={bench.code}")
    connection.putheader("Authorization", f"Bearer {a_pass(live_server.app, bench)}")
    connection.putheader("Content-Type", "text/plain")
    connection.putheader("Content-Length", str(10**11))
    connection.endheaders()

    assert connection.getresponse().status in {400, 413}
    connection.close()
