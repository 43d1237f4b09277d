"""Pages and moves under load: granian, 8 and 64 connections, latencies and errors."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.web import Bench, Figure
from tracker import db

REQUESTS = 1600


async def _one(host: str, port: int, messages: Iterator[bytes], seen: list[tuple[float, bytes]]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for message in messages:
        start = time.perf_counter()
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        await reader.readexactly(length)
        seen.append((time.perf_counter() - start, head.split(b" ", 2)[1]))
    writer.close()


async def _load(port: int, connections: int, messages: Iterator[bytes]) -> list[tuple[float, bytes]]:
    seen: list[tuple[float, bytes]] = []
    await asyncio.gather(*(_one("127.0.0.1", port, messages, seen) for _each in range(connections)))
    return seen


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(home: Path, url: str) -> Iterator[int]:
    """Serve the application with two workers on a free port."""
    port = _free_port()
    environ = {
        **os.environ,
        "TRACKER_HOME": str(home),
        "DATABASE_URL": url,
        "TRACKER_SECRET": "x" * 40,
        "TRACKER_URL": "http://127.0.0.1:5000",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tracker", "serve", "--port", str(port), "--workers", "2"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _messages(bench: Bench, what: str, count: int) -> Iterator[bytes]:
    head = f"Host: 127.0.0.1:5000\r\nCookie: {bench.cookie}\r\n"
    for _each in range(count):
        if what == "a move":
            form = f"csrf_token={bench.token}&event_id={uuid.uuid4().hex}"
            yield (
                f"POST /workshop/{next(bench.moved)}/inspect HTTP/1.1\r\n{head}"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(form)}\r\n\r\n{form}"
            ).encode()
        else:
            yield f"GET /t/{next(bench.shown)} HTTP/1.1\r\n{head}\r\n".encode()


def figures() -> list[Figure]:
    """Measure latencies under load on SQLite."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        url = f"sqlite:///{home / 'load.db'}"
        bench = Bench(url, home, 8000)
        with bench.app.app_context():
            db.db.engine.dispose()
        with served(home, url) as port:
            asyncio.run(_load(port, 8, _messages(bench, "device page", 200)))  # warm
            for what in ("device page", "a move"):
                for connections in (8, 64):
                    start = time.perf_counter()
                    seen = asyncio.run(_load(port, connections, _messages(bench, what, REQUESTS)))
                    wall = time.perf_counter() - start
                    found.append(_figure(what, connections, seen, wall))
    return found


def _figure(what: str, connections: int, seen: list[tuple[float, bytes]], wall: float) -> Figure:
    times = sorted(each for each, _status in seen)
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    wanted = b"303" if what == "a move" else b"200"
    wrong = sum(status != wanted for _time, status in seen)
    value = f"{len(seen) / wall:.0f}/s, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, {wrong} errors"
    return Figure(f"{what}, {connections} connections", value, p99 / p50, "p99 ≤ 8 × p50, 0 errors")
