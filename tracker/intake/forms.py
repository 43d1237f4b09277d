"""Forms of intake: what is understood from their fields, and what must be corrected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.custody.facts import Category
from tracker.intake.list_rules import DeviceRow, normal_imei
from tracker.intake.rules import DonationKind, DonorKind, FormWrong, Wrong
from tracker.lists.fold import tidy
from tracker.lists.serials import normal_serial
from tracker.lists.verdicts import REASONS
from tracker.words import Words, _

#: What the columns of a device hold.
LENGTHS = {"make": 80, "model": 120, "serial": 120, "imei1": 20, "imei2": 20, "note": 2000}
WITH_IT = ("charger", "cable", "bag")

FIRST_DAY = date(2020, 1, 1)  # the programme began in September 2021; a day long before it is a slip
DEAREST = 1_000_000_000_000  # đồng
MOST_EXPECTED = 100_000

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def text_of_form(form: Mapping[str, str], name: str) -> str:
    """Return a field on one line, tidied and without signs that nobody sees."""
    return tidy(_UNPRINTABLE.sub("", form.get(name, "")))


def whole_number(text: str, *, most: int) -> int | None:
    """Return a number typed with or without points between thousands; None for anything else.

    "1.500.000", "1 500 000 đ" and "1500000" are the same; so is nothing else: "1,5 triệu" is none.
    """
    plain = re.sub(r"\s*(?:đồng|đ|vnđ|vnd)\.?$", "", text.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"\d{1,3}(?:([., \u00a0])\d{3})(?:\1\d{3})*|\d{1,15}", plain, flags=re.ASCII):
        return None
    value = int(re.sub(r"\D", "", plain))
    return value if 1 <= value <= most else None


def day_of(text: str) -> date | None:
    """Return the day of a date field (2021-11-05) or as people write it (05/11/2021)."""
    text = text.strip()
    if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text, flags=re.ASCII):
        text = f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}"
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, flags=re.ASCII) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class DonorForm:
    """A donor as entered, in the lengths of its columns."""

    kind: str
    name: str
    representative: str
    position: str
    address: str
    phone: str
    email: str


def donor_form(form: Mapping[str, str]) -> DonorForm:
    """Understand the form of a donor.

    Raises:
        FormWrong: with the fields to correct.
    """
    limits = {"name": 200, "representative": 120, "position": 120, "address": 300, "phone": 40, "email": 200}
    values = {name: text_of_form(form, name) for name in limits}
    kind = form.get("kind", "")
    wrong: Wrong = {}
    if kind not in frozenset(DonorKind):
        wrong["kind"] = _("Choose who gives.")
    if not values["name"]:
        wrong["name"] = _("Write the name as it is to stand on the receipt.")
    if values["email"] and not _EMAIL.fullmatch(values["email"]):
        wrong["email"] = _("This is not an e-mail address.")
    if values["phone"] and not re.fullmatch(r"[+\d][\d\s.\-()/]{5,}", values["phone"], flags=re.ASCII):
        wrong["phone"] = _("This is not a telephone number.")
    wrong |= {name: too_long(most) for name, most in limits.items() if len(values[name]) > most}
    if wrong:
        raise FormWrong(wrong)
    return DonorForm(kind, **values)


def too_long(most: int) -> Words:
    """Return what is said of a text that is longer than its column."""
    return _("This is too long: at most %(n)s characters.", n=most)


@dataclass(frozen=True, slots=True)
class DonationForm:
    """A donation as entered."""

    donor: int
    kind: str
    amount: int | None
    received_on: date
    expected: int | None
    note: str


def donation_form(form: Mapping[str, str], *, today: date) -> DonationForm:
    """Understand the form of a donation; `today` is the day in Vietnam.

    Raises:
        FormWrong: with the fields to correct.
    """
    kind, donor, day = form.get("kind", ""), form.get("donor", ""), day_of(form.get("received_on", ""))
    note = _UNPRINTABLE.sub("", form.get("note", "")).strip()
    typed_amount, typed_expected = text_of_form(form, "amount"), text_of_form(form, "expected")
    amount = whole_number(typed_amount, most=DEAREST)
    expected = whole_number(typed_expected, most=MOST_EXPECTED)
    wrong: Wrong = {}
    if not re.fullmatch(r"\d{1,9}", donor, flags=re.ASCII):
        wrong["donor"] = _("Choose the donor.")
    if kind not in frozenset(DonationKind):
        wrong["kind"] = _("Choose what is given.")
    if kind == DonationKind.BOUGHT and amount is None:
        wrong["amount"] = _("Write the amount in whole dong, such as 15.000.000.")
    if kind == DonationKind.IN_KIND and typed_amount:
        wrong["amount"] = _("An amount belongs to devices bought with money only: empty it, or choose that.")
    wrong |= wrong_day(day, today=today)
    if typed_expected and expected is None:
        wrong["expected"] = _("Write a whole number of devices, or leave it empty.")
    if len(note) > LENGTHS["note"]:
        wrong["note"] = too_long(LENGTHS["note"])
    if wrong or day is None:
        raise FormWrong(wrong)
    return DonationForm(int(donor), kind, amount, day, expected, note)


def wrong_day(day: date | None, *, today: date) -> Wrong:
    """Return what is wrong with the day of a donation, if anything."""
    if day is None:
        return {"received_on": _("Choose the day on which it was received.")}
    if not FIRST_DAY <= day <= today:
        return {"received_on": _("The day lies in the future, or long before the programme.")}
    return {}


@dataclass(frozen=True, slots=True)
class DeviceForm:
    """One device as entered: `values` are columns of the device, `remarks` what is said about them."""

    category: str
    values: dict[str, str | bool | None]
    #: The IMEIs whose check digit is right: only these find duplicates.
    imeis: tuple[str, ...]
    remarks: tuple[Words, ...]

    @property
    def serial_norm(self) -> str | None:
        found = self.values["serial_norm"]
        return found if isinstance(found, str) else None


def device_form(form: Mapping[str, str]) -> DeviceForm:
    """Understand the form of one device: the same rules as for a row of a list.

    Raises:
        FormWrong: with the fields to correct.
    """
    typed = {name: text_of_form(form, name) for name in LENGTHS}
    typed["note"] = _UNPRINTABLE.sub("", form.get("note", "")).strip()
    category = form.get("category", "")
    serial = normal_serial(typed["serial"])
    imeis = [normal_imei(typed["imei1"]), normal_imei(typed["imei2"])]
    wrong: Wrong = {name: too_long(most) for name, most in LENGTHS.items() if len(typed[name]) > most}
    if len(serial.serial) > LENGTHS["serial"]:  # some small letters are two capitals
        wrong["serial"] = too_long(LENGTHS["serial"])
    if category not in frozenset(Category):
        wrong["category"] = _("Choose what kind of device it is.")
    if not typed["make"] and not typed["model"]:
        wrong["make"] = _("Write the make or the model: it stands on the label.")
    if wrong:
        raise FormWrong(wrong)
    codes = [*(serial.why if typed["serial"] else ()), *(code for one in imeis for code in one.why)]
    values: dict[str, str | bool | None] = {
        **{name: typed[name] for name in ("make", "model", "serial", "note")},
        "serial_norm": serial.serial or None,
        "imei1": imeis[0].imei or None,
        "imei2": imeis[1].imei or None,
        **{name: bool(form.get(name)) for name in WITH_IT},
    }
    return DeviceForm(
        category,
        values,
        tuple(dict.fromkeys(one.imei for one in imeis if one.comparable)),
        tuple(REASONS[code].sentence for code in dict.fromkeys(codes)),
    )


def values_of_row(row: DeviceRow) -> dict[str, str | bool | None]:
    """Return a row of a list as columns of a device."""
    typed = {name: _UNPRINTABLE.sub("", str(getattr(row, name)))[: LENGTHS[name]] for name in LENGTHS}
    notes = [_UNPRINTABLE.sub("", text) for text in (row.condition, row.note) if text]
    return {
        **typed,
        "serial_norm": typed["serial"] or None,
        "imei1": typed["imei1"] or None,
        "imei2": typed["imei2"] or None,
        "note": "; ".join(notes)[: LENGTHS["note"]],
        **{name: bool(getattr(row, name)) for name in WITH_IT},
    }
