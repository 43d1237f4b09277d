"""One scan, one outcome: what each action does, what is refused, what is undone, and that all of it is kept."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from tests.handover.makers import a_delivery, a_transfer, received, states
from tests.makers import a_device, a_person, a_pupil, an_organisation, ask
from tests.stations.makers import NOW, a_scan, millis, told, undo_of
from tracker.custody import labels, queries, replay
from tracker.custody.codes import check_symbol
from tracker.custody.models import Device, Event
from tracker.custody.road import Status
from tracker.db import db
from tracker.intake.actions import replace_label
from tracker.people.roles import Actor, OrgKind, Role
from tracker.stations import actions
from tracker.stations.models import Scan, StationRun
from tracker.stations.queries import expected, ticked
from tracker.stock.actions import add_place
from tracker.stock.rules import PlaceKind
from tracker.workshop import actions as workshop
from tracker.workshop.models import Fault, Inspection


@pytest.fixture
def session(app: Flask):
    with app.test_request_context():
        yield db.session()
        db.session.remove()


@pytest.fixture
def technician(session) -> Actor:
    return a_person(session)


def code(session, device: int) -> str:
    return queries.code_of(session, device)


def status(session, device: int) -> str:
    return session.execute(select(Device.status).where(Device.id == device)).scalar_one()


def a_shelf(session, by: Actor, name: str = "Kệ A") -> int:
    store = add_place(session, kind=PlaceKind.WAREHOUSE, name=f"Kho {name}", inside=None, by=by, at=NOW)
    return add_place(session, kind=PlaceKind.SHELF, name=name, inside=store, by=by, at=NOW)


def whole(session) -> None:
    """The tables say what the ledger says."""
    assert list(replay.differences(session)) == []


def begun(session, by: Actor) -> int:
    device = a_device(session, holder=by.org)
    workshop.start(
        session, queries.locked(session, device), by=by, ask=workshop.Ask("begun-" + str(device), NOW)
    )
    session.commit()
    return device


# Each action


def test_inspecting_begins_once_and_is_undone(session, technician):
    device = a_device(session, holder=technician.org)
    scan = a_scan("inspect", code(session, device))

    first = told(session, scan, technician)
    second = told(session, a_scan("inspect", code(session, device)), technician)
    undone = told(session, undo_of(scan), technician)

    assert [one["verdict"] for one in (first, second, undone)] == ["done", "already", "done"]
    assert status(session, device) == Status.RECEIVED
    assert session.scalar(select(Inspection.result).where(Inspection.device_id == device)) == "left"
    whole(session)


def test_a_fault_chosen_before_goes_with_each_device_that_is_sent_to_repair(session, technician):
    one, other = begun(session, technician), begun(session, technician)

    without = told(session, a_scan("send-to-repair", code(session, one)), technician)
    done = told(session, a_scan("send-to-repair", code(session, other), fault="screen"), technician)

    assert (without["verdict"], without["url"]) == ("blocked", f"/workshop/{code(session, one)}")
    assert (done["verdict"], status(session, other)) == ("done", Status.REPAIRING)
    assert session.scalars(select(Fault.kind).where(Fault.device_id == other)).all() == ["screen"]
    assert session.scalars(select(Fault.id).where(Fault.device_id == one)).all() == []
    whole(session)


def test_what_is_missing_for_ready_is_said_and_leads_to_the_bench(session, technician):
    device = begun(session, technician)

    answer = told(session, a_scan("ready", code(session, device), grade="F4 C3"), technician)

    assert answer["verdict"] == "blocked"
    assert answer["url"] == f"/workshop/{code(session, device)}"
    assert "xóa dữ liệu" in answer["sentence"]


def test_moving_to_a_place_is_done_once_and_undone(session, technician):
    shelf, other = a_shelf(session, technician), a_shelf(session, technician, "Kệ B")
    device = a_device(session, holder=technician.org)
    told(session, a_scan("move", code(session, device), place=other), technician)
    scan = a_scan("move", code(session, device), place=shelf)

    answers = [told(session, scan, technician)]
    answers.append(told(session, a_scan("move", code(session, device), place=shelf), technician))
    answers.append(told(session, undo_of(scan), technician))
    answers.append(told(session, undo_of(scan), technician))

    assert [one["verdict"] for one in answers] == ["done", "already", "done", "already"]
    assert session.scalar(select(Device.place_id).where(Device.id == device)) == other
    whole(session)


def test_a_count_tells_here_from_elsewhere_and_keeps_what_is_missing(session, technician):
    shelf, other = a_shelf(session, technician), a_shelf(session, technician, "Kệ B")
    here, missing, elsewhere, nowhere = (a_device(session, holder=technician.org) for _n in range(4))
    for device, place in ((here, shelf), (missing, shelf), (elsewhere, other)):
        told(session, a_scan("move", code(session, device), place=place, run="moving-01"), technician)

    answers = [
        told(session, a_scan("count", code(session, device), place=shelf), technician)
        for device in (here, here, elsewhere, nowhere)
    ]
    actions.finish(session, "run-count-0001", scans=4, by=technician, at=NOW)
    session.commit()

    assert [one["verdict"] for one in answers] == ["done", "already", "blocked", "blocked"]
    assert [one["mark"] for one in answers] == ["here", "", "elsewhere", "elsewhere"]
    run = session.get(StationRun, "run-count-0001")
    assert (run.expected, json.loads(run.missing)) == (2, [missing])


def test_a_count_that_was_taken_back_may_be_counted_again(session, technician):
    shelf = a_shelf(session, technician)
    device = a_device(session, holder=technician.org)
    first = a_scan("count", code(session, device), place=shelf)
    told(session, first, technician)

    undone = told(session, undo_of(first), technician)
    again = told(session, a_scan("count", code(session, device), place=shelf), technician)

    assert (undone["verdict"], again["mark"]) == ("done", "elsewhere")


def test_loading_puts_on_the_draft_once_and_undo_takes_it_off(session):
    way = a_transfer(session, count=1, sent=False)
    more = a_device(session, holder=way.sender.org)
    session.commit()
    scan = a_scan("load", code(session, more), handover=way.id)

    answers = [
        told(session, scan, way.sender),
        told(session, a_scan("load", way.codes[0], handover=way.id), way.sender),
    ]
    answers.append(told(session, undo_of(scan), way.sender))

    assert [one["verdict"] for one in answers] == ["done", "already", "done"]
    assert states(session, way.id)[more] == "removed"


def test_what_may_not_go_is_blocked_with_the_way_out(session):
    way = a_delivery(session, sent=False)
    received_only = a_device(session, holder=way.sender.org)
    session.commit()

    answer = told(session, a_scan("load", code(session, received_only), handover=way.id), way.sender)

    assert (answer["verdict"], bool(answer["out"])) == ("blocked", True)


def test_ticks_wait_for_the_signature_and_count_for_it(session):
    way = a_delivery(session, count=3)
    stray = code(session, a_device(session))
    session.commit()
    first = a_scan("confirm", way.codes[0], handover=way.id)

    answers = [told(session, first, way.receiver)]
    answers += [
        told(session, a_scan("confirm", text, handover=way.id), way.receiver)
        for text in (way.codes[0], way.codes[1], stray)
    ]

    assert [one["verdict"] for one in answers] == ["done", "already", "done", "blocked"]
    assert ticked(session, way.id, org=way.receiver.org) == [way.codes[0], way.codes[1], stray]
    assert set(states(session, way.id).values()) == {"sent"}
    told(session, undo_of(first), way.receiver)
    assert ticked(session, way.id, org=way.receiver.org) == [way.codes[1], stray]


def test_after_the_signature_what_comes_late_is_confirmed_at_once(session):
    way = a_delivery(session, count=2)
    received(session, way, [way.codes[0]])
    session.commit()

    late, before = (
        told(session, a_scan("confirm", text, handover=way.id), way.receiver) for text in reversed(way.codes)
    )

    assert [late["verdict"], before["verdict"]] == ["done", "already"]
    assert status(session, way.devices[1]) == Status.AT_SCHOOL
    whole(session)


def test_the_sender_cannot_tick_off_what_they_sent(session):
    way = a_delivery(session)
    session.commit()

    answer = told(session, a_scan("confirm", way.codes[0], handover=way.id), way.sender)

    assert answer["verdict"] in {"not-yours", "blocked"}
    assert ticked(session, way.id, org=way.receiver.org) == []


def test_giving_takes_a_signature(session):
    school = an_organisation(session, kind=OrgKind.SCHOOL)
    teacher = a_person(session, role=Role.SCHOOL, org=school)
    device = a_device(session, status=Status.AT_SCHOOL, pupil=a_pupil(session, school=school))
    session.commit()
    text = code(session, device)
    signed = {"taken_by": "guardian", "name": "Lê Văn Mẫu", "strokes": "[[1,2,3,4]]", "declared": False}

    answers = [
        told(session, a_scan("give", text), teacher),
        told(session, a_scan("give", text, giving={**signed, "name": ""}), teacher),
        told(session, a_scan("give", text, giving=signed), teacher),
        told(session, a_scan("give", text, giving=signed), teacher),
    ]

    assert [one["verdict"] for one in answers] == ["blocked", "blocked", "done", "already"]
    assert status(session, device) == Status.GIVEN
    assert "Mẫu" not in "".join(session.scalars(select(Scan.told)).all()) + "".join(
        session.scalars(select(Scan.text)).all()
    )
    whole(session)


# What cannot be done


def test_unknown_retired_blank_and_foreign_codes_each_have_their_word(session, technician):
    device = a_device(session, holder=technician.org)
    old = code(session, device)
    foreign = code(session, a_device(session))
    blank = labels.mint_one(session, by=technician, at=NOW)
    session.commit()
    never = "2222222" + check_symbol("2222222")

    answers = {
        name: told(session, a_scan("inspect", text), technician)["verdict"]
        for name, text in {
            "never": never,
            "mistyped": old[:7] + next(s for s in "23456789" if s != old[7]),
            "foreign": foreign,
            "blank": blank,
            "other host": f"https://evil.example/T/{old}",
            "words": "không phải mã",
            "empty": "",
        }.items()
    }

    assert answers == {
        "never": "unknown",
        "mistyped": "unknown",
        "foreign": "not-yours",
        "blank": "blocked",
        "other host": "unknown",
        "words": "unknown",
        "empty": "unknown",
    }
    assert status(session, device) == Status.RECEIVED
    assert session.scalar(select(func.count()).select_from(Scan)) == len(answers)


def test_a_replaced_label_names_the_new_one_to_its_holder_only(session, technician):
    device = a_device(session, holder=technician.org)
    old = code(session, device)
    new = replace_label(session, device, by=technician, ask=ask())
    session.commit()

    holder = told(session, a_scan("inspect", old), technician)
    other = told(session, a_scan("inspect", old, run="theirs-01"), a_person(session))

    assert (holder["verdict"], holder["url"]) == ("retired", f"/T/{new}")
    assert (other["verdict"], new in json.dumps(other)) == ("not-yours", False)


def test_a_makers_number_finds_the_device_it_is_on(session, technician):
    imei = "351823086763117"
    device = a_device(
        session,
        holder=technician.org,
        category="phone",
        serial="R58M 123abc",
        serial_norm="R58M123ABC",
        imei1=imei,
    )
    twin = {"serial": "TWIN1", "serial_norm": "TWIN1"}
    for _n in range(2):
        a_device(session, holder=technician.org, **twin)
    a_device(session, serial="AWAY9", serial_norm="AWAY9")
    session.commit()

    answers = [
        told(session, a_scan("inspect", text), technician) for text in (imei, "r58m123ABC", "TWIN1", "AWAY9")
    ]

    assert [one["verdict"] for one in answers] == ["done", "already", "blocked", "not-yours"]
    assert answers[0]["code"].replace(" ", "") == code(session, device)


def test_another_role_is_told_so_and_nothing_happens(session, technician):
    keeper = a_person(session, role=Role.STOREKEEPER, org=technician.org)
    device = a_device(session, holder=technician.org)
    session.commit()

    answer = told(session, a_scan("inspect", code(session, device)), keeper)

    assert (answer["verdict"], status(session, device)) == ("blocked", Status.RECEIVED)


def test_places_records_and_badges_of_others_are_not_theirs(session, technician):
    colleague = a_person(session, org=technician.org, name="Đỗ Văn Mẫu")
    stranger = a_person(session)
    mine, theirs = a_shelf(session, technician), a_shelf(session, stranger)
    session.commit()
    base = "HTTP://127.0.0.1:5000"

    verdicts = {
        text: told(session, a_scan("move", base + text), technician)["verdict"]
        for text in (
            f"/P/{mine}",
            f"/P/{theirs}",
            f"/U/{colleague.user}",
            f"/U/{stranger.user}",
            "/M/MOVE",
            "/M/GIVE",
            "/M/FLY",
            "/H/999",
        )
    }

    assert list(verdicts.values()) == [
        "done",
        "not-yours",
        "done",
        "not-yours",
        "done",
        "blocked",
        "unknown",
        "not-yours",
    ]


def test_the_secret_of_a_record_is_not_kept(session):
    way = a_delivery(session)
    session.commit()

    told(session, a_scan("confirm", f"HTTP://127.0.0.1:5000/H/{way.id}#{way.secret}"), way.receiver)

    row = session.execute(select(Scan.text, Scan.told)).one()
    assert way.secret not in row.text + row.told
    assert row.text == f"HTTP://127.0.0.1:5000/H/{way.id}"


def test_a_device_elsewhere_is_not_counted_in_a_place_of_others(session, technician):
    shelf = a_shelf(session, a_person(session))
    device = a_device(session, holder=technician.org)
    session.commit()

    answers = [
        told(session, a_scan(action, code(session, device), place=shelf), technician)
        for action in ("count", "move")
    ]

    assert {one["verdict"] for one in answers} == {"not-yours"}
    assert session.scalars(select(Scan.place_id)).all() == [None, None]


# Sent again, undone, overtaken


def test_the_same_scan_again_gets_its_first_answer_and_does_nothing(session, technician):
    device = a_device(session, holder=technician.org)
    scan = a_scan("inspect", code(session, device))
    first = told(session, scan, technician)

    again = told(session, scan._replace(queued=True, offset=timedelta(seconds=3)), technician)

    assert again == {**first, "again": True}
    assert session.scalar(select(func.count()).select_from(Scan)) == 1
    with pytest.raises(actions.OtherContent):
        told(session, scan._replace(text="anything else"), technician)


def test_an_undo_is_refused_once_something_else_has_happened(session, technician):
    device = a_device(session, holder=technician.org)
    scan = a_scan("inspect", code(session, device))
    told(session, scan, technician)
    told(session, a_scan("send-to-repair", code(session, device), fault="battery"), technician)

    answer = told(session, undo_of(scan), technician)

    assert (answer["verdict"], status(session, device)) == ("blocked", Status.REPAIRING)


def test_nobody_undoes_what_somebody_else_did(session, technician):
    colleague = a_person(session, org=technician.org)
    device = a_device(session, holder=technician.org)
    scan = a_scan("inspect", code(session, device))
    told(session, scan, technician)

    answer = told(session, undo_of(scan, run="another-run"), colleague)

    assert (answer["verdict"], status(session, device)) == ("not-yours", Status.INSPECTING)


def test_a_scan_that_waited_is_overtaken_by_what_others_did_meanwhile(session, technician):
    colleague = a_person(session, org=technician.org)
    device = a_device(session, holder=technician.org)
    told(session, a_scan("inspect", code(session, device), run="theirs-01"), colleague, at=NOW)
    scan = {"queued": True, "fault": "screen"}
    before, after = millis(NOW - timedelta(hours=1)), millis(NOW + timedelta(hours=1))
    late = NOW + timedelta(hours=2)

    overtaken = told(
        session, a_scan("send-to-repair", code(session, device), at=before, **scan), technician, at=late
    )
    in_time = told(
        session, a_scan("send-to-repair", code(session, device), at=after, **scan), technician, at=late
    )

    assert [overtaken["verdict"], in_time["verdict"]] == ["blocked", "done"]


def test_ones_own_scans_of_the_same_outbox_follow_each_other(session, technician):
    device = a_device(session, holder=technician.org)
    late = NOW + timedelta(hours=5)
    waited = [
        a_scan("inspect", code(session, device), queued=True, at=millis(NOW)),
        a_scan("send-to-repair", code(session, device), queued=True, at=millis(NOW) + 60_000, fault="screen"),
    ]

    assert [told(session, scan, technician, at=late)["verdict"] for scan in waited] == ["done", "done"]


@pytest.mark.parametrize("year", [1970, 2019, 2099])
def test_a_clock_that_is_wrong_by_years_is_corrected_by_how_wrong_it_was(session, technician, year: int):
    colleague = a_person(session, org=technician.org)
    device = a_device(session, holder=technician.org)
    told(session, a_scan("inspect", code(session, device), run="theirs-01"), colleague, at=NOW)
    wrong = NOW.replace(year=year)
    behind = millis(NOW) - millis(wrong)
    scan = {"queued": True, "fault": "screen", "offset": behind}
    late = NOW + timedelta(hours=2)

    early = a_scan("send-to-repair", code(session, device), at=millis(wrong) - 60_000, **scan)
    after = a_scan("send-to-repair", code(session, device), at=millis(wrong) + 60_000, **scan)

    assert told(session, early, technician, at=late)["verdict"] == "blocked"
    assert told(session, after, technician, at=late)["verdict"] == "done"


def test_a_time_nobody_can_know_yields_to_what_others_did(session, technician):
    colleague = a_person(session, org=technician.org)
    mine, theirs = (a_device(session, holder=technician.org) for _n in range(2))
    told(session, a_scan("inspect", code(session, mine), run="mine-0001"), technician)
    told(session, a_scan("inspect", code(session, theirs), run="theirs-01"), colleague)
    wrong = {"queued": True, "fault": "screen", "at": millis(NOW.replace(year=2090))}

    verdicts = [
        told(session, a_scan("send-to-repair", code(session, device), **wrong), technician)["verdict"]
        for device in (mine, theirs)
    ]

    assert verdicts == ["done", "blocked"]


def test_a_finished_sitting_takes_no_more_and_waits_for_all(session, technician):
    shelf = a_shelf(session, technician)
    device = a_device(session, holder=technician.org)
    told(session, a_scan("count", code(session, device), place=shelf), technician)

    with pytest.raises(actions.NotAllHere):
        actions.finish(session, "run-count-0001", scans=2, by=technician, at=NOW)
    actions.finish(session, "run-count-0001", scans=1, by=technician, at=NOW)
    session.commit()

    assert (
        told(session, a_scan("count", code(session, device), place=shelf), technician)["verdict"] == "blocked"
    )


# What is kept


def test_scans_are_kept_for_ever(session, technician):
    told(session, a_scan("inspect", "gì đó"), technician)

    for statement in ("UPDATE scan SET verdict = 'done'", "DELETE FROM scan"):
        with pytest.raises(DatabaseError, match="scans never change"):
            session.execute(text(statement))
        session.rollback()


def test_each_event_is_caused_by_one_scan(session, technician):
    device = a_device(session, holder=technician.org)
    scan = a_scan(
        "inspect", code(session, device), queued=True, at=millis(NOW - timedelta(minutes=5)), offset=0
    )
    told(session, scan, technician)

    event = queries.history(session, device, last=1)[0]
    assert event.event_id == scan.id == session.scalar(select(Scan.event_id))
    body = json.loads(
        bytes(session.execute(select(Event.body).where(Event.event_id == scan.id)).scalar_one())
    )
    assert body["client_at"] == "2026-11-20T02:55:00.000Z"
    assert body["batch"] == scan.run


def test_only_codes_are_expected_and_only_ones_own(session, technician):
    mine = a_device(session, holder=technician.org)
    a_device(session)
    begun_one = begun(session, technician)
    shelf = a_shelf(session, technician)
    session.commit()

    assert expected(session, "inspect", place=None, handover=None, to=technician) == [code(session, mine)]
    assert expected(session, "ready", place=None, handover=None, to=technician) == [code(session, begun_one)]
    assert expected(session, "count", place=shelf, handover=None, to=technician) == []
