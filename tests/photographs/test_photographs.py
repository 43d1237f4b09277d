"""Photographs of a device: kept once, with their event in the ledger, for those who may see the device."""

import io
import re
import threading
import uuid
from pathlib import Path

import pytest

from tests.makers import AT, a_person
from tests.photographs.makers import HEIC, SVG, a_bomb, a_jpeg, a_png, from_a_phone
from tests.photographs.seen import BOTH, as_somebody, events, in_store, kept
from tests.workshop.makers import Bench, a_bench, session_of, words
from tracker.custody import bundle, replay, seal, verify
from tracker.custody.road import Status
from tracker.people.roles import Role
from tracker.photographs.images import MOST_BYTES
from tracker.photographs.models import Photograph
from tracker.photographs.rules import MOST


@BOTH
def test_what_is_sent_is_kept_and_shown(app, bench, send):
    answer = send(a_jpeg(), a_jpeg(seed=2), about="screen")

    assert answer.status_code == 303
    assert answer.location == f"/workshop/{bench.code}#photographs"
    page = words(bench.client.get(answer.location))
    assert "Đã lưu 2 ảnh" in page
    assert "Trước khi sửa" in page
    rows = kept(app)
    assert [(row.stage, row.about, row.by, row.org_id) for row in rows] == 2 * [
        ("before", "screen", bench.technician.user, bench.technician.org)
    ]
    assert in_store(app) == {digest for row in rows for digest in (row.digest, row.small)}
    for path in ("{}.jpg", "{}/small.jpg"):
        picture = bench.client.get("/photographs/" + path.format(rows[0].id))
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
        assert picture.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in picture.headers["Content-Security-Policy"]
    assert "Màn hình" in words(bench.client.get(f"/photographs/{rows[0].id}"))


def test_where_it_was_taken_is_kept_nowhere(app, bench, send):
    send(from_a_phone())

    (row,) = kept(app)
    picture = bench.client.get(f"/photographs/{row.id}.jpg").get_data()
    assert b"Exif" not in picture
    assert b"SECRET" not in picture
    assert (row.width, row.height) == (600, 800)


@BOTH
def test_each_photograph_is_an_event_of_the_ledger_that_anyone_can_verify(app, bench, send, tmp_path):
    send(a_jpeg(), a_jpeg(seed=2), stage="after", about="casing")

    lines = events(app, bench.device)
    assert [line.data for line in lines] == [
        {"stage": row.stage, "about": row.about, "digest": row.digest} for row in kept(app)
    ]
    assert len({line.event_id for line in lines}) == 2
    with session_of(app) as session:
        assert list(replay.differences(session)) == []
        settings = app.config["TRACKER"]
        key = seal.make_key(settings.home, settings.origin)
        note = seal.seal(session, key, at=AT)
        bundle.export(session, tmp_path / "bundle", keys=[key.public])
    assert verify.main([str(tmp_path / "bundle"), "--trust", note]) == 0
    assert "photograph" in verify.ROAD["still"]


def test_a_form_that_is_sent_twice_keeps_one(app, bench, send):
    first = send(a_jpeg(), event_id="the-same")
    again = send(a_jpeg(), event_id="the-same")
    other = send(a_jpeg())

    assert (first.status_code, again.location) == (303, first.location)
    assert "Ảnh đã có, không lưu lại: 1" in words(bench.client.get(other.location))
    assert send(a_jpeg(seed=9), event_id="the-same").status_code == 409
    assert len(kept(app)) == len(events(app, bench.device)) == 1
    send(a_jpeg(), stage="after")
    send(a_jpeg(), about="screen")
    assert len(kept(app)) == 3


@BOTH
def test_two_who_send_the_same_at_once_keep_it_once(app, bench):
    with session_of(app) as session:
        other = a_person(session, role=Role.STOREKEEPER, org=bench.technician.org)
    desks = [bench, Bench(app, app.test_client(), other, bench.device, bench.code).sign_in(other)]
    answers = []

    def send(desk):
        data = {"csrf_token": desk.token, "event_id": uuid.uuid4().hex, "stage": "before",
                "photographs": [(io.BytesIO(a_jpeg((60, 60))), "a.jpg")]}  # fmt: skip
        answers.append(desk.client.post(f"/photographs/of/{bench.code}/take", data=data).status_code)

    threads = [threading.Thread(target=send, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303, 303]
    assert len(kept(app)) == len(events(app, bench.device)) == 1


# What each of several becomes


def test_of_several_each_is_told_by_its_name(app, bench, send):
    answer = send(
        (a_jpeg(), "tot.jpg"),
        (SVG, "hinh.svg"),
        (HEIC, "IMG_1.HEIC"),
        (a_bomb(), "bom.png"),
        (a_jpeg(), "lai.jpg"),
    )

    told = words(answer)
    assert answer.status_code == 200
    names = ["tot.jpg", "hinh.svg", "IMG_1.HEIC", "bom.png", "lai.jpg"]
    each = re.split("|".join(map(re.escape, names)), told)
    for words_of, what in zip(
        each, ["Đã lưu 1 ảnh", "Đã lưu", "không phải ảnh chụp", "JPEG", "40 triệu", "Đã có"], strict=True
    ):
        assert what in words_of
    assert len(kept(app)) == 1


def grown_by(act):
    """Return by how many megabytes this process grew at most while it did this."""
    status = Path("/proc/self/status")

    def megabytes(name):
        return int(re.search(rf"{name}:\s+(\d+) kB", status.read_text())[1]) / 1000

    Path("/proc/self/clear_refs").write_text("5")  # the high water mark begins again: proc(5)
    before = megabytes("VmRSS")
    act()
    return megabytes("VmHWM") - before


def test_a_bomb_that_is_sent_does_not_go_off(app, bench, send):
    bomb, large = a_bomb(), a_png(8000, 5000, fill=b"\x40")
    send(a_jpeg((20, 20)))  # what is loaded once is loaded

    assert grown_by(lambda: send((bomb, "bom.png"))) < 30
    assert grown_by(lambda: send((large, "to.png"))) > 100  # the control: it would be seen
    assert len(kept(app)) == 2


def test_where_nothing_can_be_kept_nothing_is_written(app, bench, send):
    answer = send((SVG, "hinh.svg"), (b"", "rong.jpg"))

    assert answer.status_code == 422
    assert "Không lưu ảnh nào" in words(answer)
    assert kept(app) == []
    assert not in_store(app)
    assert send(a_jpeg()).status_code == 303  # the control


def test_the_name_of_a_file_is_only_shown(app, bench, send):
    names = ["../../../etc/passwd", "<b>đậm</b>.jpg", "a\u202egpj.exe", "x" * 3000, "%s%n.jpg"]
    page = send(*((a_jpeg(seed=n), name) for n, name in enumerate(names)), (SVG, names[1])).get_data(
        as_text=True
    )

    assert page.count("&lt;b&gt;đậm") == 2
    assert "<b>đậm" not in page
    assert "\u202e" not in page
    assert "x" * 81 not in page
    assert len(kept(app)) == len(names)


def test_too_many_and_none_are_refused(app, bench, send):
    assert send().status_code == 409
    assert send(*(MOST + 1) * [a_jpeg((20, 20))]).status_code == 409
    assert "Hãy chọn từ 1 đến 10 ảnh" in words(send())
    assert kept(app) == []


def test_a_file_that_is_too_large_is_told_and_a_form_is_not_read(app, bench, send):
    assert "lớn hơn 8 MB" in words(send(a_jpeg() + bytes(MOST_BYTES)))
    claimed = {
        "CONTENT_LENGTH": str(MOST * MOST_BYTES + 1_500_000),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    answer = bench.client.post(f"/photographs/of/{bench.code}/take", environ_overrides=claimed)
    assert answer.status_code == 413
    assert kept(app) == []


def test_a_form_with_words_of_its_own_is_refused(app, bench, send):
    for form in (
        {"stage": ""},
        {"stage": "someday"},
        {"about": "A B"},
        {"about": "x" * 25},
        {"about": "a/../b"},
    ):
        assert send(a_jpeg(), **form).status_code == 409, form
    assert kept(app) == []


# Whose


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.ADMIN])
def test_who_sees_all_looks_but_does_not_take(app, bench, send, role):
    send(a_jpeg())
    other = as_somebody(app, bench, role)

    assert other.client.get("/photographs/1.jpg").status_code == 200
    page = other.client.get(f"/photographs/of/{bench.code}").get_data(as_text=True)
    assert "/photographs/1/small.jpg" in page
    assert "data-photos" not in page
    assert send(a_jpeg(seed=2), by=other).status_code == 403


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.STOREKEEPER, Role.SCHOOL])
def test_of_another_organisations_device_nothing_is_there(app, bench, send, role):
    send(a_jpeg(), stage="handed-over")
    other = as_somebody(app, bench, role)

    for url in ("1.jpg", "1/small.jpg", "1", f"of/{bench.code}", "99.jpg"):
        assert other.client.get(f"/photographs/{url}").status_code == 404, url
    assert send(a_jpeg(seed=2), by=other).status_code == 404
    data = {"csrf_token": other.token, "event_id": uuid.uuid4().hex, "why": "không phải"}
    assert other.client.post("/photographs/1/hide", data=data).status_code == 404
    assert app.test_client().get("/photographs/1.jpg").status_code == 303  # a stranger signs in first


def test_a_school_sees_and_takes_what_was_handed_over(app):
    at_school = a_bench(app, status=Status.AT_SCHOOL)
    holder = at_school.row.holder_org_id
    with session_of(app) as session:  # what the workshop took before it went out
        row = {"device_id": at_school.device, "about": "", "digest": "a" * 64, "small": "b" * 64, "width": 1, "height": 1,
               "bytes": 1, "org_id": at_school.technician.org, "by": at_school.technician.user, "at": AT}  # fmt: skip
        for stage in ("before", "handed-over"):
            session.add(Photograph(**row, stage=stage))
    school = as_somebody(app, at_school, Role.SCHOOL, org=holder)
    page = school.client.get(f"/photographs/of/{school.code}").get_data(as_text=True)

    assert re.findall(r"/photographs/(\d+)/small.jpg", page) == ["2"]
    assert school.client.get("/photographs/1.jpg").status_code == 404
    for stage, code in (("before", 409), ("handed-over", 303)):
        data = {"csrf_token": school.token, "event_id": uuid.uuid4().hex, "stage": stage,
                "photographs": [(io.BytesIO(a_jpeg()), "a.jpg")]}  # fmt: skip
        assert school.client.post(f"/photographs/of/{school.code}/take", data=data).status_code == code
    assert at_school.client.get(f"/photographs/of/{school.code}").status_code == 404  # as the device's page


def test_while_a_device_is_on_its_way_nothing_is_taken(app):
    away = a_bench(app, status=Status.ON_THE_WAY)
    page = away.client.get(f"/photographs/of/{away.code}").get_data(as_text=True)
    data = {"csrf_token": away.token, "stage": "after", "photographs": [(io.BytesIO(a_jpeg()), "a.jpg")]}

    assert "data-photos" not in page
    assert away.client.post(f"/photographs/of/{away.code}/take", data=data).status_code == 409
    assert kept(app) == []
