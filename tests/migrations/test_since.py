"""An installation from before learns since when its devices are in their statuses, from its own ledger."""

from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from tests.makers import AT, a_device, a_person, ask
from tracker import db
from tracker.custody.actions import note_fact, undo
from tracker.custody.ledger import Ask
from tracker.custody.models import Device
from tracker.custody.queries import history
from tracker.custody.replay import differences
from tracker.custody.road import Status
from tracker.people.roles import Role

BEFORE = (
    "DROP INDEX ix_device_holder_org_id_status_since",
    "ALTER TABLE device DROP COLUMN since",
    "CREATE INDEX ix_device_holder_org_id_status_changed_at ON device (holder_org_id, status, changed_at)",
    "UPDATE alembic_version SET version_num = '0015'",
)


def later(days: int) -> Ask:
    return ask(at=AT + timedelta(days=days))


def filled(session: Session) -> None:
    """Make devices of every status, one with later events that do not move it, one with an undone move."""
    technician = a_person(session, role=Role.TECHNICIAN)
    for status in Status:
        a_device(session, status=status, holder=technician.org)
    still = a_device(session, status=Status.INSPECTING, holder=technician.org)
    note_fact(session, still, "erase", {"method": "clear"}, by=technician, ask=later(1))
    back = a_device(session, status=Status.RECEIVED, holder=technician.org)
    note_fact(session, back, "erase", {"method": "clear"}, by=technician, ask=later(1))
    moved = a_device(session, status=Status.INSPECTING, holder=technician.org)
    last = history(session, moved, last=1)[0]
    # Its maker has another technician for each device, and who did it undoes it.
    by = type(technician)(last.actor, technician.org, Role.TECHNICIAN)
    undo(session, moved, last.event_id, by=by, ask=later(2))
    session.commit()


def test_the_migration_and_the_ledger_say_the_same(database_url):
    engine = db.engine_for(database_url)
    with Session(engine) as session:
        filled(session)
        assert not list(differences(session))
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
    db.migrate(database_url)

    with Session(engine) as session:
        assert not list(differences(session))
    engine.dispose()


def test_control_replay_sees_a_time_that_the_ledger_does_not_tell(sqlite_url):
    engine = db.engine_for(sqlite_url)
    with Session(engine) as session:
        filled(session)
        session.execute(update(Device).values(since=Device.changed_at))
        found = [difference.what for difference in differences(session)]
    engine.dispose()

    assert found == ["since", "since"]  # the two to which something else happened later
