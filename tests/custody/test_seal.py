from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.makers import a_device
from tracker.custody import bundle, replay, seal, verify
from tracker.custody.checkpoint import Key, parse
from tracker.custody.models import Checkpoint, Event
from tracker.custody.road import Status
from tracker.db import db

NOW = datetime(2021, 12, 1, tzinfo=UTC)


@pytest.fixture
def session(app: Flask):
    with app.app_context():
        yield db.session()


@pytest.fixture
def key() -> Key:
    return Key.make("so-cai.smt.lan/thiet-bi/1")


def exported(session, key: Key, folder: Path) -> Path:
    bundle.export(session, folder, keys=[key.public])
    return folder


def test_every_status_of_the_road_makes_a_bundle_that_verifies(session, key: Key, tmp_path: Path):
    for status in Status:
        a_device(session, status=status)
    note = seal.seal(session, key, at=NOW)
    session.commit()

    assert verify.main([str(exported(session, key, tmp_path / "b")), "--trust", note]) == 0
    assert not list(replay.differences(session))


def test_sealing_gives_each_event_its_place_and_is_repeated_without_harm(session, key: Key):
    a_device(session, status=Status.READY)
    first = seal.seal(session, key, at=NOW)

    again = seal.seal(session, key, at=NOW)
    a_device(session)
    grown = seal.seal(session, key, at=NOW)

    assert again == first
    assert (parse(first).size, parse(grown).size) == (3, 4)
    assert sorted(session.scalars(select(Event.leaf_index))) == [0, 1, 2, 3]
    assert seal.uncovered(session) == 0


def test_a_damaged_event_is_never_signed(session, key: Key):
    a_device(session)
    session.commit()
    _disarm(session)
    session.execute(text("UPDATE event SET body = :body"), {"body": b'{"v":1}'})

    with pytest.raises(seal.Damaged):
        seal.seal(session, key, at=NOW)


def test_an_old_copy_put_back_is_not_signed_on(session, key: Key, tmp_path: Path):
    (tmp_path / "keys").mkdir()
    a_device(session)
    note = seal.seal(session, key, at=NOW, home=tmp_path)
    seal.remember(tmp_path, note)
    session.rollback()  # the database forgets, as an old copy would

    with pytest.raises(seal.Forked):
        seal.seal(session, key, at=NOW, home=tmp_path)


def test_a_changed_byte_of_any_event_fails_the_bundle(session, key: Key, tmp_path: Path):
    a_device(session, status=Status.READY)
    note = seal.seal(session, key, at=NOW)
    folder = exported(session, key, tmp_path / "b")
    file = folder / "events.jsonl.b64"
    whole = bytearray(file.read_bytes())

    for at in range(0, len(whole), 37):
        changed = whole.copy()
        changed[at] ^= 1
        file.write_bytes(changed)
        assert verify.main([str(folder), "--trust", note]) == 1


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE device SET status = 'given'",
        "UPDATE device SET place_id = NULL, holder_support = 'x'",
        "UPDATE device SET grade = 'F6 C9'",
        "UPDATE binding SET closed_event = 'x', closed_at = opened_at",
        "UPDATE event SET kind = 'give' WHERE dseq = 2",
    ],
)
def test_replay_finds_what_the_tables_say_otherwise(session, lie: str):
    a_device(session, status=Status.BOUND)
    session.commit()
    assert not list(replay.differences(session))
    _disarm(session)

    session.execute(text(lie))

    assert list(replay.differences(session))


def test_checkpoints_are_kept_as_signed(session, key: Key):
    a_device(session)
    note = seal.seal(session, key, at=NOW)

    assert session.scalars(select(Checkpoint.note)).all() == [note]
    assert seal.newest_note(session) == note


def _disarm(session) -> None:
    """Do what only the owner of the database can: take the guards away."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER event_only_sealed"))
    else:
        session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
