"""What the tests of these pages send: forms with their token, and small lists."""

import io
import re
import uuid
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HEADINGS = "STT;Họ và tên;Ngày sinh;Giới tính;Lớp;Mã định danh;Trường;Đối tượng;Chưa có thiết bị;Phụ huynh;Điện thoại"


def a_list(*rows: str) -> bytes:
    """Return a CSV of pupils: rows as “name;birthday;sex;class;number;school;policy;x;parent;phone”."""
    lines = [HEADINGS, *(f"{n};{row}" for n, row in enumerate(rows, 1))]
    return "\r\n".join(lines).encode("utf-8-sig")


def send(client: FlaskClient, where: str, *, event_id: str = "", **values: Any) -> TestResponse:
    """Send a form as a page would, with its token and an id of its own."""
    page = client.get("/help/ledger").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(where, data={"csrf_token": token, "event_id": event_id or uuid.uuid4().hex, **values})


def send_list(
    client: FlaskClient, data: bytes, *, name: str = "danh sách.csv", kind: str = "pupils", **more: Any
):
    """Send a list to be looked at; return the answer."""
    return send(client, f"/{kind}/import", sheet=(io.BytesIO(data), name), **more)
