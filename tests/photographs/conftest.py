"""A bench with a device, and a form that sends photographs of it."""

import io
import uuid

import pytest

from tests.workshop.makers import a_bench
from tracker.custody.road import Status


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
        return who.client.post(
            f"/photographs/of/{bench.code}",
            data=data,
            headers={"Referer": f"http://localhost/workshop/{bench.code}"},
        )

    return send_files
