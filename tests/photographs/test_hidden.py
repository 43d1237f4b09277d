"""A wrong photograph, or one with a face: its picture goes, and who hid it and why stays."""

import io
import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from tests.makers import AT, a_device
from tests.photographs.makers import a_jpeg
from tests.photographs.seen import BOTH, as_somebody, events, hide, in_store, kept
from tests.workshop.makers import Bench, session_of, words
from tracker.custody import queries
from tracker.people.roles import Role
from tracker.photographs.models import Photograph
from tracker.photographs.queries import taken


@BOTH
def test_what_is_hidden_loses_its_picture_and_keeps_its_row(app, bench, send):
    send(a_jpeg(), a_jpeg(seed=2))
    first, second = kept(app)

    assert hide(bench, first.id).location == f"/photographs/of/{bench.code}#photographs"

    assert in_store(app) == {second.digest, second.small}
    for url in (
        f"/photographs/{first.id}.jpg",
        f"/photographs/{first.id}/small.jpg",
        f"/photographs/{first.id}",
    ):
        assert bench.client.get(url).status_code == 404
    page = words(bench.client.get(f"/workshop/{bench.code}"))
    assert "Đã ẩn" in page
    assert "lộ mặt người" in page
    row = kept(app)[0]
    assert (row.hidden_by, row.hidden_why) == (bench.technician.user, "lộ mặt người")
    assert len(events(app, bench.device)) == 2
    assert hide(bench, first.id).status_code == 404
    assert hide(bench, second.id, " \u200f.").status_code == 409
    assert in_store(app) == {second.digest, second.small}


def test_a_picture_stays_while_another_row_needs_it(app, bench, send):
    send(a_jpeg())
    send(a_jpeg(), stage="after")
    hide(bench, 1)
    assert bench.client.get("/photographs/2.jpg").status_code == 200
    hide(bench, 2)
    assert not in_store(app)


@BOTH
def test_what_was_hidden_does_not_come_back_by_being_sent_again(app, bench, send):
    send(a_jpeg())
    hide(bench, 1)

    answer = send(a_jpeg())
    assert answer.status_code == 422
    assert "lộ mặt người" in words(answer)
    assert not in_store(app)
    assert (
        send(a_jpeg(), stage="after").status_code == 303
    )  # another stage is another photograph, with its picture
    assert bench.client.get("/photographs/2.jpg").status_code == 200


@BOTH
def test_a_picture_that_is_hidden_while_it_is_sent_again_is_there_or_hidden(app, bench):
    """Whoever comes first: no row is left that shows a picture which is gone."""

    def send(desk, stage, n):
        data = {"csrf_token": desk.token, "event_id": uuid.uuid4().hex, "stage": stage,
                "photographs": [(io.BytesIO(a_jpeg((30 + n, 40))), "a.jpg")]}  # fmt: skip
        return desk.client.post(f"/photographs/of/{desk.code}/take", data=data).status_code

    with session_of(app) as session:
        device = a_device(session, holder=bench.technician.org)
        code = queries.code_of(session, device)
    other = Bench(app, app.test_client(), bench.technician, device, code).sign_in(bench.technician)
    answers = []
    for n in range(6):
        assert send(bench, "before", n) == 303
        (shown,) = [row for row in kept(app) if not row.hidden_at and row.device_id == bench.device]
        threads = [
            threading.Thread(target=lambda at=shown.id: answers.append(hide(bench, at).status_code)),
            threading.Thread(target=lambda n=n: answers.append(send(other, "after", n))),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert set(answers) == {303}
    needed = {digest for row in kept(app) if not row.hidden_at for digest in (row.digest, row.small)}
    assert in_store(app) == needed
    assert len(needed) == 12


def test_a_coordinator_hides_anywhere_and_an_auditor_nowhere(app, bench, send):
    send(a_jpeg(), a_jpeg(seed=2))

    assert hide(as_somebody(app, bench, Role.AUDITOR), 1).status_code == 403
    assert hide(as_somebody(app, bench, Role.COORDINATOR), 1).status_code == 303
    assert [bool(row.hidden_at) for row in kept(app)] == [True, False]


@BOTH
def test_the_database_itself_keeps_photographs(app, bench, send):
    send(a_jpeg(), a_jpeg(seed=2))
    hide(bench, 1)

    for change in (
        delete(Photograph),
        update(Photograph).values(digest="0" * 64),
        update(Photograph).values(by=1),
        update(Photograph).where(Photograph.id == 1).values(hidden_at=None, hidden_by=None, hidden_why=""),
        update(Photograph).where(Photograph.id == 2).values(hidden_why="why not"),
    ):
        with pytest.raises(DatabaseError), session_of(app) as session:
            session.execute(change)


@BOTH
def test_what_was_taken_since_is_asked_for(app, bench, send):
    send(a_jpeg(), about="screen")
    send(a_jpeg(), stage="after")
    send(a_jpeg(seed=2), about="casing")
    hide(bench, 3)
    last = kept(app)[1].at

    with session_of(app) as session:
        assert taken(session, bench.device, since=AT) == {("before", "screen"), ("after", "")}
        assert taken(session, bench.device, since=last) == {("after", "")}
        assert taken(session, bench.device, since=last + timedelta(seconds=1)) == set()
        assert taken(session, a_device(session), since=AT) == set()
