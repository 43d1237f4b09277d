"""Makers of intake: forms as a browser sends them, lists as people send them."""

import io
import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

import pypdfium2
import xlsxwriter
import zxingcpp
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.makers import sign_in_as
from tracker.custody.models import Device
from tracker.intake.forms import DonationForm, DonorForm
from tracker.people.roles import Actor

DAY = date(2021, 11, 1)
HEADINGS = ("Loại thiết bị", "Hãng", "Model", "Số serial", "IMEI 1", "IMEI 2", "Sạc", "Đơn vị ủng hộ")
#: Well formed, and nobody's: the check digit is right.
IMEIS = ("351823086763117", "863193036650843", "490154203237518")
HONG_PHAT = "Công ty TNHH Hồng Phát Thử"


def a_donor_form(name: str = HONG_PHAT, kind: str = "company", **more: str) -> DonorForm:
    values = {"representative": "", "position": "", "address": "", "phone": "", "email": "", **more}
    return DonorForm(kind, name, **values)


def a_donation_form(donor: int, *, day: date = DAY, expected: int | None = None) -> DonationForm:
    return DonationForm(donor, "in-kind", None, day, expected, "")


def a_row(**more: str) -> tuple[str, ...]:
    """Return one row of a list of devices under `HEADINGS`."""
    values = {
        "kind": "Laptop",
        "make": "Dell",
        "model": "Latitude 5400",
        "serial": uuid.uuid4().hex[:10].upper(),
        "imei1": "",
        "imei2": "",
        "charger": "x",
        "donor": HONG_PHAT,
        **more,
    }
    return tuple(values.values())


def a_list(rows: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS) -> bytes:
    """Return a workbook with these rows under the headings."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet("Đợt 1")
    for number, row in enumerate([headings, *rows]):
        sheet.write_row(number, 0, row)
    workbook.close()
    return file.getvalue()


def token(client: FlaskClient) -> str:
    """Return the token that this client's forms carry."""
    page = client.get("/help/ledger").get_data(as_text=True)
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def send(client: FlaskClient, url: str, *, event_id: str = "", **fields: Any):
    """Send a form as the page's own."""
    data = {"csrf_token": token(client), "event_id": event_id or uuid.uuid4().hex, **fields}
    return client.post(url, data=data, content_type="multipart/form-data")


def a_device_form(**more: str) -> dict[str, str]:
    return {"category": "laptop", "make": "Dell", "model": "Latitude 5400", "serial": "", **more}


def devices(session: Session) -> list[Any]:
    return list(session.execute(select(Device.__table__).order_by(Device.id)))


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


class Browser:
    """A signed-in browser. What the test has written is committed before each request."""

    def __init__(self, client: FlaskClient, session: Session):
        self.client, self.session = client, session

    def sign_in(self, by: Actor) -> "Browser":
        sign_in_as(self.client, by, self.session)
        return self

    def get(self, url: str):
        self.session.commit()
        return self.client.get(url)

    def post(self, url: str, **sent):
        self.session.commit()
        return self.client.post(url, **sent)


def read_back(pdf: bytes) -> list[str]:
    """Return what all codes on the first page of a paper say."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return [found.text for found in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())]


def words_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def upload(browser, data, name="list.xlsx"):
    return send(browser, "/device-lists", sheet=(io.BytesIO(data), name))
