"""A bench with one device, worked through the pages as a technician does."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.makers import a_device, a_person, sign_in_as
from tracker.custody import queries as devices
from tracker.custody.facts import Category
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.db import db
from tracker.people.roles import Actor, Role
from tracker.workshop import queries
from tracker.workshop.checklists import NEWEST
from tracker.workshop.queries import Work


def ask(at: datetime, note: str = "") -> Ask:
    return Ask(uuid.uuid4().hex, at, note=note)


def everything_good(category: str = "laptop") -> dict[str, str]:
    """Return the form in which every mandatory check is good."""
    good = [check for check in NEWEST[Category(category)].checks if check.mandatory]
    return {
        f"value-{check.key}" if check.measured else f"check-{check.key}": f"{check.least}"
        if check.measured
        else "pass"
        for check in good
    }


CERTIFIED = {
    "drive_make": "Samsung",
    "drive_model": "MZ-VLB2560 PM981",
    "drive_serial": "S3TVNX0K512345",
    "capacity": "256 GB, NVMe",
    "started_at": "2021-11-15T14:05",
    "ended_at": "2021-11-15T14:09",
    "readback": "đọc lại 10%: không còn dữ liệu",
    "verified_by": "Đỗ Thị Kiểm",
    "verified_position": "Cán bộ an toàn thông tin",
}
ERASED = {"method": "purge", "tool": "nwipe 0.34", "result": "ok", **CERTIFIED}
GRADED = {"function": "F5", "cosmetic": "C4"}


@contextmanager
def session_of(app: Flask) -> Iterator[Session]:
    """Give a session that commits at the end; requests are made outside of it."""
    with app.app_context():
        session = db.session()
        yield session
        session.commit()


@dataclass
class Bench:
    """A technician in the browser, and one device of their workshop."""

    app: Flask
    client: FlaskClient
    technician: Actor
    device: int
    code: str
    token: str = ""

    def sign_in(self, actor: Actor) -> "Bench":
        with session_of(self.app) as session:
            sign_in_as(self.client, actor, session)
        start = self.client.get("/").get_data(as_text=True)
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', start)[1]
        return self

    def page(self) -> str:
        return self.client.get(f"/workshop/{self.code}").get_data(as_text=True)

    def post(self, part: str, event_id: str = "", **form: str) -> TestResponse:
        sent = {"csrf_token": self.token, "event_id": event_id or uuid.uuid4().hex, **form}
        return self.client.post(f"/workshop/{self.code}/{part}", data=sent)

    def does(self, part: str, **form: str) -> None:
        answer = self.post(part, **form)
        assert answer.status_code == 303, (part, answer.status_code, words(answer))

    @property
    def row(self) -> Row:
        with session_of(self.app) as session:
            return devices.locked(session, self.device)

    @property
    def status(self) -> Status:
        return Status(self.row.status)

    @property
    def work(self) -> Work:
        """What the bench knows now, detached."""
        with session_of(self.app) as session:
            work = queries.work(session, devices.locked(session, self.device))
            session.expunge_all()
            return work


def words(answer: TestResponse) -> str:
    """Return what the main part of a page says."""
    main = answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def a_bench(app: Flask, *, status: Status = Status.RECEIVED, **device: str) -> Bench:
    """Return a bench with a device of its workshop, the technician signed in."""
    with session_of(app) as session:
        technician = a_person(session, role=Role.TECHNICIAN, name="Trần Văn Thợ")
        made = a_device(session, status=status, holder=technician.org, **device)
        code = devices.code_of(session, made)
    return Bench(app, app.test_client(), technician, made, code).sign_in(technician)


def a_listing(serials: list[str]) -> bytes:
    """Return what lsblk prints of a machine with these drives."""
    drives = [
        {"name": f"sd{'ab'[at]}", "path": f"/dev/sd{'ab'[at]}", "type": "disk", "size": 256_060_514_304,
         "model": "Samsung SSD 860", "serial": serial, "rota": False, "tran": "sata"}
        for at, serial in enumerate(serials)
    ]  # fmt: skip
    return json.dumps({"blockdevices": drives}).encode()
