"""What an erasure must say, when it is recorded and when it is certified."""

import pytest
from sqlalchemy import func, select, update

from tests.papers.makers import CERTIFIED, a_desk, a_laptop, erased, inspected, words
from tests.workshop.makers import ERASED, session_of
from tracker.people.roles import Role
from tracker.workshop.models import Erasure


@pytest.fixture
def desk(app):
    return a_desk(app, Role.TECHNICIAN)


def test_a_certificate_of_an_erasure_that_does_not_say_enough_is_refused_and_says_what_lacks(desk, app):
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)
    erased(desk, code)
    with session_of(app) as session:
        session.execute(update(Erasure).values(drive_serial=None, verified_by=""))

    answer = desk.issue("erasure", code, **CERTIFIED)

    assert answer.status_code == 422
    assert "Số sê-ri của ổ, Người xác minh" in words(answer)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"drive_serial": " "}, "Số sê-ri của ổ"),
        ({"verified_by": ""}, "Người xác minh"),
        ({"started_at": ""}, "Bắt đầu lúc"),
        ({"ended_at": "2021-11-15T14:00"}, "không thể trước"),
        ({"ended_at": "2999-01-01T00:00"}, "tương lai"),
        ({"started_at": "hôm qua"}, "không hợp lệ"),
        ({"readback": "x" * 161}, "Nhiều nhất 160"),
    ],
)
def test_a_successful_erasure_says_what_its_certificate_needs(desk, app, changed, told):
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)

    answer = desk.send(f"/workshop/{code}/erasures", **ERASED | changed)

    assert answer.status_code == 422
    assert told in words(answer)
    with session_of(app) as session:
        assert session.scalar(select(func.count()).select_from(Erasure)) == 0


def test_a_failed_erasure_needs_no_more_than_can_be_known(desk, app):
    code = a_laptop(app, desk.actor.org)
    inspected(desk, code)

    desk.does(f"/workshop/{code}/erasures", method="clear", tool="nwipe", result="failed")

    answer = desk.issue("erasure", code, **CERTIFIED)
    assert answer.status_code == 422
    assert "Chưa ghi người xác minh" in words(answer)


def test_drives_that_two_people_erased_stand_on_two_certificates(desk, app):
    other = a_desk(app, Role.TECHNICIAN, org=desk.actor.org, name="Lý Thị Khác")
    mine, theirs = codes = [a_laptop(app, desk.actor.org) for _one in range(2)]
    for who, code in ((desk, mine), (other, theirs)):
        inspected(who, code)
        erased(who, code)

    answer = desk.issue("erasure", *codes, **CERTIFIED)

    assert answer.status_code == 422
    assert "Người xóa khác với thiết bị đầu tiên" in words(answer)
    desk.issued("erasure", mine, **CERTIFIED)
    other.issued("erasure", theirs, **CERTIFIED)
