"""What happened in the eight weeks: 600 devices, by the rooms' own verbs, week after week."""

import random
import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.allocation import actions as allocation
from tracker.custody import queries as custody
from tracker.custody.actions import note_fact
from tracker.custody.facts import RetireReason
from tracker.custody.ledger import Ask
from tracker.custody.road import Status
from tracker.demo import people as invented
from tracker.demo.parts import Parts
from tracker.demo.world import School, Site, World
from tracker.handover import actions as handovers
from tracker.handover import giving, receipt
from tracker.handover.reasons import FindReason, LoseReason
from tracker.handover.signing import Signature
from tracker.intake import actions as intake
from tracker.intake.forms import DonationForm, device_form
from tracker.people.roles import Actor
from tracker.workshop import actions as workshop
from tracker.workshop import erasures, retiring, versions
from tracker.workshop import queries as bench
from tracker.workshop.checklists import Check
from tracker.workshop.erasing import Details
from tracker.workshop.kinds import DataFate, FaultKind, Method, Outcome, Result

WEEKS = 8
DEVICES = 600
DAY = timedelta(days=1)
HOSTS = {"mau.vn"}

#: How far the devices of each week have come, from the first week to the last.
FATES: tuple[dict[Status, int], ...] = (
    {Status.GIVEN: 66, Status.RETIRED: 5, Status.MISSING: 2, Status.RETURNED: 2},
    {Status.GIVEN: 62, Status.AT_SCHOOL: 4, Status.RETIRED: 4, Status.MISSING: 2, Status.RETURNED: 3},
    {Status.GIVEN: 50, Status.AT_SCHOOL: 15, Status.RETIRED: 4, Status.MISSING: 3, Status.RETURNED: 3},
    {Status.GIVEN: 20, Status.AT_SCHOOL: 35, Status.ON_THE_WAY: 12, Status.READY: 4, Status.RETURNED: 4},
    {Status.AT_SCHOOL: 10, Status.ON_THE_WAY: 33, Status.BOUND: 25, Status.READY: 5, Status.RETIRED: 2},
    {Status.BOUND: 25, Status.READY: 44, Status.REPAIRING: 6},
    {Status.READY: 25, Status.REPAIRING: 28, Status.INSPECTING: 22},
    {Status.INSPECTING: 20, Status.RECEIVED: 55},
)

ORDER = (
    Status.RECEIVED, Status.INSPECTING, Status.REPAIRING, Status.READY, Status.BOUND, Status.ON_THE_WAY,
    Status.AT_SCHOOL, Status.GIVEN,
)  # fmt: skip

FAULTS = (FaultKind.BATTERY, FaultKind.SCREEN, FaultKind.KEYBOARD, FaultKind.STORAGE, FaultKind.SYSTEM)


class Item(NamedTuple):
    """One device and how far it is to come."""

    device: int
    code: str
    fate: Status
    site: Site


class Story:
    """Tells the weeks one after another; the clock moves with them."""

    def __init__(self, session: Session, chance: random.Random, world: World, start: datetime) -> None:
        self.session, self.chance, self.world, self.start = session, chance, world, start
        self.turn = 0
        self.verifiers: dict[int, str] = {}
        self.parts = Parts(session, chance)

    def ask(self, at: datetime, note: str = "") -> Ask:
        return Ask(secrets.token_hex(16), at, note=note)

    def tell(self) -> None:
        """Tell all weeks."""
        for site in self.world.workshops:
            if site.technician is not None:
                self.parts.buy(site.technician, self.start)
        for week, fates in enumerate(FATES):
            day = self.start + 7 * week * DAY
            wanted = [fate for fate, count in fates.items() for _one in range(count)]
            self.chance.shuffle(wanted)
            self.week(day, wanted)

    def week(self, day: datetime, wanted: list[Status]) -> None:
        """Receive a week's devices and take each as far as it is to come."""
        per_site = defaultdict(list)
        for i, fate in enumerate(wanted):
            per_site[i % 3].append(fate)
        for n, fates in per_site.items():
            site, store = self.world.workshops[n], self.world.warehouses[n % 2]
            direct, stored = fates[::2], fates[1::2]
            items = self.receive(site, direct, day)
            items += self.carried(store, site, self.receive(store, stored, day), day + DAY)
            for i, item in enumerate(items):
                self.bench(item, day + 2 * DAY + i * timedelta(minutes=17))
            self.deliver(site, [item for item in items if self.reaches(item, Status.BOUND)], day + 6 * DAY)

    def reaches(self, item: Item, status: Status) -> bool:
        return item.fate in ORDER and ORDER.index(item.fate) >= ORDER.index(status)

    def receive(self, site: Site, fates: list[Status], day: datetime) -> list[Item]:
        """Take a donation in at the door of a site, and put it on the shelves."""
        donor = self.chance.choice(self.world.donors)
        bought = self.chance.random() < 0.2
        form = DonationForm(
            donor,
            "bought" if bought else "in-kind",
            4_500_000 * len(fates) if bought else None,
            (day + timedelta(hours=7)).date(),
            len(fates) + self.chance.choice((0, 0, 1)),
            "",
        )
        gift = intake.add_donation(self.session, form, by=site.keeper, at=day)
        items = []
        for i, fate in enumerate(fates):
            at = day + i * timedelta(minutes=6)
            described = device_form(self.described())
            device, code = intake.receive(
                self.session,
                described,
                donation=gift,
                code=None,
                by=site.keeper,
                ask=self.ask(at),
                different=True,
            )
            self.shelve(site, device, at + timedelta(minutes=2))
            items.append(Item(device, code, fate, site))
        return items

    def described(self) -> dict[str, str]:
        """Return the form of one more donated device."""
        category, make, model, _often = self.chance.choices(
            invented.MODELS, [often for *_model, often in invented.MODELS]
        )[0]
        serial = "".join(self.chance.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=10))
        return {
            "category": category,
            "make": make,
            "model": model,
            "serial": "" if self.chance.random() < 0.05 else serial,
            "imei1": invented.imei(self.chance) if category == "phone" else "",
            "charger": "1" if self.chance.random() < 0.85 else "",
            "cable": "1" if self.chance.random() < 0.5 else "",
            "bag": "1" if category == "laptop" and self.chance.random() < 0.3 else "",
        }

    def shelve(self, site: Site, device: int, at: datetime) -> None:

        shelf = self.chance.choice(site.shelves)
        note_fact(
            self.session, device, "place", {"place": shelf}, by=site.keeper, ask=self.ask(at),
            custody=lambda now: now._replace(place=shelf),
        )  # fmt: skip

    def carried(self, store: Site, site: Site, items: list[Item], at: datetime) -> list[Item]:
        """Hand a warehouse's devices over to a workshop; what is still only received stays there."""
        going = [item for item in items if item.fate is not Status.RECEIVED]
        if going:
            self.hand_over(store.keeper, site.keeper, [item.code for item in going], at)
        return [item._replace(site=site) for item in going]

    def hand_over(
        self, sender: Actor, taker: Actor, codes: list[str], at: datetime, *, confirmed: bool = True
    ) -> None:
        """Send devices from one organisation to another, and confirm what arrived."""
        number = handovers.draft(self.session, to=taker.org, note="", by=sender, at=at)
        outcomes = handovers.add(self.session, number, codes, by=sender, hosts=HOSTS)
        wrong = [outcome for outcome in outcomes if not outcome.ok]
        if wrong:
            raise RuntimeError(f"the demonstration's handover is wrong: {wrong[0].sentence}")
        handovers.send(self.session, number, by=sender, ask=self.ask(at))
        secret = handovers.new_print(self.session, number, by=sender, at=at)
        if confirmed:
            receipt.receive(
                self.session,
                number,
                code=secret,
                texts=codes,
                said={},
                signature=Signature(invented.name(self.chance, "F"), "[[180,220,260,140,340,260,420,150]]"),
                by=taker,
                ask=self.ask(at + DAY),
                hosts=HOSTS,
            )

    def bench(self, item: Item, at: datetime) -> None:
        """Work on one device at its workshop, as far as it is to come."""
        if item.fate is Status.MISSING:
            reason = LoseReason.NOT_FOUND
            giving.lose(self.session, item.device, reason=reason, by=item.site.keeper, ask=self.ask(at))
            return
        if item.fate is Status.RECEIVED or item.site.technician is None:
            return
        self.inspect(item, item.site.technician, at)

    def inspect(self, item: Item, technician: Actor, at: datetime) -> None:
        """Inspect, repair where something is found, erase and pass; or stop where the device is to stop."""
        workshop.start(self.session, self.row(item), by=technician, ask=self.ask(at))
        if item.fate is Status.INSPECTING:
            return
        if item.fate is Status.RETURNED:
            lost, found = self.ask(at), self.ask(at + DAY)
            giving.lose(self.session, item.device, reason=LoseReason.NOT_FOUND, by=technician, ask=lost)
            giving.find(self.session, item.device, reason=FindReason.COUNTED, by=technician, ask=found)
            return
        if item.fate in {Status.REPAIRING, Status.RETIRED} or self.chance.random() < 0.3:
            self.repair(item, technician, at + timedelta(hours=2))
        if item.fate is Status.REPAIRING:
            return
        self.erase(item, technician, at + timedelta(hours=4))
        if item.fate is Status.RETIRED:
            self.retire(item, technician, at + 2 * DAY)
            return
        self.check(item, technician, at + timedelta(hours=6))
        grade = f"{self.chance.choice(('F3', 'F4', 'F5'))} {self.chance.choice(('C2', 'C3', 'C4'))}"
        ask = self.ask(at + timedelta(hours=7))
        workshop.pass_device(self.session, self.row(item), grade, by=technician, ask=ask)
        self.shelve(item.site, item.device, at + timedelta(hours=8))

    def repair(self, item: Item, technician: Actor, at: datetime) -> None:
        row = self.row(item)
        workshop.report_fault(self.session, row, self.chance.choice(FAULTS), "", by=technician, at=at)
        workshop.send_to_repair(self.session, row, by=technician, ask=self.ask(at))
        if item.fate is Status.REPAIRING:
            self.parts.wait(item.device, technician, at)
            return
        outcome = Outcome.FIXED
        if self.parts.repair(item.device, technician, at + timedelta(hours=1)):
            outcome = Outcome.REPLACED
        row = self.row(item)
        found = bench.open_faults(self.session, item.device)
        outcomes = {fault.id: workshop.Settled(outcome) for fault in found}
        workshop.settle_faults(self.session, row, outcomes, by=technician, at=at + timedelta(hours=2))
        workshop.finish_repair(self.session, row, by=technician, ask=self.ask(at + timedelta(hours=2)))

    def retire(self, item: Item, technician: Actor, at: datetime) -> None:
        """Retire a device, some for their parts, which are then taken out."""
        parts = self.row(item).category in {"desktop", "laptop"} and self.chance.random() < 0.5
        retiring.retire(
            self.session, self.row(item), RetireReason.PARTS if parts else RetireReason.RECYCLED, DataFate.ERASED,
            grams=self.chance.choice((None, 1_900, 2_350)) if parts else None, by=self.world.coordinator,
            ask=self.ask(at),
        )  # fmt: skip
        if parts:
            self.parts.harvest(item.device, technician, at + timedelta(hours=1))

    def erase(self, item: Item, technician: Actor, at: datetime) -> None:
        row = self.row(item)
        removable = row.category in {"desktop", "laptop"}
        details = Details(
            drive_make="Seagate" if removable else row.make,
            drive_model="ST500LM021" if removable else row.model,
            drive_serial=f"W2{item.device:06d}" if removable else row.serial or row.imei1 or row.code,
            capacity="500 GB" if removable else "",
            started_at=at,
            ended_at=at + timedelta(minutes=48 if removable else 6),
            readback="đọc lại 10%: không còn dữ liệu",
            verified_by=self.verifiers.setdefault(item.site.org, invented.name(self.chance, "F")),
            verified_position="Cán bộ an toàn thông tin",
        )
        erasures.record_erasure(
            self.session, row, method=Method.CLEAR,
            tool="nwipe 0.34" if removable else "Khôi phục cài đặt gốc",
            ok=True, details=details, by=technician, ask=self.ask(at + timedelta(hours=1)),
        )  # fmt: skip

    def check(self, item: Item, technician: Actor, at: datetime) -> None:
        inspection = bench.open_inspection(self.session, item.device)
        if inspection is None:
            raise RuntimeError("the demonstration's device is not being inspected")
        checks = versions.named(self.session, inspection.checklist).checks
        answers = {check.key: self.answer(check) for check in checks if check.mandatory}
        workshop.answer(self.session, self.row(item), answers, by=technician, ask=self.ask(at))

    def answer(self, check: Check) -> workshop.Answered:
        if check.least is None:
            return workshop.Answered(Result.PASS)
        more = self.chance.choice((1, 1, 1.5)) if check.unit == "%" else self.chance.choice((1, 1, 2))
        return workshop.Answered(None, value=check.least * more)

    def deliver(self, site: Site, items: list[Item], at: datetime) -> None:
        """Bind devices to pupils of some schools, send them, and let the schools confirm and give."""
        items.sort(key=lambda item: -ORDER.index(item.fate))
        while items:
            school = self.next_school()
            some, items = items[:9], items[9:]
            for item, pupil in zip(some, list(school.pupils), strict=False):
                allocation.bind(self.session, pupil, item.device, by=self.world.coordinator, ask=self.ask(at))
                school.pupils.remove(pupil)
            self.send(site, school, some, at + DAY)

    def next_school(self) -> School:
        self.turn += 1
        return self.world.schools[(self.turn * 7) % len(self.world.schools)]

    def send(self, site: Site, school: School, items: list[Item], at: datetime) -> None:
        came = [item for item in items if self.reaches(item, Status.AT_SCHOOL)]
        going = [item for item in items if item.fate is Status.ON_THE_WAY]
        for some, confirmed in ((came, True), (going, False)):
            if some:
                codes = [item.code for item in some]
                self.hand_over(site.keeper, school.staff, codes, at, confirmed=confirmed)
        for item in came:
            if item.fate is Status.GIVEN:
                signature = Signature(invented.name(self.chance, "F"), "[[150,200,300,120,450,240]]")
                giving.give(
                    self.session, item.device, taken_by="guardian", signature=signature, by=school.staff,
                    ask=self.ask(at + 2 * DAY),
                )  # fmt: skip

    def row(self, item: Item) -> Row[Any]:
        return custody.locked(self.session, item.device)
