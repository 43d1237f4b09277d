"""Print jobs, and waiting for one to be sent."""

import threading
from time import monotonic, sleep

from sqlalchemy import select

from labels.job import Label
from tests.makers import AT
from tracker.custody.codes import check_symbol
from tracker.prints import actions, sending
from tracker.prints.printer_models import Sending
from tracker.prints.rules import Paper


def code_of(n):
    body = "22222" + "23456789"[n // 8] + "23456789"[n % 8]
    return body + check_symbol(body)


def a_job(session, by, *, count=3, stock="50x30"):
    labels = [Label(url=f"HTTPS://TB.EXAMPLE/T/{code_of(n)}", code=code_of(n)) for n in range(count)]
    paper = Paper(stock, design="device")
    proof = actions.proved_paper(labels, paper)[1]
    return actions.keep(session, labels, paper, proof, subject="Thử", by=by, at=AT)


def ended(session, where, *, within=15):
    """Wait until a sending is through; return its row."""
    number, end = int(where.rstrip("/").split("/")[-1]), monotonic() + within
    while monotonic() < end:
        session.rollback()  # a test's requests share its session, and so its lock
        row = session.execute(select(Sending.__table__).where(Sending.id == number)).one()
        session.rollback()
        threads = [thread for thread in threading.enumerate() if thread.name == f"sending-{number}"]
        if row.state not in sending.OPEN and not threads:
            return row
        sleep(0.05)
    raise AssertionError(f"still {row.state}")
