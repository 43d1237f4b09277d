"""A bench with a device, and a form that sends photographs of it."""

import io
import uuid

import pytest

from tests.workshop.makers import a_bench
from tracker.custody.road import Status


@pytest.fixture
def app(request, make_app):
    """On SQLite; what needs both databases says so."""
    return make_app(request.getfixturevalue(getattr(request, "param", "sqlite_url")))


@pytest.fixture
def bench(app):
    return a_bench(app, status=Status.INSPECTING)


@pytest.fixture
def send(bench):
    """Send files (contents, or (content, name)) as somebody at their browser."""

    def send_files(*files, by=None, stage="before", **form):
        who = by or bench
        named = [file if isinstance(file, tuple) else (file, f"anh-{n}.jpg") for n, file in enumerate(files)]
        data = {
            "csrf_token": who.token,
            "event_id": form.pop("event_id", "") or uuid.uuid4().hex,
            "stage": stage,
            **form,
            "photographs": [(io.BytesIO(content), name) for content, name in named],
        }
        where = {"Referer": f"http://localhost/workshop/{bench.code}"}
        answer = who.client.post(f"/photographs/of/{bench.code}/take", data=data, headers=where)
        answer.request.environ["wsgi.input"].close()  # the test client leaves what it wrote to disk open
        return answer

    return send_files
