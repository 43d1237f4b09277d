"""The workshops' spare parts in the demonstration: bought, built in, waited for, taken out of retired devices."""

import random
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.custody import queries as custody
from tracker.custody.ledger import Ask
from tracker.people.roles import Actor
from tracker.spares import actions as spares
from tracker.spares.rules import Described, NotEnough, Origin, SpareKind
from tracker.workshop import jobs
from tracker.workshop import queries as bench
from tracker.workshop.jobs import Told
from tracker.workshop.kinds import FaultKind, Wait

#: What a workshop buys at the beginning: (kind, name, pieces, đồng for each, where it lies).
BOUGHT = (
    (SpareKind.BATTERY, "Pin laptop 48 Wh", 12, 450_000, "Kệ A1"),
    (SpareKind.KEYBOARD, "Bàn phím laptop 14 inch", 10, 220_000, "Kệ A2"),
    (SpareKind.SCREEN, "Màn hình 14 inch HD", 6, 980_000, "Kệ A3"),
    (SpareKind.DRIVE, "SSD SATA 240 GB", 14, 390_000, "Tủ B"),
    (SpareKind.CHARGER, "Sạc 65 W", 20, 180_000, "Tủ B"),
)
FOR: dict[FaultKind, SpareKind] = {
    FaultKind.BATTERY: SpareKind.BATTERY,
    FaultKind.SCREEN: SpareKind.SCREEN,
    FaultKind.KEYBOARD: SpareKind.KEYBOARD,
    FaultKind.STORAGE: SpareKind.DRIVE,
}


class Parts:
    """The stocks of all workshops, as far as the story has used them."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        self.session, self.chance = session, chance
        self.bought: dict[tuple[int, SpareKind], int] = {}

    def buy(self, technician: Actor, at: datetime) -> None:
        """Put the first parts of a workshop on its shelves."""
        for kind, name, quantity, cost, place in BOUGHT:
            said = Described(kind, name, quantity, cost, place)
            self.bought[technician.org, kind] = spares.add(
                self.session, said, Origin.BOUGHT, by=technician, at=at
            )

    def repair(self, device: int, technician: Actor, at: datetime) -> bool:
        """Build in what the faults of a device need, and write down the labour; return whether there was a part."""
        row, used = custody.locked(self.session, device), False
        for fault in bench.open_faults(self.session, device):
            spare = self.bought.get((technician.org, FOR.get(FaultKind(fault.kind), SpareKind.OTHER)))
            if spare is None:
                continue
            try:
                jobs.use(self.session, row, spare, 1, by=technician, ask=Ask(secrets.token_hex(16), at))
                used = True
            except NotEnough:  # what the shelves do not hold any more was mended without
                continue
        minutes = self.chance.choice((20, 35, 50, 80))
        jobs.tell(self.session, row, Told(minutes, 0, "", (at + timedelta(days=180)).date()), by=technician)
        return used

    def wait(self, device: int, technician: Actor, at: datetime) -> None:
        """Take a repair up, or let it wait for something; some nobody has taken up."""
        row, what = custody.locked(self.session, device), self.chance.choice((None, None, "mine", *Wait))
        ask = Ask(secrets.token_hex(16), at + timedelta(hours=1))
        if what == "mine":
            jobs.assign(self.session, row, technician.user, by=technician)
        elif isinstance(what, Wait):
            notes = {
                Wait.PART: "Đã đặt linh kiện",
                Wait.QUOTE: "Chờ cửa hàng báo giá",
                Wait.DECISION: "Sửa hay lấy linh kiện?",
            }
            jobs.wait(self.session, row, what, notes[what], by=technician, ask=ask)

    def harvest(self, device: int, technician: Actor, at: datetime) -> None:
        """Take the memory out of a device that was retired for its parts."""
        row = custody.locked(self.session, device)
        said = Described(SpareKind.MEMORY, "RAM DDR3 4 GB", self.chance.choice((1, 2)), None, "Tủ C")
        spares.harvest(self.session, row, said, by=technician, ask=Ask(secrets.token_hex(16), at))
