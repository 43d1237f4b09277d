"""The parts page by plain Jinja: what templates may expect of the application, with invented values."""

import io
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any
from uuid import uuid4

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader

from tracker.web.parts import example
from tracker.web.tables import table_cells, td

ROOT = Path(__file__).parents[2]


def environment(catalogue: dict[str, str] | None = None) -> Environment:
    """Return an environment with the globals and filters that the application gives."""
    words = catalogue or {}

    def say(message: str, **values: Any) -> str:
        return words.get(message, message) % values if values else words.get(message, message)

    def say_many(one: str, many: str, num: int, **values: Any) -> str:
        return words.get(one, one if num == 1 else many) % {"num": num, **values}

    # A stub of the application's surroundings, not of our own code: Flask's url_for and its kin.
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    env.globals.update(
        _=say,
        kept=lambda part: part,
        table_cells=table_cells,
        table_cell=td,
        gettext=say,
        ngettext=say_many,
        csrf_token=lambda: "csrf",
        new_event_id=lambda: str(uuid4()),
        static=lambda path: f"/static/{path}?v=1",
        page_at=lambda endpoint: "/trust" if endpoint == "trust.page" else "",
        url_for=lambda name, **values: "/" + name.replace(".", "/"),
        get_flashed_messages=lambda with_categories: [("ok", "Đã lưu."), ("error", "Mạng yếu.")],
    )
    env.filters.update(
        date=lambda d: f"{d:%d/%m/%Y}",
        datetime=lambda d: f"{d:%d/%m/%Y %H:%M}",
        number=lambda n: f"{n:,}".replace(",", "."),
        code=lambda c: f"{c[:4]} {c[4:]}",
    )
    return env


def nav() -> list[Thing]:
    pages = [
        ("Bàn làm việc", "speedometer2"),
        ("Thiết bị", "laptop"),
        ("Tiếp nhận", "box-arrow-in-down"),
        ("Kiểm tra", "clipboard2-pulse"),
        ("Bàn giao", "truck"),
        ("Báo cáo", "bar-chart"),
    ]
    return [
        Thing(url=f"/p{n}", label=label, icon=icon, current=n == 1) for n, (label, icon) in enumerate(pages)
    ]


def signed_in() -> dict[str, Any]:
    """Return the context of a signed-in storekeeper."""
    me = Thing(
        name="Nguyễn Thị Hạnh",
        role=Thing(label="Thủ kho"),
        org_name="Kho Viettel Vĩnh Phúc",
        org_kind="warehouse",
        can=lambda *roles: True,
    )
    return {"me": me, "locale": "vi", "nav": nav(), "demo": True, "footer_links": [("/help", "Trợ giúp")]}


def stranger() -> dict[str, Any]:
    return {"me": None, "locale": "vi", "nav": [], "demo": False, "footer_links": [("/help", "Trợ giúp")]}


def catalogue() -> dict[str, str]:
    """Return the Vietnamese words of all rooms."""
    words: dict[str, str] = {}
    for path in sorted((ROOT / "tracker" / "translations" / "vi").glob("*.po")):
        for message in read_po(io.BytesIO(path.read_bytes()), locale="vi"):
            one = message.id if isinstance(message.id, str) else message.id[0]
            words[one] = message.string if isinstance(message.string, str) else message.string[0]
    return words


def page(template: str = "web/parts.html", **context: Any) -> str:
    """Return a page as HTML, in Vietnamese and for somebody signed in unless the context says otherwise."""
    values = {**signed_in(), "example": example(), **context}
    words = catalogue() if values["locale"] == "vi" else {}
    return environment(words).get_template(template).render(**values)
