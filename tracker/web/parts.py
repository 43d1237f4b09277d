"""Every part of the pages on one page, for those who build pages; there only where the application runs in debug.

`FLASK_DEBUG=1 tracker serve` opens it at `/_parts`.
"""

from datetime import UTC, datetime
from types import SimpleNamespace as Thing
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue

from tracker.web.pages import show

STATUSES = (
    "received inspecting repairing ready bound on-the-way at-school given returned missing retired".split()
)
WORDS = (
    "Đã tiếp nhận|Đang kiểm tra|Đang sửa|Sẵn sàng|Đã gán học sinh|Đang trên đường|Đã đến trường|Đã trao học sinh|"
    "Đã thu hồi|Thất lạc|Đã thanh lý"
).split("|")


def init_app(app: Flask) -> None:
    """Open the page where pages are being built, and nowhere else."""
    if app.debug:
        app.add_url_rule("/_parts", "parts", parts)


def parts() -> ResponseReturnValue:
    """Show every part once."""
    return show("web/parts.html", example=example())


# Open to strangers. `people.permissions` says this with a word, but lies further along the road.
parts.allowed = frozenset()  # type: ignore[attr-defined]


def example() -> dict[str, Any]:
    """Return the values that the page shows; all of them are invented."""
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
