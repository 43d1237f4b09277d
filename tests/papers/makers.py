"""Devices brought to where a paper tells of them, through the pages, and the forms of papers."""

import io
import json
import re
import uuid
from dataclasses import dataclass
from html import unescape

import pikepdf
import pypdfium2
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.handover.makers import an_address
from tests.makers import a_device, a_person, a_pupil, sign_in_as
from tests.workshop.makers import ERASED, GRADED, everything_good, session_of
from tracker.custody import queries as devices
from tracker.custody.road import Status
from tracker.people.roles import Actor, OrgKind, Role

ADDRESS = "Thôn Đồng Pheo, xã Đạo Trù"
INSPECTED = {"member-1": "Trần Văn Thợ", "position-1": "Kỹ thuật viên", "basis": "Kế hoạch số 03/KH-UBND"}
REPAIRED = INSPECTED | {"accepted_name": "Đỗ Thị Thanh Hà", "accepted_position": "Tổ trưởng"}
CERTIFIED = {"performer_position": "Kỹ thuật viên"}
GUARDED = {"guardian_name": "Nguyễn Văn Lực", "relation": "bố", "guardian_address": ADDRESS}
RETURNED = {"returner_name": "Nguyễn Văn Lực", "returner_address": ADDRESS}


@dataclass
class Desk:
    """Somebody in the browser."""

    app: Flask
    client: FlaskClient
    actor: Actor

    def send(self, where: str, **form: str) -> TestResponse:
        page = self.client.get("/papers").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        sent = {"csrf_token": token, "event_id": uuid.uuid4().hex, **form}
        return self.client.post(where, data=sent)

    def does(self, where: str, **form: str) -> TestResponse:
        answer = self.send(where, **form)
        assert answer.status_code == 303, (where, answer.status_code, words(answer))
        return answer

    def issue(self, kind: str, *codes: str, **form: str) -> TestResponse:
        return self.send("/papers", kind=kind, codes="\n".join(codes), **form)

    def issued(self, kind: str, *codes: str, **form: str) -> str:
        """Issue a paper and return its address."""
        answer = self.issue(kind, *codes, **form)
        assert answer.status_code == 303, (answer.status_code, words(answer))
        return answer.location

    def read(self, where: str) -> str:
        return words(self.client.get(where))


def words(answer: TestResponse) -> str:
    """Return what the main part of a page says."""
    main = answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def a_desk(app: Flask, role: Role, org: int | None = None, name: str = "Trần Văn Thợ") -> Desk:
    """Return somebody of this role, signed in; of an organisation that has all a paper asks for."""
    kinds = {
        Role.TECHNICIAN: OrgKind.WORKSHOP,
        Role.STOREKEEPER: OrgKind.WORKSHOP,
        Role.SCHOOL: OrgKind.SCHOOL,
    }
    client = app.test_client()
    with session_of(app) as session:
        org = org or an_address(session, kinds.get(role, OrgKind.PROGRAMME))
        actor = a_person(session, role=role, org=org, name=name)
        sign_in_as(client, actor, session)
    return Desk(app, client, actor)


def a_laptop(app: Flask, org: int, **more: object) -> str:
    """Return the code of a received laptop."""
    with session_of(app) as session:
        return devices.code_of(session, a_device(session, holder=org, **more))


def inspected(desk: Desk, code: str, **bad: str) -> None:
    """Inspect a device and answer every check, good but for what is `bad`."""
    desk.does(f"/workshop/{code}/inspect")
    desk.does(f"/workshop/{code}/checks", **everything_good() | bad)


def erased(desk: Desk, code: str, **more: str) -> None:
    desk.does(f"/workshop/{code}/erasures", **ERASED | more)


def passed(desk: Desk, code: str) -> None:
    """Bring a device from its reception to the shelf."""
    inspected(desk, code)
    erased(desk, code)
    desk.does(f"/workshop/{code}/pass", **GRADED)


def repaired(desk: Desk, code: str) -> None:
    """Find a fault in a device that is being inspected, and repair it."""
    desk.does(f"/workshop/{code}/faults", fault="battery", fault_note="phồng")
    answer = desk.does(f"/workshop/{code}/repair")
    page = desk.client.get(answer.location).get_data(as_text=True)
    fault = re.search(r'name="outcome-(\d+)"', page)[1]
    said = {f"outcome-{fault}": "replaced-part", f"outcome-note-{fault}": "pin GJKNX 68 Wh"}
    desk.does(f"/workshop/{code}/outcomes", finish="1", **said)


def at_school(app: Flask, school: int, *, name: str = "Nguyễn Thị Huệ", pupil: int | None = None) -> str:
    """Return the code of a device that waits at a school for its pupil."""
    with session_of(app) as session:
        pupil = pupil or a_pupil(session, school=school, name=name, cls="7A", phone="0300 111 222")
        device = a_device(session, status=Status.AT_SCHOOL, pupil=pupil, charger=True, cable=True)
        return devices.code_of(session, device)


def given(desk: Desk, code: str) -> None:
    desk.does(
        f"/devices/{code}/give", name="Nguyễn Văn Lực", taken_by="guardian", signature_typed="1", signature=""
    )


def taken_back(desk: Desk, code: str) -> None:
    desk.does(f"/devices/{code}/take-back", reason="left-school", note="")


def pdf_of(desk: Desk, where: str) -> bytes:
    answer = desk.client.get(f"{where}/record.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.status_code
    return answer.get_data()


def text_of(pdf: bytes) -> str:
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(" ".join(pages).split())


def codes_on(pdf: bytes) -> list[set[str]]:
    """Return what the codes of each page say."""
    return [
        {code.text for code in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())}
        for page in pypdfium2.PdfDocument(pdf)
    ]


def data_of(pdf: bytes) -> dict:
    """Return the data a paper carries."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [attached] = document.attachments.values()
        return json.loads(attached.get_file().read_bytes())
