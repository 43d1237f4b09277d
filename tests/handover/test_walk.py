import uuid
from datetime import UTC, datetime

from sqlalchemy import func, select

from tests.handover.makers import a_delivery, send, sent_today, stage
from tests.makers import sign_in_as
from tracker.custody.models import Checkpoint, Event
from tracker.handover.models import Handover


def test_a_handover_goes_from_draft_to_closed_by_its_pages(client, session):
    way = a_delivery(session, sent=False)
    sign_in_as(client, way.sender, session)

    made = send(client, "/handovers", to=way.receiver.org, code=way.codes[0])
    assert made.status_code == 303
    assert "handover" not in made.location or made.location.startswith("/handovers/")
    assert send(client, f"/handovers/{way.id}/send").status_code == 303
    assert stage(session, way.id) == "sent"
    from tracker.handover import actions

    secret = actions.new_print(session, way.id, by=way.sender, at=datetime.now(UTC))
    session.commit()
    sign_in_as(client, way.receiver, session)
    page = client.get(f"/h/{way.id}").get_data(as_text=True)
    assert "Latitude" in page
    assert secret not in page
    done = send(
        client,
        f"/h/{way.id}",
        codes="\n".join(way.codes),
        secret=secret,
        name="Lê Thị Mẫu",
        signature_typed="1",
    )
    assert done.status_code == 303, done.get_data(as_text=True)
    assert stage(session, way.id) == "closed"
    assert session.scalar(select(func.count()).select_from(Checkpoint)) == 1
    assert session.scalar(select(func.count()).where(Event.leaf_index.is_(None))) == 0


def test_a_wrong_secret_is_counted_and_the_same_form_may_be_sent_again(client, session):
    way = sent_today(session)
    sign_in_as(client, way.receiver, session)
    event_id = uuid.uuid4().hex
    form = {"codes": "\n".join(way.codes), "name": "Lê Thị Mẫu", "signature_typed": "1", "event_id": event_id}

    wrong = send(client, f"/h/{way.id}", **form, secret="X" * 28)
    tries = session.scalar(select(Handover.wrong_tries).where(Handover.id == way.id))
    right = send(client, f"/h/{way.id}", **form, secret=way.secret)
    again = send(client, f"/h/{way.id}", **form, secret=way.secret)

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 303, 303)
    assert way.codes[0] in wrong.get_data(as_text=True)
    assert tries == 1
    assert right.location == again.location
    assert session.scalar(select(func.count()).where(Event.kind == "confirm")) == len(way.devices)
