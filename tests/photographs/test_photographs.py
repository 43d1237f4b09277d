"""Photographs of a device: kept once, with their event in the ledger, for those who may see the device."""

from sqlalchemy import select

from tests.photographs.makers import a_jpeg
from tests.workshop.makers import session_of, words
from tracker.custody import queries as devices
from tracker.custody import replay
from tracker.photographs.models import Photograph


def test_what_is_sent_is_kept_and_shown(app, bench, send):
    answer = send(a_jpeg(), a_jpeg(seed=2), about="screen")

    assert answer.status_code == 303
    assert answer.location == f"/workshop/{bench.code}#photographs"
    assert "Đã lưu 2 ảnh" in words(bench.client.get(answer.location))
    with session_of(app) as session:
        rows = session.execute(select(Photograph.id, Photograph.digest, Photograph.about)).all()
        lines = [line for line in devices.history(session, bench.device) if line.kind == "photograph"]
        assert list(replay.differences(session)) == []
    assert [(row.digest, row.about) for row in rows] == [
        (line.data["digest"], line.data["about"]) for line in reversed(lines)
    ]
    for path in ("{}.jpg", "{}/small.jpg"):
        picture = bench.client.get("/photographs/" + path.format(rows[0].id))
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
        assert picture.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
