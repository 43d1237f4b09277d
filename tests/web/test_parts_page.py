"""The page of all parts is served where pages are built, and nowhere else."""

import pytest


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_parts_are_shown_where_the_application_runs_in_debug(make_app, sqlite_url, monkeypatch, locale):
    monkeypatch.setenv("FLASK_DEBUG", "1")

    answer = make_app(sqlite_url, locale=locale).test_client().get("/_parts")

    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "Dell Latitude 3410" in answer.text


def test_an_installation_has_no_page_of_parts(make_app, sqlite_url):
    assert make_app(sqlite_url).test_client().get("/_parts").status_code == 404
