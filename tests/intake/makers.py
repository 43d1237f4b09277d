"""Makers of intake: forms as a browser sends them, lists as people send them."""

import io
import re
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.custody.models import Device
from tracker.intake.forms import DonationForm, DonorForm

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
