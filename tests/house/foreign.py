"""A small world of one organisation each, for walks over all routes.

`a_world` makes it; `World.values` gives, for every name that stands between < and > in an address,
something real in it. A name that means different things in two rooms is written `room.name`.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from labels.job import Label
from labels.records import plain
from labels.scanned import Page
from tests.handover.makers import HOSTS, a_delivery
from tests.intake.makers import a_list, a_row
from tests.labels.papers import an_inspection
from tests.makers import AT, a_device, a_donation, a_donor, a_person, a_pupil, an_organisation
from tracker.allocation.list_rows import PupilRow
from tracker.custody import queries
from tracker.custody.codes import check_symbol
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.evidence.models import EvidenceFile
from tracker.filing.actions import Sent, keep
from tracker.filing.models import Sheet
from tracker.handover import actions as handovers
from tracker.handover.models import HandoverLine
from tracker.intake.lists import understood
from tracker.lists.models import ImportedList, ListQuestion
from tracker.lists.verdicts import Outcome
from tracker.papers import models as papers
from tracker.people import actions as people
from tracker.people.roles import Actor, OrgKind, Role
from tracker.photographs.models import Photograph
from tracker.printers import actions as printers
from tracker.printers import own
from tracker.printers.actions import Described
from tracker.printers.measures import Measures
from tracker.printers.rules import Correction, Kind
from tracker.prints import actions as prints
from tracker.prints import sending
from tracker.prints.queries import any_job
from tracker.prints.rules import Paper
from tracker.spares import actions as spares
from tracker.spares.rules import Described as Parts
from tracker.spares.rules import Origin, SpareKind
from tracker.stations.models import StationRun
from tracker.stock.actions import add_place
from tracker.stock.rules import PlaceKind
from tracker.workshop.models import CollectedAnswer

#: What is in every organisation's reach by design, so that an id of it is foreign to nobody.
SHARED = {
    "intake.donor": "a donor may give to several organisations",
    "intake.edit_donor": "a donor may give to several organisations",
    "intake.change_donor": "a donor may give to several organisations",
    "workshop.checklist": "the checklists are the same everywhere",
    "workshop.edit_checklist": "the checklists are the same everywhere",
    "workshop.change_checklist": "the checklists are the same everywhere",
    "scan.mode": "the actions of a station are the same everywhere",
    "scan.mode_lower": "the actions of a station are the same everywhere",
}

UNKNOWN = "2222222" + check_symbol("2222222")

#: Values of nothing at all: ids that were never given, a code that was never minted.
NOTHING = {
    "code": UNKNOWN,
    "list_id": "f" * 32,
    "move": "inspect",
    "text": UNKNOWN,
    "secret": "nobody-was-invited",
    "action": "fly",
    "category": "boat",
    "name": "own-2000000000",
    "run": "no-such-sitting",
    "sent": "never-sent",
}


@dataclass
class World:
    """Somebody of each role, and what is theirs."""

    people: dict[Role, Actor]
    values: dict[str, object] = field(default_factory=dict)
    codes: dict[Status, str] = field(default_factory=dict)

    def of(self, endpoint: str, arguments: Iterable[str]) -> dict[str, object]:
        """Return a value for each argument of a route.

        Raises:
            KeyError: this world has nothing of that name; the message says what to do.
        """
        room, found = endpoint.split(".", maxsplit=1)[0], {}
        for name in arguments:
            key = f"{room}.{name}" if f"{room}.{name}" in self.values else name
            if key not in self.values:
                raise KeyError(
                    f"{endpoint} has <{name}> in its address: add an object of one organisation under the key "
                    f"“{name}” to a_world() in tests/house/foreign.py, and one that is not there to nothing()"
                )
            found[name] = self.values[key]
        return found


def nothing(arguments: Iterable[str]) -> dict[str, object]:
    """Return well-formed values that name nothing."""
    return {name: NOTHING.get(name, 2_000_000_000) for name in arguments}


def a_world(session: Session) -> World:
    """Make one workshop, one school and one office with everything that an address can name."""
    delivery = a_delivery(session, count=1)
    shop, school = delivery.sender.org, delivery.receiver.org
    office = an_organisation(session, kind=OrgKind.PROGRAMME)
    persons = {
        Role.TECHNICIAN: a_person(session, role=Role.TECHNICIAN, org=shop),
        Role.STOREKEEPER: delivery.sender,
        Role.SCHOOL: delivery.receiver,
        **{
            role: a_person(session, role=role, org=office)
            for role in (Role.COORDINATOR, Role.AUDITOR, Role.ADMIN)
        },
    }
    world = World(persons)
    for status in Status:
        pupil = a_pupil(session, school=school)
        device = a_device(session, status=status, holder=shop, school=school, pupil=pupil)
        world.codes[status] = queries.code_of(session, device)
    keeper = persons[Role.STOREKEEPER]
    place = add_place(session, kind=PlaceKind.WAREHOUSE, name="Kho chính", inside=None, by=keeper, at=AT)
    donor = a_donor(session)
    draft = handovers.draft(session, to=school, note="", by=keeper, at=AT)
    bound = a_device(session, status=Status.BOUND, holder=shop, pupil=a_pupil(session, school=school))
    handovers.add(session, draft, [queries.code_of(session, bound)], by=keeper, hosts=HOSTS)
    donation = a_donation(session, by=keeper, donor=donor)
    device_row = asdict(understood(a_list([a_row()]), name="may.xlsx")[0]) | {"donation": donation}
    device_list = _a_list(session, "devices", device_row, by=keeper)
    pupil_list = _a_list(session, "pupils", asdict(PUPIL_ROW), by=persons[Role.SCHOOL])
    labels = [
        Label(url=f"HTTPS://TB.EXAMPLE/T/{world.codes[Status.RECEIVED]}", code=world.codes[Status.RECEIVED])
    ]
    paper = Paper("50x30")
    proof = prints.proved_paper(labels, paper)[1]
    printed = prints.keep(session, labels, paper, proof, subject="Đợt 01/2021", by=keeper, at=AT)
    printer = printers.add(
        session, Described("Máy in tem", Kind.TSPL, 203, "192.168.10.20"), by=keeper, at=AT
    )
    printers.calibrate(session, printer, Correction(0.5, -0.2), stock="50x30", by=keeper, at=AT)
    job = session.execute(any_job(printed)).one()
    sent = sending.ask(session, job, printer, first=1, last=1, by=keeper, at=AT)
    roll = Measures(5000, 3000, 1, 1, 5000, 3000, 0, 0, 5000, 3000)
    stock = own.add(session, roll, "Cuộn riêng", by=keeper, at=AT)
    world.values = {
        "n": 1,
        "printer_id": printer,
        "sending_id": sent,
        "action": "move",
        "category": "laptop",
        "name": own.key(stock),
        "stock_id": stock,
        "workshop.file_id": _an_evidence_file(
            session, world.codes[Status.RECEIVED], by=persons[Role.TECHNICIAN]
        ),
        **_a_spare(session, by=persons[Role.TECHNICIAN]),
        "sent": _a_collected_answer(session, by=persons[Role.TECHNICIAN]),
        "code": world.codes[Status.RECEIVED],
        "text": world.codes[Status.RECEIVED],
        "device_id": delivery.devices[0],
        "donation_id": donation,
        "donor_id": donor,
        "handover_id": draft,
        "line_id": session.scalar(select(HandoverLine.id).where(HandoverLine.handover_id == draft)),
        "intake.list_id": device_list[0],
        "intake.question_id": device_list[1],
        "allocation.list_id": pupil_list[0],
        "allocation.question_id": pupil_list[1],
        "move": "inspect",
        "org_id": shop,
        "place_id": place,
        "run": _a_sitting(session, by=persons[Role.TECHNICIAN]),
        "user": persons[Role.TECHNICIAN].user,
        "job_id": printed,
        **_a_scan(session, by=persons[Role.TECHNICIAN]),
        "paper_id": _a_paper(session, by=persons[Role.TECHNICIAN]),
        "photograph_id": _a_photograph(session, world.codes[Status.RECEIVED], by=persons[Role.TECHNICIAN]),
        "pupil_id": a_pupil(session, school=school),
        "school_id": school,
        "secret": people.invite(session, persons[Role.TECHNICIAN].user, at=AT),
        "user_id": persons[Role.TECHNICIAN].user,
    }
    session.commit()
    return world


def _a_spare(session: Session, *, by: Actor) -> dict[str, int]:
    said = Parts(SpareKind.BATTERY, "Pin G5M10", 3, 450_000, "Kệ 3")
    spare = spares.add(session, said, Origin.BOUGHT, by=by, at=AT)
    device = a_device(session, status=Status.REPAIRING, holder=by.org)
    used = spares.build_in(session, spare, 1, device=device, job=None, by=by, ask=Ask("a-part", AT))
    return {"spare_id": spare, "workshop.n": used}


def _a_scan(session: Session, *, by: Actor) -> dict[str, int]:
    page = Page((), b"no picture that a browser would show")
    sent = Sent("scan.pdf", "0" * 64, 1000, [(page, "1" * 64)])
    file, _new = keep(session, sent, hosts=set(), by=by, at=AT)
    sheet = session.execute(select(Sheet.id).where(Sheet.file_id == file)).scalar_one()
    return {"file_id": file, "sheet_id": sheet}


def _an_evidence_file(session: Session, code: str, *, by: Actor) -> int:
    device = queries.device(session, code, to=by)
    file = EvidenceFile(
        device_id=device.id, org_id=by.org, digest="0" * 64, name="lscpu.txt", tool="lscpu", size=900,
        state="asked", via="web", at=AT, by=by.user,
    )  # fmt: skip
    session.add(file)
    session.flush()
    return file.id


def _a_collected_answer(session: Session, *, by: Actor) -> str:
    sent = "0" * 20 + "-collected"
    values = {"id": sent, "user_id": by.user, "status": 200, "text": "Xong", "at": AT}
    session.execute(insert(CollectedAnswer).values(**values))
    return sent


def _a_photograph(session: Session, code: str, *, by: Actor) -> int:
    values = {
        "stage": "before",
        "about": "screen",
        "digest": "2" * 64,
        "small": "3" * 64,
        "width": 800,
        "height": 600,
    }
    device = queries.device(session, code, to=by).id
    return session.execute(
        insert(Photograph)
        .values(device_id=device, bytes=9000, org_id=by.org, by=by.user, at=AT, hidden_why="", **values)
        .returning(Photograph.id)
    ).scalar_one()


def _a_sitting(session: Session, *, by: Actor) -> str:
    values = {
        "id": uuid.uuid4().hex,
        "user_id": by.user,
        "org_id": by.org,
        "action": "inspect",
        "started_at": AT,
    }
    session.execute(insert(StationRun).values(**values))
    return str(values["id"])


def _a_paper(session: Session, *, by: Actor) -> int:
    values = {"kind": "inspection", "org_id": by.org, "year": 2021, "seq": 1, "on": AT.date(), "at": AT}
    return session.execute(
        insert(papers.Paper)
        .values(**values, by=by.user, says=plain(an_inspection(1)))
        .returning(papers.Paper.id)
    ).scalar_one()


#: A row of a list of pupils that waits for somebody to decide.
PUPIL_ROW = PupilRow(
    file="", sheet="Sheet1", line=7, outcome=Outcome.ASK, why=(), school="", cls="5A", name="Lê Thị Chờ",
    sex="F", dob="2011-02-03", id="", commune="", policy="", no_device=True, no_net=False, parent="", phone="",
)  # fmt: skip


def _a_list(session: Session, kind: str, row: dict[str, Any], *, by: Actor) -> tuple[str, int]:
    key = uuid.uuid4().hex
    session.execute(
        insert(ImportedList).values(
            id=key,
            kind=kind,
            filename="danh sách.xlsx",
            sha256=uuid.uuid4().hex * 2,
            org_id=by.org,
            user_id=by.user,
            uploaded_at=AT,
            school_id=by.org if kind == "pupils" else None,
        )
    )
    question = session.execute(
        insert(ListQuestion)
        .values(list_id=key, sheet="Sheet1", line=7, why="", row=json.dumps(row))
        .returning(ListQuestion.id)
    ).scalar_one()
    return key, question
