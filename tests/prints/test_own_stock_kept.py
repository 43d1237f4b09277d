"""Paper of one's own in both databases: it never changes, and neither does what was printed on it."""

import threading

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from tests.intake.makers import send, text
from tests.makers import a_device, sign_in_as
from tests.prints.test_own_stock import PAPER, how_many, kept, key
from tracker.custody.queries import code_of
from tracker.custody.road import Status


@pytest.fixture
def code(session, storekeeper):
    return code_of(session, a_device(session, status=Status.RECEIVED, holder=storekeeper.org))


def test_a_job_is_the_same_to_the_byte_after_its_paper_was_replaced_and_closed(browser, session, code):
    where = kept(browser)
    job = send(browser, f"/devices/{code}/print", stock=key(where)).location
    first = browser.get(f"{job}/labels.pdf").data

    new = send(browser, f"{where}/replace", **(PAPER | {"origin_x": "9"}), do="keep")
    assert new.status_code == 303, text(new)
    assert send(browser, f"{new.location}/close").status_code == 303

    assert browser.get(f"{job}/labels.pdf").data == first
    assert send(browser, f"{job}/again", first="1", last="1").status_code == 303
    assert "Mở giấy" not in text(browser.get(new.location))
    assert new.location in text(browser.get(where))
    refused = send(browser, f"/devices/{code}/print", stock=key(where))
    assert refused.status_code == 409
    assert "không còn dùng" in text(refused)


def test_two_open_papers_of_one_name_are_refused(browser, session):
    kept(browser)

    answer = send(browser, "/prints/paper/new", **PAPER, do="keep")

    assert answer.status_code == 422
    assert "Đã có giấy tên “Tomy 121”" in text(answer)
    assert how_many(session) == 1


def test_the_database_keeps_a_paper_as_it_is(browser, session):
    where = kept(browser)
    session.commit()
    for change in (
        "UPDATE label_stock SET origin_x = 1",
        "UPDATE label_stock SET name = 'x'",
        "DELETE FROM label_stock",
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            session.execute(sql(change))
        session.rollback()
    assert browser.get(where).status_code == 200


def test_of_two_who_close_a_paper_at_once_one_is_told(app, browser, session, storekeeper):
    where = kept(browser)
    session.commit()
    answers, ready = [], threading.Barrier(2)
    clients = []
    for _one in range(2):
        client = app.test_client()
        sign_in_as(client, storekeeper, session)
        clients.append(client)
    session.commit()

    def close(client):
        ready.wait()
        answers.append(send(client, f"{where}/close").status_code)

    threads = [threading.Thread(target=close, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 409]
