"""Lists of devices: taken in whole and once, or not at all; and the rows left to a person."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tests.intake.makers import DAY, HEADINGS, HONG_PHAT, IMEIS, a_list, a_row, devices
from tests.lists.samples import DEVICES, expected, sample_bytes
from tests.makers import AT, a_device, a_donation, a_donor, a_person
from tracker.custody import actions as custody
from tracker.custody.ledger import Ask, OtherContent
from tracker.custody.models import Device, Event, Label
from tracker.custody.replay import differences
from tracker.db import engine_for
from tracker.intake import files, lists, queries, questions
from tracker.intake.models import Donation, Donor
from tracker.intake.questions import Decision
from tracker.intake.rules import FormWrong, MustReceive
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.outcomes import counts, record
from tracker.people.roles import Role
from tracker.refused import Missing, Refused

EVERYTHING = (Device, Event, Label, Donation, Donor, ListQuestion)


def taken_in(session, data, *, by, name="list.xlsx", donor=""):
    """Send a list and take it in; return its id and its rows."""
    rows = lists.understood(data, name=name)
    list_id, _again = lists.upload(session, data, name=name, by=by, at=AT)
    settled = lists.take_in(session, list_id, rows, received_on=DAY, donor=donor, by=by, at=AT)
    return list_id, settled


def how_many(session):
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model)) for model in EVERYTHING
    }


def test_the_sample_list_comes_in_as_it_is_meant_to(session, storekeeper):
    data = sample_bytes(DEVICES)

    list_id, rows = taken_in(session, data, by=storekeeper, name=DEVICES)

    assert [record(row) for row in rows] == expected("devices", DEVICES)
    there = devices(session)
    assert len(there) == 110
    assert len({row.code for row in there}) == 110
    assert {
        kind: sum(row.category == kind for row in there) for kind in ("desktop", "laptop", "tablet", "phone")
    } == {
        "desktop": 17,
        "laptop": 43,
        "tablet": 22,
        "phone": 28,
    }
    assert sum(row.charger for row in there) == 92
    assert sum(bool(row.imei2) for row in there) == 14
    gifts = queries.donations_of_list(session, list_id, to=storekeeper)
    assert len(gifts) == 8
    assert [gift.number for gift in gifts] == [f"{n:02d}/2021" for n in range(1, 9)]
    assert sum(gift.received for gift in gifts) == 110
    assert sum(gift.expected for gift in gifts) == 111
    assert questions.waiting(session, list_id) == 1
    assert all(HONG_PHAT not in row.search and row.code.lower() in row.search for row in there)


def test_the_ledger_of_a_taken_in_list_holds(session, storekeeper):
    taken_in(session, a_list([a_row(), a_row()]), by=storekeeper)
    session.commit()

    batches = [json.loads(bytes(body))["batch"] for body in session.scalars(select(Event.body))]
    assert batches == [session.scalar(select(ImportedList.id))] * 2
    assert list(differences(session)) == []


def test_each_donor_of_a_list_gets_one_donation_and_known_donors_stay_one(session, storekeeper):
    known = a_donor(session, name="CÔNG TY TNHH HỒNG PHÁT THỬ")
    rows = [a_row(), a_row(donor="Ông Trần Văn Thử"), a_row(donor="công ty tnhh Hồng Phát thử")]

    list_id, _rows = taken_in(session, a_list(rows), by=storekeeper)

    gifts = queries.donations_of_list(session, list_id, to=storekeeper)
    assert [(gift.donor_id == known, gift.received, gift.expected) for gift in gifts] == [
        (True, 2, 2),
        (False, 1, 1),
    ]
    assert session.execute(select(Donor.name, Donor.kind).where(Donor.id != known)).all() == [
        ("Ông Trần Văn Thử", "person")
    ]


def test_rows_without_a_donor_need_one_from_the_form(session, storekeeper):
    data = a_list(
        [a_row(donor=""), a_row()]
    )  # only the first has none: below, an empty cell means the same as above

    with pytest.raises(FormWrong):
        taken_in(session, data, by=storekeeper)
    session.rollback()
    by = a_person(session, role=Role.STOREKEEPER)
    list_id, rows = taken_in(session, data, by=by, donor="Hội Khuyến học Thử")

    assert [row.donor for row in rows] == ["Hội Khuyến học Thử", HONG_PHAT]
    assert len(queries.donations_of_list(session, list_id, to=by)) == 2


def test_a_list_that_fails_in_its_last_row_leaves_nothing_behind(session, storekeeper):
    data = a_list([a_row(serial=f"SN{n:04d}") for n in range(25)])
    last = lists.understood(data, name="list.xlsx")[-1]
    used = Ask(lists.event_id(lists.digest(data), last), AT)
    custody.receive(
        session,
        {},
        donation=a_donation(session, by=storekeeper),
        category="other",
        code=None,
        by=storekeeper,
        ask=used,
    )
    session.commit()
    before = how_many(session)

    with pytest.raises(OtherContent):
        taken_in(session, data, by=storekeeper)
    session.rollback()

    assert how_many(session) == before
    assert session.scalars(select(ImportedList.applied_at)).all() == []


def test_the_same_file_is_taken_in_once(session, storekeeper):
    data = a_list([a_row()])
    list_id, rows = taken_in(session, data, by=storekeeper)
    session.commit()
    before = how_many(session)

    assert lists.upload(session, data, name="tên khác.xlsx", by=storekeeper, at=AT) == (list_id, True)
    with pytest.raises(lists.TakenIn):
        lists.take_in(session, list_id, rows, received_on=DAY, donor="", by=storekeeper, at=AT)
    with pytest.raises(lists.TakenIn):
        lists.upload(session, data, name="list.xlsx", by=a_person(session, role=Role.TECHNICIAN), at=AT)

    assert how_many(session) == before


def test_two_previews_of_one_file_taken_in_at_once_give_its_devices_once(session, storekeeper, database_url):
    data = a_list([a_row(), a_row(), a_row()])
    rows = lists.understood(data, name="list.xlsx")
    previews = [lists.upload(session, data, name="list.xlsx", by=storekeeper, at=AT)[0] for _n in range(3)]
    session.commit()
    engine = engine_for(database_url)
    gate, said = threading.Barrier(3), []

    def take(list_id):
        gate.wait()
        with Session(engine) as own:
            try:
                lists.take_in(own, list_id, rows, received_on=DAY, donor="", by=storekeeper, at=AT)
                own.commit()
                said.append("in")
            except (Refused, SQLAlchemyError) as error:
                said.append(type(error).__name__)

    threads = [threading.Thread(target=take, args=(one,)) for one in previews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert sorted(said) == ["TakenIn", "TakenIn", "in"]
    assert len(devices(session)) == 3


def test_a_row_that_is_there_already_is_not_received_again(session, storekeeper):
    a_device(session, make="Dell", model="Latitude 5400", serial="SN1", serial_norm="SN1")
    rows = [
        a_row(serial="sn1"),
        a_row(serial="SN1", model="OptiPlex"),
        a_row(kind="Điện thoại", imei1=IMEIS[0]),
    ]
    more = a_row(kind="Điện thoại", imei1=IMEIS[0])

    _id, settled = taken_in(session, a_list([*rows, more]), by=storekeeper)

    assert [str(row.outcome) for row in settled] == ["dup", "ask", "new", "dup"]
    assert len(devices(session)) == 2


def test_a_list_without_anything_new_is_taken_in_as_well(session, storekeeper):
    list_id, rows = taken_in(session, a_list([a_row(kind="Máy in")]), by=storekeeper)

    assert [str(row.outcome) for row in rows] == ["bad"]
    assert queries.donations_of_list(session, list_id, to=storekeeper) == []


def test_cells_longer_than_any_column_do_not_stop_a_list(session, storekeeper):
    row = a_row(make="H" * 100, model="M" * 300, serial="ß" * 130, imei1="I" * 60, donor="D" * 400)

    taken_in(session, a_list([row]), by=storekeeper)

    [device] = devices(session)
    assert (len(device.make), len(device.model), len(device.serial_norm), len(device.imei1)) == (
        80,
        120,
        120,
        20,
    )


def test_ten_thousand_rows_are_more_than_are_minted_at_once(session, storekeeper, monkeypatch):
    from tracker.custody import labels

    monkeypatch.setattr(labels, "MOST", 3)

    taken_in(session, a_list([a_row() for _n in range(8)]), by=storekeeper)

    assert len(devices(session)) == 8


def test_only_the_door_of_the_own_organisation_takes_a_list_in(session, storekeeper):
    data = a_list([a_row()])
    rows = lists.understood(data, name="list.xlsx")
    list_id, _again = lists.upload(session, data, name="list.xlsx", by=storekeeper, at=AT)

    for role, error in ((Role.COORDINATOR, MustReceive), (Role.STOREKEEPER, Missing)):
        by = a_person(session, role=role)
        with pytest.raises(error):
            lists.take_in(session, list_id, rows, received_on=DAY, donor="", by=by, at=AT)
    with pytest.raises(Missing):
        lists.found(session, list_id, to=a_person(session, role=Role.TECHNICIAN))
    assert lists.found(session, list_id, to=a_person(session, role=Role.AUDITOR)).id == list_id


# Questions


@pytest.fixture
def open_list(session, storekeeper):
    rows = [a_row(serial="SN1"), a_row(serial="SN1", model="OptiPlex 7010")]
    list_id, _rows = taken_in(session, a_list(rows), by=storekeeper)
    return list_id


def test_an_open_row_is_received_into_its_donation_when_a_person_says_so(session, storekeeper, open_list):
    [question] = questions.questions(session, open_list, to=storekeeper)
    assert [like.name for like in question.alike] == ["Dell Latitude 5400"]
    assert question.decision is None

    code = questions.decide(session, open_list, question.id, Decision.ADDED, by=storekeeper, at=AT)

    [gift] = queries.donations_of_list(session, open_list, to=storekeeper)
    assert (gift.received, gift.expected) == (2, 2)
    assert {row.code: row.model for row in devices(session)}[code] == "OptiPlex 7010"
    assert questions.waiting(session, open_list) == 0


def test_an_open_row_is_decided_once(session, storekeeper, open_list):
    [question] = questions.questions(session, open_list, to=storekeeper)

    assert questions.decide(session, open_list, question.id, Decision.LEFT_OUT, by=storekeeper, at=AT) is None
    with pytest.raises(questions.Decided):
        questions.decide(session, open_list, question.id, Decision.ADDED, by=storekeeper, at=AT)

    assert len(devices(session)) == 1


def test_nobody_else_decides(session, storekeeper, open_list):
    [question] = questions.questions(session, open_list, to=storekeeper)

    for role, error in ((Role.STOREKEEPER, Missing), (Role.COORDINATOR, MustReceive)):
        with pytest.raises(error):
            questions.decide(
                session, open_list, question.id, Decision.ADDED, by=a_person(session, role=role), at=AT
            )
    with pytest.raises(Missing):
        questions.decide(session, open_list, question.id + 1, Decision.ADDED, by=storekeeper, at=AT)


# Files


def test_rows_are_kept_as_they_were_settled(tmp_path):
    rows = lists.understood(a_list([a_row(serial="SN1"), a_row(kind="Máy in")]), name="list.xlsx")

    files.keep_outcomes(tmp_path, "a" * 32, rows)

    assert files.outcomes(tmp_path, "a" * 32) == rows
    assert counts(files.outcomes(tmp_path, "a" * 32)).rows == 2
    assert files.outcomes(tmp_path, "b" * 32) is None


def test_files_are_deleted_after_seven_days_and_outcomes_after_thirty(tmp_path):
    import time
    from datetime import UTC, datetime

    now = datetime.fromtimestamp(time.time(), UTC)
    files.keep(tmp_path, "a" * 32, b"x", at=now)
    files.keep_outcomes(tmp_path, "a" * 32, [])

    files.keep(tmp_path, "b" * 32, b"x", at=now + timedelta(days=8))
    assert (files.kept(tmp_path, "a" * 32), files.outcomes(tmp_path, "a" * 32)) == (None, [])
    files.keep(tmp_path, "c" * 32, b"x", at=now + timedelta(days=31))
    assert files.outcomes(tmp_path, "a" * 32) is None


def test_a_list_s_id_is_no_path(tmp_path):
    with pytest.raises(ValueError, match="not the id"):
        files.kept(tmp_path, "../secret.key")


def test_one_row_always_becomes_the_same_event():
    [row] = lists.understood(a_list([a_row(serial="SN1")]), name="list.xlsx")

    assert lists.event_id("f" * 64, row) == lists.event_id("f" * 64, replace(row, serial="SN2"))
    assert lists.event_id("f" * 64, row) != lists.event_id("f" * 64, replace(row, line=3))
    assert HEADINGS
