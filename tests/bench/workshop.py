"""The workshop: what the board costs with 50,000 devices, and what uploads of evidence do to the others' pages."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests.bench.evidence import a_machine
from tests.bench.load import served
from tests.bench.web import Bench, Figure, against, cpu, request
from tracker.db import db
from tracker.evidence import actions as evidence
from tracker.workshop import board_views

DEVICES, MACHINES = 50_000, 100
STATUSES = (
    "received",
    "inspecting",
    "repairing",
    "ready",
    "bound",
    "on-the-way",
    "at-school",
    "given",
    "returned",
)


def figures() -> list[Figure]:
    """Measure both on SQLite in one run."""
    return [*_board(), *_uploads()]


def _board() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(f"sqlite:///{Path(name) / 'board.db'}", Path(name), DEVICES)
        with bench.app.app_context():
            _spread(db.session())
            db.engine.dispose()

        def board() -> None:
            status, body = request(bench.app, "/workshop/board", bench.cookie)
            assert status.startswith("200")
            assert b"board-column" in body

        def counted_anew() -> None:
            bench.app.extensions.pop("boards", None)
            board()

        kept_for = board_views.AT_LEAST_EVERY
        board_views.AT_LEAST_EVERY = timedelta(hours=1)
        try:
            cost, ratio = against(bench.page, board, 30)
            new, new_ratio = against(bench.page, counted_anew, 10)
            board_views.AT_MOST_EVERY, most = timedelta(0), board_views.AT_MOST_EVERY
            after, after_ratio = _after(bench, board)
        finally:
            board_views.AT_LEAST_EVERY, board_views.AT_MOST_EVERY = kept_for, most
        with bench.app.app_context():
            db.engine.dispose()
        what = f"the board, {DEVICES:,} devices, beside the device page"
        return [
            Figure(f"{what}, nothing happened since", f"{cost:.0f} µs", ratio, "≤ 5"),
            Figure(f"{what}, after a device was moved", f"{after:.0f} µs", after_ratio, "≤ 5"),
            Figure(
                f"{what}, counted whole (a process's first, and every 30 s)",
                f"{new:.0f} µs",
                new_ratio,
                "≤ 5",
            ),
        ]


def _after(bench: Bench, board: Callable[[], None]) -> tuple[float, float]:
    """Return what a board costs (µs of CPU, ratio) right after an inspection was begun; beginning it is not counted."""
    costs, ratios = [], []
    with bench.app.app_context():
        received = text(
            "UPDATE device SET status = 'received' WHERE id IN (SELECT id FROM device ORDER BY id LIMIT 40)"
        )
        db.session.execute(received)
        db.session.commit()
        db.engine.dispose()
    for _round in range(30):
        bench.move()
        one, other = cpu(bench.page, 20, rounds=1), cpu(board, 1, rounds=1)
        costs.append(other)
        ratios.append(other / one)
    return statistics.median(costs), statistics.median(ratios)


def _spread(session) -> None:
    """Give the devices every status and ages of up to seventy days."""
    chance, now = random.Random(5), datetime.now(UTC)
    rows = [
        {
            "id": n,
            "status": chance.choice(STATUSES),
            "at": f"{now - timedelta(minutes=chance.randrange(100_000)):%Y-%m-%d %H:%M:%S.%f}",
        }
        for (n,) in session.execute(text("SELECT id FROM device")).all()
    ]
    session.execute(text("UPDATE device SET status = :status, since = :at WHERE id = :id"), rows)
    session.execute(text("ANALYZE"))
    session.commit()


def _uploads() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        url = f"sqlite:///{home / 'uploads.db'}"
        bench = Bench(url, home, MACHINES + 200)
        with bench.app.app_context():
            secret = evidence.make_pass(db.session(), by=bench.technician, at=datetime.now(UTC))
            db.session.commit()
            db.engine.dispose()
        bodies = [_body(n) for n in range(MACHINES)]
        codes = [next(bench.moved) for _body in bodies]
        with served(home, url) as port:
            idle, busy, wall, answers = asyncio.run(_both(port, bench, secret, bodies, codes))
    p95, p95_busy = _p95(idle), _p95(busy)
    size = sum(map(len, bodies)) / len(bodies) / 1000
    kept = sum(status == b"200" for status in answers)
    return [
        Figure("device page, idle, p95", f"{p95 * 1e3:.1f} ms", 1.0, ""),
        Figure(
            f"device page while {MACHINES} machines of {size:.0f} kB come at once, p95",
            f"{p95_busy * 1e3:.1f} ms of {len(busy)} pages",
            p95_busy / p95,
            "≤ 3",
        ),
        Figure("until the last machine is kept", f"{wall:.1f} s, {kept} of {MACHINES}", None, ""),
    ]


def _body(n: int) -> bytes:
    """Return the bundle of a machine of its own: no two have a number in common."""
    own = {
        "PF1VN0T8": f"PF{n:06d}",
        "L1HF84A01QX": f"L1HF{n:07d}",
        "7a1c94cc": f"7a1c9{n:03x}",
        "S41GNX0M412345": f"S41GNX0M{n:06d}",
        "Z3TQX1AB": f"Z3TQ{n:04d}",
        "54:e1:ad:9b:0c:11": f"54:e1:ad:9b:{n:02x}:11",
        "00:28:F8:9B:0C:12": f"00:28:F8:9B:{n:02X}:12",
    }
    whole = b"".join(
        b"=== tracker-evidence 1 %s ===\n%s\n" % (name.encode(), data) for name, data in a_machine().items()
    )
    for old, new in own.items():
        whole = whole.replace(old.encode(), new.encode())
    return whole


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


async def _both(port: int, bench: Bench, secret: str, bodies: list[bytes], codes: list[str]):
    await _pages(port, bench, [], until=time.perf_counter() + 1)  # warm
    idle: list[float] = []
    await _pages(port, bench, idle, until=time.perf_counter() + 4)
    busy: list[float] = []
    stop = asyncio.Event()
    start = time.perf_counter()
    watching = asyncio.create_task(_pages(port, bench, busy, stop=stop))
    answers = await asyncio.gather(
        *(_upload(port, secret, body, code) for body, code in zip(bodies, codes, strict=True))
    )
    wall = time.perf_counter() - start
    stop.set()
    await watching
    return idle, busy, wall, answers


async def _pages(port: int, bench: Bench, seen: list[float], *, until: float = 0, stop=None) -> None:
    """Ask for one device page after the other, as four people do."""

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not (stop.is_set() if stop else time.perf_counter() > until):
            page = f"GET /t/{next(bench.shown)} HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nCookie: {bench.cookie}\r\n\r\n"
            begin = time.perf_counter()
            writer.write(page.encode())
            assert (await _answer(reader)) == b"200"
            seen.append(time.perf_counter() - begin)
            await asyncio.sleep(0.02)
        writer.close()

    await asyncio.gather(*(one() for _person in range(4)))


async def _upload(port: int, secret: str, body: bytes, code: str) -> bytes:
    """Send as the script does, and ask until it was read."""
    bearer = f"Host: 127.0.0.1:5000\r\nAuthorization: Bearer {secret}\r\nConnection: close\r\n"
    sending = f"POST /evidence/collected?device={code} HTTP/1.1\r\n{bearer}Content-Type: text/plain\r\n"
    status, where = await _asked(port, f"{sending}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    while status == b"202":
        await asyncio.sleep(2)
        status, _where = await _asked(port, f"GET {where} HTTP/1.1\r\n{bearer}\r\n".encode())
    return status


async def _asked(port: int, message: bytes) -> tuple[bytes, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    places = [line[10:].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"location: ")]
    return head.split(b" ", 2)[1], places[0] if places else ""


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)
    await reader.readexactly(length)
    return head.split(b" ", 2)[1]
