"""Who takes part in the demonstration: organisations, people, places, pupils."""

import csv
import random
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from tracker.allocation.models import Pupil
from tracker.demo import people as invented
from tracker.intake.actions import add_donor
from tracker.intake.forms import donor_form
from tracker.lists.fold import same_name
from tracker.people import actions, passwords
from tracker.people import places as units
from tracker.people.models import User
from tracker.people.roles import Actor, OrgKind, Role
from tracker.printers import actions as printers
from tracker.printers.actions import Described
from tracker.printers.rules import Correction, Kind
from tracker.stock.actions import add_place
from tracker.stock.rules import PlaceKind

SCHOOLS = Path(__file__).with_name("schools.csv")
UNITS_OF = date(2021, 11, 1)
OFFICE = "UBND tỉnh"
PUPILS = 900

WAREHOUSES = ("Kho tiếp nhận thiết bị – Sở Giáo dục và Đào tạo", "Kho tạm Sông Lô")
WORKSHOPS = ("Viettel Vĩnh Phúc", "VNPT Vĩnh Phúc", "MobiFone Vĩnh Phúc")


class Site(NamedTuple):
    """An organisation and the people who act for it."""

    org: int
    name: str
    keeper: Actor
    technician: Actor | None
    shelves: tuple[int, ...]


class School(NamedTuple):
    """A school, its person, and its pupils who wait."""

    org: int
    staff: Actor
    pupils: list[int]


class World(NamedTuple):
    """Everybody."""

    coordinator: Actor
    warehouses: list[Site]
    workshops: list[Site]
    schools: list[School]
    donors: list[int]
    sign_ins: list[tuple[Role, str]]


class Maker:
    """Makes the organisations and people, with one chance and one password for all."""

    def __init__(self, session: Session, chance: random.Random, at: datetime, password: str) -> None:
        self.session, self.chance, self.at = session, chance, at
        self.hash = passwords.hashed(password, email="")
        self.sign_ins: list[tuple[Role, str]] = []

    def organisation(self, kind: OrgKind, code: str, name: str, **more: object) -> int:
        sex = self.chance.choice("MF")
        position = {"school": "Hiệu trưởng", "programme": "Chánh Văn phòng"}.get(kind, "Giám đốc")
        described: dict[str, object] = {
            "superior": OFFICE if kind is OrgKind.PROGRAMME else "Sở Giáo dục và Đào tạo",
            "representative": invented.name(self.chance, sex),
            "position": position,
            "phone": invented.phone(self.chance),
        }
        return actions.add_organisation(
            self.session, code=code, kind=kind, name=name, at=self.at, **{**described, **more}
        )

    def person(self, org: int, role: Role, email: str) -> Actor:
        """Add a person; the first of each role is one whose sign-in is shown."""
        user = actions.add_user(
            self.session,
            email=email,
            name=invented.name(self.chance, self.chance.choice("MF")),
            org_id=org,
            role=role,
            at=self.at,
        )
        self.session.get_one(User, user).password_hash = self.hash
        if role not in {shown for shown, _email in self.sign_ins}:
            self.sign_ins.append((role, email))
        return Actor(user, org, role)


def make(session: Session, chance: random.Random, *, at: datetime, password: str) -> World:
    """Make the world as it is before the first device comes in."""
    maker = Maker(session, chance, at, password)
    office = maker.organisation(OrgKind.PROGRAMME, "VP", "Văn phòng chương trình", address="Vĩnh Yên")
    coordinator = maker.person(office, Role.COORDINATOR, "dieuphoi@mau.vn")
    maker.person(office, Role.AUDITOR, "giamsat@mau.vn")
    maker.person(office, Role.ADMIN, "quantri@mau.vn")
    warehouses = [_site(maker, OrgKind.WAREHOUSE, n, name) for n, name in enumerate(WAREHOUSES, 1)]
    workshops = [_site(maker, OrgKind.WORKSHOP, n, name) for n, name in enumerate(WORKSHOPS, 1)]
    schools = _schools(maker)
    donors = [_donor(maker, warehouses[0].keeper, kind, name) for kind, name in invented.DONORS]
    session.flush()
    return World(coordinator, warehouses, workshops, schools, donors, maker.sign_ins)


def _site(maker: Maker, kind: OrgKind, n: int, name: str) -> Site:
    word = "kho" if kind is OrgKind.WAREHOUSE else "xuong"
    org = maker.organisation(kind, f"{word.upper()}{n}", name, district="243", address="Vĩnh Yên")
    keeper = maker.person(org, Role.STOREKEEPER, f"{word}{n}@mau.vn")
    technician = (
        maker.person(org, Role.TECHNICIAN, f"kythuat{n}@mau.vn") if kind is OrgKind.WORKSHOP else None
    )
    top = add_place(
        maker.session, kind=PlaceKind.WAREHOUSE, name="Kho chính", inside=None, by=keeper, at=maker.at
    )
    shelves = tuple(
        add_place(
            maker.session, kind=PlaceKind.SHELF, name=f"Kệ {letter}", inside=top, by=keeper, at=maker.at
        )
        for letter in "ABC"
    )
    _printers(maker, keeper, n)
    return Site(org, name, keeper, technician, shelves)


def _printers(maker: Maker, keeper: Actor, n: int) -> None:
    """Two printers: one of the office, and a label printer on the network; both were calibrated."""
    session, at = maker.session, maker.at
    office = printers.add(session, Described("HP LaserJet văn phòng", Kind.PDF, 600), by=keeper, at=at)
    table = Described("Máy in tem bàn đóng gói", Kind.TSPL, 203, f"192.168.1{n}.50")
    rolls = printers.add(session, table, by=keeper, at=at)
    sheet, roll = Correction(0.8, -1.25, 1.0021, 0.9987), Correction(0.5, 0.25)
    printers.calibrate(session, office, sheet, stock="L7160", by=keeper, at=at)
    printers.calibrate(session, rolls, roll, stock="50x30", by=keeper, at=at)


def _donor(maker: Maker, by: Actor, kind: str, name: str) -> int:
    form = {
        "kind": kind,
        "name": name,
        "representative": invented.name(maker.chance, "F"),
        "position": "" if kind == "person" else "Phó Giám đốc",
        "address": "Vĩnh Yên",
        "phone": invented.phone(maker.chance),
        "email": "",
    }
    return add_donor(maker.session, donor_form(form), by=by, at=maker.at)


def _schools(maker: Maker) -> list[School]:
    with SCHOOLS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    schools = []
    for n, row in enumerate(rows):
        district = units.district(row["district"], on=UNITS_OF)
        org = maker.organisation(
            OrgKind.SCHOOL,
            row["code"],
            row["name"],
            level=row["level"],
            commune=row["commune"],
            district=row["district"],
            units_of=UNITS_OF,
            address=str(district.name) if district else "",
        )
        staff = maker.person(org, Role.SCHOOL, f"truong{n + 1}@mau.vn")
        count = PUPILS // len(rows) + (1 if n < PUPILS % len(rows) else 0)
        schools.append(School(org, staff, [_pupil(maker, org, i) for i in range(count)]))
    return schools


def _pupil(maker: Maker, school: int, n: int) -> int:
    chance = maker.chance
    sex = chance.choice("MF")
    born = date(2004 + n % 3, chance.randrange(1, 13), chance.randrange(1, 28))
    full = invented.name(chance, sex)
    policy = chance.choices(("ngheo", "can_ngheo", "ngheo mo_coi", "khuyet_tat", ""), (4, 3, 1, 1, 1))[0]
    return maker.session.execute(
        insert(Pupil)
        .values(
            school_id=school,
            cls=f"{10 + n % 3}A{1 + n % 5}",
            name=full,
            name_key=same_name(full),
            sex=sex,
            dob=born,
            dob_year=born.year,
            citizen_id=None if chance.random() < 0.1 else invented.citizen_id(chance, sex, born),
            policy=policy,
            no_device=True,
            no_net=chance.random() < 0.5,
            parent=invented.name(chance, chance.choice("MF")),
            phone=invented.phone(chance),
            created_at=maker.at,
        )
        .returning(Pupil.id)
    ).scalar_one()
