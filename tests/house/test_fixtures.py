"""The fixtures themselves: what others rely on without looking."""

import pytest
from playwright.sync_api import Error
from sqlalchemy import inspect, text

from tracker.db import engine_for


def test_every_test_gets_a_migrated_database_of_its_own(database_url):
    engine = engine_for(database_url)
    with engine.begin() as connection:
        assert "device" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT count(*) FROM organisation")).scalar() == 0
    engine.dispose()


def test_the_role_of_the_tests_is_no_superuser(postgres_url):
    engine = engine_for(postgres_url)
    with engine.begin() as connection:
        assert connection.execute(text("SHOW is_superuser")).scalar() == "off"
    engine.dispose()


def test_the_server_answers_the_browser(live_server, page):
    answer = page.goto("/khong-co-trang-nay")

    assert answer.status == 404
    assert answer.url == live_server.url + "/khong-co-trang-nay"


def test_the_browser_reaches_no_other_host(browser):
    page = browser.new_page()

    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")

    page.close()
