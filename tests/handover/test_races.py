"""The secret of a record works once, however many come at once; and the race is one that can be lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, update

from tests.handover.makers import AT, LATER, a_delivery, received, status
from tracker.db import db
from tracker.handover import receipt, secret
from tracker.handover.models import Handover
from tracker.refused import Refused

RACES, RUNNERS = 1000, 4


def unguarded(session, handover, hashed, *, org, at):
    """What `use_secret` would be without its guard."""
    used = session.execute(
        update(Handover)
        .where(Handover.id == handover, Handover.to_org_id == org, Handover.secret_hash == hashed)
        .values(secret_used_at=at)
    )
    return used.rowcount == 1


def race(app, use, races):
    """Let `RUNNERS` threads use the secret of one record after the other; return the winners of each."""
    hashed = secret.digest("K" * secret.LENGTH)
    with app.app_context():
        way = a_delivery(db.session(), count=1)
        values = {
            "from_org_id": way.sender.org,
            "to_org_id": way.receiver.org,
            "status": "sent",
            "note": "",
            "created_at": AT,
            "created_by": way.sender.user,
            "sent_at": AT,
            "sent_by": way.sender.user,
            "secret_hash": hashed,
            "secret_until": AT + secret.LASTS,
            "wrong_tries": 0,
            "printed": 1,
            "signed_name": "",
            "signature": "",
            "year": 2022,
        }
        db.session.execute(insert(Handover), [{**values, "seq": n} for n in range(1, races + 1)])
        db.session.commit()
        ids = db.session.scalars(select(Handover.id).where(Handover.year == 2022)).all()
    wins = dict.fromkeys(ids, 0)
    lock, barrier = threading.Lock(), threading.Barrier(RUNNERS)

    def run():
        with app.app_context(), db.engine.connect() as connection:
            from sqlalchemy.orm import Session

            for n, handover in enumerate(ids):
                if n % 50 == 0:
                    barrier.wait(timeout=60)
                with Session(connection) as session:
                    won = use(session, handover, hashed, org=way.receiver.org, at=LATER)
                    session.commit()
                if won:
                    with lock:
                        wins[handover] += 1

    with ThreadPoolExecutor(RUNNERS) as pool:
        for done in [pool.submit(run) for _runner in range(RUNNERS)]:
            done.result()
    return list(wins.values())


def test_of_a_thousand_races_for_a_secret_each_has_one_winner(app):
    assert set(race(app, receipt.use_secret, RACES)) == {1}


def test_without_the_guard_the_races_are_lost(app):
    assert max(race(app, unguarded, 50)) > 1


def test_two_receipts_at_once_are_one(app):
    with app.app_context():
        way = a_delivery(db.session(), count=3)
        db.session.commit()
    barrier, outcomes = threading.Barrier(4), []

    def confirm():
        with app.app_context():
            barrier.wait()
            try:
                received(db.session(), way)
                db.session.commit()
                outcomes.append("received")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=confirm) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["AlreadySigned"] * 3 + ["received"]
    with app.app_context():
        assert {status(db.session(), device) for device in way.devices} == {"at-school"}


@pytest.mark.parametrize("tries", [8])
def test_wrong_secrets_at_once_are_all_counted(app, tries):
    with app.app_context():
        way = a_delivery(db.session(), count=1)
        db.session.commit()
    refusals = []

    def guess():
        with app.app_context():
            try:
                received(db.session(), way, secret="B" * 28)
            except Refused as refused:
                db.session.commit()
                refusals.append(type(refused).__name__)

    threads = [threading.Thread(target=guess) for _one in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(refusals) == ["Locked"] * (tries - 5) + ["WrongSecret"] * 5
