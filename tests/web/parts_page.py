"""The parts page by plain Jinja: what templates may expect of the application, with invented values."""

import io
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any
from uuid import uuid4

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).parents[2]
STATUSES = (
    "received inspecting repairing ready bound on-the-way at-school given returned missing retired".split()
)
WORDS = (
    "Đã tiếp nhận|Đang kiểm tra|Đang sửa|Sẵn sàng|Đã gán học sinh|Đang trên đường|Đã đến trường|Đã trao học sinh|"
    "Đã thu hồi|Thất lạc|Đã thanh lý"
).split("|")


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
        gettext=say,
        ngettext=say_many,
        csrf_token=lambda: "csrf",
        new_event_id=lambda: str(uuid4()),
        static=lambda path: f"/static/{path}?v=1",
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


def example() -> dict[str, Any]:
    """Return the values that the parts page shows; the application's own page may use the same."""
    statuses = [Thing(value=v, label=w) for v, w in zip(STATUSES, WORDS, strict=True)]
    at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    events = [
        ("Đạt", statuses[1], statuses[3], "Màn hình, bàn phím, pin đều đạt; xếp loại B."),
        ("Kiểm tra", statuses[0], statuses[1], ""),
        ("Tiếp nhận", None, statuses[0], "Công ty Cổ phần Sông Lô tặng."),
    ]
    return {
        "statuses": statuses,
        "waiting": [
            Thing(value=12, label="thiết bị chờ kiểm tra", url="/x", late=3, drawing="clipboard2-pulse"),
            Thing(value=2, label="biên bản chờ xác nhận", url="/y", drawing="file-earmark-text"),
        ],
        "figures": [
            Thing(value=12550, label="Đã tiếp nhận", url="/x", drawing="box-arrow-in-down"),
            Thing(value=9310, label="Đã trao học sinh", tone="ok", drawing="person-heart", note="74 %"),
            Thing(value=37, label="Quá hạn xác nhận", tone="warn", drawing="clock-history"),
            Thing(value=4, label="Thất lạc", tone="bad", drawing="question-diamond"),
        ],
        "road": [
            ("Tiếp nhận", "done", "12/11/2026"),
            ("Kiểm tra", "done", "14/11/2026"),
            ("Sẵn sàng", "now", "6 ngày"),
            ("Gán học sinh", "ahead"),
            ("Xuất kho", "ahead"),
            ("Đến trường", "ahead"),
            ("Trao học sinh", "ahead"),
        ],
        "moves": [
            Thing(value="bind", label="Gán học sinh", url="/x", help="142 em đang chờ"),
            Thing(value="inspect", label="Kiểm tra", url="/x", post=True),
            Thing(value="lose", label="Báo mất", url="/x"),
        ],
        "events": [
            Thing(
                at=at,
                what=what,
                who="Trần Văn Minh",
                org="VNPT Vĩnh Phúc",
                start=start,
                end=end,
                note=note,
                undone=n == 1,
            )
            for n, (what, start, end, note) in enumerate(events)
        ],
        "tabs": [
            Thing(url="/x", label="Máy tính xách tay", current=True, count=1204),
            Thing(url="/y", label="Máy tính bảng", current=False, count=310),
            Thing(url="/z", label="Tất cả", current=False),
        ],
        "choices": [(s.value, s.label) for s in statuses],
        "rows": [
            Thing(code="7K3M9QX2", model="Dell Latitude 3410", status=statuses[3], days=6),
            Thing(code="PRT4V8ZN", model="Samsung Galaxy Tab A7 Lite", status=statuses[5], days=1204),
            Thing(code="C2HX7B9Q", model="iPad (thế hệ 8)", status=statuses[9], days=31),
        ],
    }


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
