"""Static files come squeezed to who takes them so, and as they are to everybody else."""

import gzip

import pytest
from flask.testing import FlaskClient

from tracker.web.pages import STATIC


@pytest.fixture
def client(make_app, sqlite_url: str) -> FlaskClient:
    return make_app(sqlite_url).test_client()


def test_a_style_sheet_comes_squeezed_and_is_the_same(client: FlaskClient):
    squeezed = client.get("/static/theme.css", headers={"Accept-Encoding": "gzip, br"})
    plain = client.get("/static/theme.css")

    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert len(squeezed.data) < len(plain.data) / 3
    assert gzip.decompress(squeezed.data) == plain.data == (STATIC / "theme.css").read_bytes()
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert squeezed.headers["ETag"] != plain.headers["ETag"]
    plain.close()


def test_what_is_squeezed_already_is_left_as_it_is(client: FlaskClient):
    answer = client.get("/static/icons/192.png", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
    answer.close()


def test_a_file_that_is_not_there_is_not_found(client: FlaskClient):
    for path in ("/static/none.css", "/static/../pages.py", "/static/%2e%2e/config.py"):
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).status_code == 404


def test_one_that_was_not_changed_is_not_sent_again(client: FlaskClient):
    first = client.get("/static/theme.css", headers={"Accept-Encoding": "gzip"})
    day = first.headers["Last-Modified"]

    again = client.get("/static/theme.css", headers={"Accept-Encoding": "gzip", "If-Modified-Since": day})

    assert again.status_code == 304
    again.close()
