"""The workshop through its pages, on both databases."""

import re
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from tests.makers import AT, ROAD_TO, a_device, a_person
from tests.makers import _make as step
from tests.workshop.makers import ERASED, GRADED, Bench, a_bench, ask, everything_good, session_of, words
from tracker.custody import actions as custody
from tracker.custody import bundle, replay, seal, verify
from tracker.custody.checkpoint import Key
from tracker.custody.facts import Reason
from tracker.custody.queries import code_of, history, locked
from tracker.custody.road import Move, Status
from tracker.people.models import User
from tracker.people.roles import Role
from tracker.workshop import actions, erasures, queries, worklists
from tracker.workshop.kinds import FaultKind, Method, Outcome
from tracker.workshop.models import Inspection

NOW = datetime(2022, 1, 3, 2, 0, tzinfo=UTC)

#: The device's last event before the tests begin: it was received.
BEGUN = 1


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app)


@pytest.fixture
def desk(make_app: Callable[..., Flask], sqlite_url: str) -> Bench:
    """The same on SQLite only, for what the forms alone decide."""
    return a_bench(make_app(sqlite_url))


def inspected(bench: Bench, *, but: str = "") -> Bench:
    """Bring the device to where only `but` is missing."""
    bench.does("inspect")
    if but != "checks":
        bench.does("checks", **everything_good())
    if but != "erasure":
        bench.does("erasures", **ERASED)
    return bench


def test_a_device_goes_from_inspection_over_repair_and_erasure_to_ready(bench: Bench, tmp_path: Path):
    bench.does("inspect")
    first = bench.work.inspection.id
    bench.does("checks", **everything_good() | {"check-battery": "fail", "note-battery": "chai 40 %"})
    suggested = bench.work.suggested
    bench.does("faults", fault="battery", fault_note="chai 40 %")
    bench.does("faults", fault="other", fault_note="thiếu ốc đáy")
    bench.does("repair")
    repairing = bench.status
    battery, screw = (fault.id for fault in bench.work.open_faults[::-1])
    bench.does("outcomes", **{f"outcome-{battery}": "replaced-part", f"outcome-note-{battery}": "pin mới"})
    bench.does("outcomes", **{f"outcome-{screw}": "fixed"}, finish="1")
    second = bench.work
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED, drive="Samsung MZ7LN256 S3TVNX0J")
    bench.does("pass", **GRADED)

    with session_of(bench.app) as session:
        facts = {line.kind: line.data for line in history(session, bench.device)}
        note = seal.seal(session, key := Key.make("so-cai.smt.lan/thiet-bi/1"), at=NOW)
        session.commit()
        bundle.export(session, tmp_path / "b", keys=[key.public])
        differences = list(replay.differences(session))
    assert suggested == {FaultKind.BATTERY: "battery"}
    assert repairing is Status.REPAIRING
    assert (bench.status, bench.row.grade) == (Status.READY, "F5 C4")
    assert facts["finish-repair"] == {"outcomes": [f"{battery}:replaced-part", f"{screw}:fixed"]}
    assert (second.going_on, second.answers) == (True, {})
    assert second.inspection.follows_id == first
    assert facts["pass"]["checklist"] == "laptop/2"
    assert facts["pass"]["erasure"] == bench.work.erasures[0].id
    assert bench.work.inspection.result == "passed"
    assert not differences
    assert verify.main([str(tmp_path / "b"), "--trust", note]) == 0


def refused(bench: Bench, *said: str, **grade: str) -> None:
    answer = bench.post("pass", **(grade or GRADED))

    assert answer.status_code == 409
    for sentence in said:
        assert sentence in words(answer)
    assert bench.status is Status.INSPECTING


def test_no_pass_without_erasure(bench: Bench):
    refused(inspected(bench, but="erasure"), "Chưa xóa dữ liệu thành công")


def test_no_pass_with_a_failed_erasure_after_a_good_one(bench: Bench):
    inspected(bench)
    bench.does("erasures", **ERASED | {"result": "failed", "erasure_note": "lỗi kiểm chứng"})

    assert [blocker.kind for blocker in bench.work.blockers] == ["wipe-failed"]
    refused(bench, "Chưa xóa dữ liệu thành công", "Đang vướng: Xóa dữ liệu thất bại")


def test_a_good_erasure_unblocks_what_a_failed_one_blocked(bench: Bench):
    inspected(bench, but="erasure")
    bench.does("erasures", **ERASED | {"result": "failed"})
    bench.does("erasures", **ERASED)

    bench.does("pass", **GRADED)
    assert bench.status is Status.READY


def test_a_good_erasure_of_another_drive_does_not_unblock(bench: Bench):
    inspected(bench, but="erasure")
    bench.does("erasures", **ERASED | {"result": "failed", "drive": "WD  Blue 1"})
    bench.does("erasures", **ERASED, drive="Seagate 2")
    refused(bench, "Đang vướng: Xóa dữ liệu thất bại")

    bench.does("erasures", **ERASED, drive="wd blue 1")
    bench.does("pass", **GRADED)


def erased(session: Session, bench: Bench, row: Row) -> None:
    erasures.record_erasure(
        session, row, method=Method.CLEAR, tool="nwipe", ok=True, by=bench.technician, ask=ask(AT)
    )


def test_an_erasure_before_the_device_came_back_does_not_count(app: Flask):
    bench = a_bench(app, status=Status.INSPECTING)
    with session_of(app) as session:
        erased(session, bench, locked(session, bench.device))
        before = queries.proof(session, bench.device)
        for move in (Move.LOSE, Move.FIND):  # at the same moment: the ledger's order decides, not the clock
            custody.make(session, bench.device, move, Reason("other"), by=bench.technician, ask=ask(AT))
        after = queries.proof(session, bench.device)

    assert before is not None
    assert after is None
    assert "trước khi thiết bị có dữ liệu mới" in bench.page()
    inspected(bench, but="erasure")
    refused(bench, "Chưa xóa dữ liệu thành công")


@pytest.mark.parametrize("status", [Status.AT_SCHOOL, Status.GIVEN])
def test_an_erasure_before_take_back_does_not_count(app: Flask, status: Status):
    bench = a_bench(app)
    with session_of(app) as session:
        erased(session, bench, locked(session, bench.device))
        for move in ROAD_TO[status]:
            step(session, bench.device, move, bench.technician, school=None, pupil=None)
        there = queries.proof(session, bench.device)
        coordinator = a_person(session, role=Role.COORDINATOR)
        custody.make(session, bench.device, Move.TAKE_BACK, Reason("other"), by=coordinator, ask=ask(AT))
        back = queries.proof(session, bench.device)

    assert (there is None) == (status is Status.GIVEN)
    assert back is None


def test_no_pass_with_an_open_fault(bench: Bench):
    inspected(bench)
    bench.does("faults", fault="screen")
    refused(bench, "Số lỗi chưa có kết quả xử lý: 1")


def test_no_pass_with_a_bad_check(bench: Bench):
    inspected(bench)
    bench.does("checks", **{"check-wifi": "fail"})
    refused(bench, "Không đạt: Vào được mạng Wi-Fi")


def test_no_pass_with_a_mandatory_check_missing(bench: Bench):
    refused(inspected(bench, but="checks"), "Chưa kiểm tra: Mọi phím", "Chưa kiểm tra: Tự khởi động")


def test_no_pass_with_a_blocker(bench: Bench):
    inspected(bench)
    for kind in ("needs-part", "account-locked", "reported-stolen", "needs-decision"):
        bench.does("block", blocker=kind, blocker_note="chờ")
        refused(bench, "Đang vướng")
        bench.does("unblock", blocker=kind)

    bench.does("pass", **GRADED)


def test_no_pass_without_a_right_grade(desk: Bench):
    inspected(desk)
    for grade in ({"function": ""}, {"function": "F9", "cosmetic": "C4"}, {"cosmetic": "C3"}):
        refused(desk, "Chưa phân loại", **grade)


def test_what_is_optional_and_bad_lets_it_pass_with_a_low_grade_only(desk: Bench):
    inspected(desk)
    desk.does("checks", **{"check-bluetooth": "fail"})
    refused(desk, "Chỉ xếp loại cao nhất là F3")

    desk.does("pass", function="F3", cosmetic="C4")


def test_a_thing_without_storage_needs_no_erasure(app: Flask):
    bench = a_bench(app, category="other")
    bench.does("inspect")
    bench.does("checks", **everything_good("other") | {"check-power": "na"})
    bench.does("pass", **GRADED)

    assert bench.status is Status.READY


def test_the_page_says_what_is_missing_before_anybody_presses(desk: Bench):
    desk.does("inspect")
    started = desk.page()
    inspected_page = inspected_only(desk)

    assert "Chưa xóa dữ liệu thành công" in started
    assert f"/workshop/{desk.code}/pass" not in started
    assert f"/workshop/{desk.code}/pass" in inspected_page
    assert inspected_page.count('value="pass" checked') == sum(
        x == "pass" for x in everything_good().values()
    )
    assert "Trần Văn Thợ" in inspected_page


def inspected_only(bench: Bench) -> str:
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED)
    return bench.page()


def test_answers_are_kept_with_who_and_when_and_only_changes_are_written(bench: Bench):
    inspected(bench)
    with session_of(bench.app) as session:
        colleague = a_person(session, role=Role.TECHNICIAN, org=bench.technician.org)
    bench.sign_in(colleague)
    bench.does("checks", **everything_good() | {"check-ports": "fail"})

    answers = bench.work.answers
    assert answers["ports"].by == colleague.user
    assert answers["power"].by == bench.technician.user


def test_a_note_without_an_answer_is_shown_again(desk: Bench):
    desk.does("inspect")

    answer = desk.post("checks", **{"check-power": "pass", "note-wifi": "chập chờn"})

    assert answer.status_code == 422
    assert "chập chờn" in answer.get_data(as_text=True)
    assert not desk.work.answers


def test_does_not_apply_is_no_answer_where_every_device_has_it(desk: Bench):
    desk.does("inspect")
    answer = desk.post("checks", **{"check-power": "na"})

    assert answer.status_code == 409
    assert not desk.work.answers


WITH_SOMETHING_MISSING = [
    ("faults", {"fault": "rust"}, "fault"),
    ("faults", {"fault": "other"}, "fault_note"),
    ("erasures", {}, "method"),
    ("erasures", {"method": "clear", "tool": " ", "result": "ok"}, "tool"),
    ("erasures", {"method": "clear", "tool": "nwipe", "result": "maybe"}, "result"),
    ("block", {"blocker": "bad-mood"}, "blocker"),
    ("block", {"blocker": "needs-decision"}, "blocker_note"),
]


def test_a_form_with_something_missing_is_shown_again(desk: Bench):
    desk.does("inspect")
    for part, form, field in WITH_SOMETHING_MISSING:
        answer = desk.post(part, **form)
        assert answer.status_code == 422, form
        assert f'href="#f-{field}"' in answer.get_data(as_text=True)

    assert desk.work.faults == desk.work.erasures == desk.work.blockers == []


def test_a_repair_is_not_finished_while_a_fault_has_no_outcome(bench: Bench):
    bench.does("inspect")
    bench.does("faults", fault="screen")
    bench.does("faults", fault="battery")
    bench.does("repair")
    first, second = bench.work.open_faults
    shown = bench.post("outcomes", **{f"outcome-{first.id}": "fixed"}, finish="1")

    assert shown.status_code == 422
    assert f'href="#f-outcome-{second.id}"' in shown.get_data(as_text=True)
    assert bench.status is Status.REPAIRING
    assert len(bench.work.open_faults) == 2


def test_nothing_is_sent_to_repair_without_a_fault(desk: Bench):
    desk.does("inspect")

    assert desk.post("repair").status_code == 409
    assert desk.status is Status.INSPECTING


def test_before_a_repair_a_fault_can_only_turn_out_to_be_none(desk: Bench):
    desk.does("inspect")
    desk.does("faults", fault="screen")
    (fault,) = desk.work.open_faults

    assert desk.post("outcomes", **{f"outcome-{fault.id}": "fixed"}).status_code == 409
    desk.does("outcomes", **{f"outcome-{fault.id}": "not-a-fault"})
    assert not desk.work.open_faults


def test_faults_of_another_device_are_passed_over(app: Flask):
    mine, other = a_bench(app), a_bench(app)
    for bench in (mine, other):
        bench.does("inspect")
        bench.does("faults", fault="screen")
        bench.does("repair")
    (foreign,) = other.work.open_faults

    mine.does("outcomes", **{f"outcome-{foreign.id}": "fixed"})
    with session_of(app) as session:
        row, outcomes = locked(session, mine.device), {foreign.id: actions.Settled(Outcome.FIXED)}
        settled = actions.settle_faults(session, row, outcomes, by=mine.technician, at=AT)
    assert settled == 0
    assert len(mine.work.open_faults) == len(other.work.open_faults) == 1


def test_a_settled_fault_is_not_suggested_again_before_the_check_is(bench: Bench):
    bench.does("inspect")
    bench.does("checks", **{"check-screen": "fail", "check-google-lock": "fail", "check-mdm": "na"})
    page, locked = bench.page(), [blocker.kind for blocker in bench.work.blockers]
    bench.does("faults", fault="screen")
    bench.does("repair")
    (fault,) = bench.work.open_faults
    bench.does("outcomes", **{f"outcome-{fault.id}": "fixed"}, finish="1")
    settled = bench.work.suggested
    bench.does("checks", **{"check-screen": "fail", "note-screen": "vẫn sọc"})

    assert "Ghi thành lỗi: Màn hình" in page
    assert locked == ["google-lock"]
    assert FaultKind.SCREEN not in settled
    assert FaultKind.SCREEN in bench.work.suggested


def test_a_form_sent_twice_is_done_once(bench: Bench):
    bench.does("inspect")
    once = uuid.uuid4().hex
    answers = [bench.post("faults", once, fault="screen") for _time in range(2)]
    erased = uuid.uuid4().hex
    answers += [bench.post("erasures", erased, **ERASED) for _time in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    assert answers[0].location == answers[1].location
    assert len(bench.work.faults) == len(bench.work.erasures) == 1
    assert bench.post("erasures", erased, **ERASED | {"result": "failed"}).status_code == 409


def test_an_erasure_answered_before_is_not_written_again(bench: Bench):
    this = ask(AT)
    with session_of(bench.app) as session:
        for _time in range(2):
            row = locked(session, bench.device)
            erasures.record_erasure(
                session, row, method=Method.PURGE, tool="hdparm", ok=True, by=bench.technician, ask=this
            )

    assert len(bench.work.erasures) == 1


def test_blockers_of_failed_erasures_are_not_for_hands(desk: Bench):
    inspected(desk, but="erasure")
    desk.does("erasures", **ERASED | {"result": "failed"})

    assert desk.post("unblock", blocker="wipe-failed").status_code == 409
    assert desk.post("block", blocker="wipe-failed").status_code == 409
    assert desk.post("unblock", blocker="nonsense").status_code == 400
    assert [blocker.kind for blocker in desk.work.blockers] == ["wipe-failed"]


def test_the_same_blocker_counts_once(desk: Bench):
    for _time in range(2):
        desk.does("block", blocker="needs-part")

    assert len(desk.work.blockers) == 1


def test_nothing_is_recorded_of_a_device_the_workshop_does_not_work_on(app: Flask):
    bench = a_bench(app, status=Status.READY)

    assert bench.post("erasures", **ERASED).status_code == 409
    assert bench.post("block", blocker="needs-part").status_code == 409
    assert bench.post("checks", **everything_good()).status_code == 409
    assert bench.post("pass", **GRADED).status_code == 409
    assert "Chỉ kiểm tra lại khi thấy có vấn đề" in bench.page()


def test_nothing_passes_while_it_is_being_repaired(desk: Bench):
    inspected(desk)
    desk.does("faults", fault="screen")
    desk.does("repair")

    assert desk.post("pass", **GRADED).status_code == 409


def test_a_second_inspection_leaves_the_first_one_behind(bench: Bench):
    bench.does("inspect")
    first = bench.work.inspection
    with session_of(bench.app) as session:
        for move in (Move.LOSE, Move.FIND):
            custody.make(session, bench.device, move, Reason("other"), by=bench.technician, ask=ask(NOW))
    bench.does("inspect")

    with session_of(bench.app) as session:
        assert session.get(Inspection, first.id).result == "left"
    assert bench.work.inspection.id != first.id


# Who


def as_role(bench: Bench, role: Role, org: int | None = None) -> Bench:
    with session_of(bench.app) as session:
        person = a_person(session, role=role, org=org)
    return bench.sign_in(person)


PARTS = "inspect checks faults outcomes repair erasures block unblock pass".split()


def test_another_workshop_sees_nothing_of_it(app: Flask):
    mine, other = a_bench(app), a_bench(app)
    other.code = mine.code

    assert other.client.get(f"/workshop/{mine.code}").status_code == 404
    assert {part: other.post(part).status_code for part in PARTS} == dict.fromkeys(PARTS, 404)
    assert mine.code[:4] not in other.client.get("/workshop").get_data(as_text=True)


def test_other_roles_write_nothing_and_those_who_see_everything_read(desk: Bench):
    inspected(desk)
    for role in frozenset(Role) - {Role.TECHNICIAN}:
        page = as_role(desk, role).client.get(f"/workshop/{desk.code}")

        assert page.status_code == (200 if role.sees_everything else 403)
        assert desk.client.get("/workshop").status_code == page.status_code
        assert {part: desk.post(part).status_code for part in PARTS} == dict.fromkeys(PARTS, 403)
        assert f'action="/workshop/{desk.code}' not in page.get_data(as_text=True)


# The bench


def test_the_bench_lists_what_waits_and_a_scan_opens_it(bench: Bench):
    bench.does("block", blocker="needs-part")
    with session_of(bench.app) as session:
        statuses, org = (Status.READY, Status.REPAIRING), bench.technician.org
        more = [a_device(session, status=status, holder=org) for status in statuses]
        codes = [code_of(session, device) for device in (bench.device, *more)]

    def listed(query: str = "") -> list[bool]:
        page = bench.client.get(f"/workshop{query}").get_data(as_text=True)
        return [f'href="/workshop/{code}"' in page for code in codes]

    assert listed() == [True, False, True]
    assert listed("?status=repairing") == [False, False, True]
    assert listed("?status=blocked") == [True, False, False]
    assert listed("?status=nonsense") == [True, False, True]
    assert bench.client.get(f"/workshop?q={bench.code.lower()}").location == f"/workshop/{bench.code}"
    assert bench.client.get("/workshop?q=banana").status_code == 422
    assert bench.client.get("/workshop?q=2222222K").status_code in {404, 422}


def test_the_bench_pages_by_key(bench: Bench):
    with session_of(bench.app) as session:
        for _n in range(worklists.PAGE):
            a_device(session, holder=bench.technician.org)

    first = bench.client.get("/workshop").get_data(as_text=True)
    onward = re.search(r'href="(/workshop\?[^"]*after=\d+)"', first)[1].replace("&amp;", "&")
    second = bench.client.get(onward).get_data(as_text=True)

    assert first.count('scope="row"') == worklists.PAGE
    assert second.count('scope="row"') == 1


# Retiring


def retire(bench: Bench, **form: str):
    sent = {"csrf_token": bench.token, "event_id": uuid.uuid4().hex, **form}
    return bench.client.post(f"/devices/{bench.code}/retire", data=sent)


def test_a_coordinator_retires_what_is_erased_and_the_ledger_holds(bench: Bench):
    inspected(bench)
    erasure = bench.work.proof
    page = as_role(bench, Role.COORDINATOR).client.get(f"/devices/{bench.code}/retire")
    answer = retire(bench, reason="parts", fate="erased", note="lấy linh kiện")

    with session_of(bench.app) as session:
        last = history(session, bench.device)[0]
        differences = list(replay.differences(session))
    assert "vĩnh viễn" in words(page)
    assert answer.status_code == 303
    assert bench.status is Status.RETIRED
    assert (last.data, last.note) == (
        {"reason": "parts", "data_fate": "erased", "erasure": erasure},
        "lấy linh kiện",
    )
    assert bench.work.inspection.result == "left"
    assert not differences
    assert bench.client.get(f"/devices/{bench.code}/retire").status_code == 409


def test_a_device_is_not_retired_while_its_data_are_left(bench: Bench):
    as_role(bench, Role.COORDINATOR)
    for fate in ("erased", "no-storage", "lost", "destroyed", "left-on"):
        for reason in ("recycled", "parts", "destroyed"):
            assert retire(bench, reason=reason, fate=fate).status_code == 409

    assert bench.status is Status.RECEIVED
    as_role(bench, Role.TECHNICIAN, org=bench.technician.org)
    bench.does("erasures", **ERASED | {"method": "destroy"})
    as_role(bench, Role.COORDINATOR)
    assert retire(bench, reason="destroyed", fate="destroyed", weight="2,35").status_code == 303
    page = words(bench.client.get("/workshop/retired"))
    assert "1 thiết bị, 2,4 kg" in page


def test_a_device_goes_back_to_its_donor_with_its_data_and_is_not_weighed_twice(bench: Bench):
    as_role(bench, Role.COORDINATOR)
    heavy = retire(bench, reason="back-to-donor", fate="left-on", weight="61")

    assert heavy.status_code == 422
    assert retire(bench, reason="back-to-donor", fate="left-on").status_code == 303
    assert "2,2" in words(bench.client.get("/workshop/retired"))


def test_a_missing_device_is_retired_with_its_data_lost(app: Flask):
    bench = as_role(a_bench(app, status=Status.MISSING), Role.COORDINATOR)

    assert retire(bench, reason="recycled", fate="lost").status_code == 303


def test_a_retirement_says_why_and_what_became_of_the_data(desk: Bench):
    answer = retire(as_role(desk, Role.COORDINATOR), reason="", fate="", note="đã ghi")

    assert answer.status_code == 422
    assert "đã ghi" in answer.get_data(as_text=True)
    assert desk.status is Status.RECEIVED


def test_only_coordinators_retire(desk: Bench):
    for role in frozenset(Role) - {Role.COORDINATOR}:
        as_role(desk, role)

        assert desk.client.get(f"/devices/{desk.code}/retire").status_code == 403
        assert retire(desk, reason="parts", fate="destroyed").status_code == 403


def test_a_ready_device_is_not_retired(app: Flask):
    bench = as_role(a_bench(app, status=Status.READY), Role.COORDINATOR)

    assert bench.client.get(f"/devices/{bench.code}/retire").status_code == 409
    assert retire(bench, reason="parts", fate="destroyed").status_code == 409


def test_a_start_sent_twice_is_one_start_and_is_answered_the_same(bench: Bench):
    this = uuid.uuid4().hex

    answers = [bench.post("inspect", event_id=this) for _time in range(2)]
    bench.does("faults", fault="screen")
    bench.does("repair")
    answers.append(bench.post("inspect", event_id=this))  # a move later, the first answer still stands

    assert [(answer.status_code, answer.location) for answer in answers] == [
        (303, f"/workshop/{bench.code}")
    ] * 3
    assert bench.status is Status.REPAIRING
    assert bench.row.dseq == BEGUN + 2
    assert words(bench.client.get(answers[-1].location)).count("Đã bắt đầu kiểm tra.") == 1


def test_the_same_id_for_another_start_is_refused(bench: Bench):
    with session_of(bench.app) as session:
        other = code_of(session, a_device(session, status=Status.RECEIVED, holder=bench.technician.org))
    this = uuid.uuid4().hex
    bench.post("inspect", event_id=this)

    answer = bench.client.post(
        f"/workshop/{other}/inspect", data={"csrf_token": bench.token, "event_id": this}
    )

    assert answer.status_code == 409
    assert "other content" in words(answer) or "nội dung khác" in words(answer)


def test_two_technicians_start_at_once_and_one_is_told_who_was_faster(bench: Bench):
    barrier, answers = threading.Barrier(4, timeout=60), []
    browsers = [a_bench(bench.app) for _person in range(4)]
    with session_of(bench.app) as session:
        for browser in browsers:
            session.execute(
                update(User).where(User.id == browser.technician.user).values(org_id=bench.technician.org)
            )

    def start(browser: Bench) -> None:
        barrier.wait()
        sent = {"csrf_token": browser.token, "event_id": uuid.uuid4().hex}
        answers.append(browser.client.post(f"/workshop/{bench.code}/inspect", data=sent).status_code)

    threads = [threading.Thread(target=start, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 409, 409, 409]
    assert bench.row.dseq == BEGUN + 1
    with session_of(bench.app) as session:
        assert session.scalar(select(func.count()).where(Inspection.device_id == bench.device)) == 1


def test_the_name_of_a_tool_is_kept_as_every_keyboard_writes_it(desk: Bench):
    inspected(desk, but="erasure")
    told = "Xo\u0301a  s\u1ea1ch\u200b\u202e 2\x07"

    desk.does("erasures", **{**ERASED, "tool": told})

    assert [each.tool for each in desk.work.erasures] == ["Xóa sạch 2"]
