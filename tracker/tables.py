"""Every table of every room, for migrations and for the test that compares them."""

from tracker.allocation import models as allocation
from tracker.custody import models as custody
from tracker.db import Base
from tracker.evidence import models as evidence
from tracker.filing import models as filing
from tracker.handover import models as handover
from tracker.intake import models as intake
from tracker.lists import models as lists
from tracker.papers import models as papers
from tracker.people import models as people
from tracker.photographs import models as photographs
from tracker.printers import models as printers
from tracker.prints import models as prints
from tracker.prints import printer_models as prints_on
from tracker.spares import models as spares
from tracker.stations import models as stations
from tracker.stock import models as stock
from tracker.web import models as web
from tracker.workshop import models as workshop

ROOMS = (
    web,
    people,
    lists,
    custody,
    printers,
    prints,
    prints_on,
    intake,
    evidence,
    spares,
    photographs,
    workshop,
    stock,
    allocation,
    handover,
    papers,
    filing,
    stations,
)
metadata = Base.metadata
