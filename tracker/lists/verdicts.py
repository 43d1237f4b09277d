"""What to conclude from a row: five outcomes, and the reasons that lead to them.

A row says why by reason codes. Each code stands once in `REASONS` with what it leads to, the
sentence for the reader and what they can do; `outcome_of` takes the strongest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.words import Words, _


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    WARN = "warn"
    ASK = "ask"
    DUP = "dup"
    BAD = "bad"

    @property
    def added(self) -> bool:
        return self in {Outcome.NEW, Outcome.WARN}


#: What each outcome means, for the head of a list of rows.
MEANINGS: dict[Outcome, Words] = {
    Outcome.NEW: _("Added"),
    Outcome.WARN: _("Added, with a remark"),
    Outcome.ASK: _("A person decides; not added by itself"),
    Outcome.DUP: _("Already there; not added again"),
    Outcome.BAD: _("Refused"),
}

_STRENGTH = [Outcome.NEW, Outcome.WARN, Outcome.ASK, Outcome.DUP, Outcome.BAD]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one reason code leads to, what it says, and what the reader can do."""

    outcome: Outcome
    sentence: Words
    out: Words


@dataclass(frozen=True, slots=True)
class Twin:
    """What a row repeats or contradicts: an earlier row, or (`code`) what is there already."""

    code: str = ""
    sheet: str = ""
    line: int = 0


_N, _W, _A, _D, _B = _STRENGTH
REASONS: dict[str, Reason] = {
    # pupils
    "id_missing": Reason(
        _W,
        _("There is no citizen number."),
        _("Ask the family for the number and add it to the pupil later."),
    ),
    "id_zero": Reason(
        _W,
        _("The citizen number had lost its leading zero; it has been put back."),
        _("Check the number against the birth certificate."),
    ),
    "id_bad": Reason(
        _W,
        _("The citizen number does not have 12 digits: the pupil was added without a number."),
        _("Correct the number on the pupil's page."),
    ),
    "id_lost": Reason(
        _W,
        _(
            "Excel has shortened the citizen number to a power of ten; its digits are lost. No number was taken."
        ),
        _("Format the column as text, type the number again, or add it on the pupil's page."),
    ),
    "id_dob": Reason(
        _W,
        _("The citizen number does not agree with the year of birth or the sex."),
        _("Check the number, the birthday and the sex; the row was kept as it is."),
    ),
    "dob_year": Reason(
        _W,
        _("Only the year of birth is given."),
        _("Add the day and the month on the pupil's page."),
    ),
    "dob_bad": Reason(
        _B,
        _("There is no such day: the birthday cannot be right."),
        _("Correct the birthday as day/month/year and send the row again."),
    ),
    "no_name": Reason(
        _B,
        _("The pupil's name is missing."),
        _("Write the full name and send the row again."),
    ),
    "no_key": Reason(
        _B,
        _("Neither a birthday nor a citizen number: the pupil cannot be told from others."),
        _("Add the birthday or the number and send the row again."),
    ),
    "school_unknown": Reason(
        _B,
        _("The school is not among the schools known here."),
        _("Write the school's name or code as in the list of schools, or add the school first."),
    ),
    "same_id": Reason(
        _D,
        _("The same number, name and birthday are already there."),
        _("Nothing needs to be done."),
    ),
    "maybe_same": Reason(
        _A,
        _("Perhaps the same pupil as another: same name and birthday, and no number to tell them apart."),
        _("Compare parents and class. If they are two pupils, add this one by hand."),
    ),
    "id_conflict": Reason(
        _A,
        _("The citizen number belongs to another name or birthday already."),
        _("Find out whose number it is; correct the other row and send it again."),
    ),
    "other_school": Reason(
        _A,
        _("The pupil already stands in another school's list."),
        _("Ask both schools where the pupil goes; move the pupil if they have changed school."),
    ),
    # devices
    "serial_missing": Reason(
        _W,
        _("There is no serial number."),
        _("If there is one on the machine, add it when the device is inspected."),
    ),
    "serial_placeholder": Reason(
        _W,
        _("What stands for a serial number is what the maker never filled in: it counts as none."),
        _("If there is a real one on the case, add it when the device is inspected."),
    ),
    "imei_luhn": Reason(
        _W,
        _("The check digit of an IMEI is wrong: it was kept as typed, but finds no duplicates."),
        _("Dial *#06# on the device and compare."),
    ),
    "imei_zero": Reason(
        _W,
        _("An IMEI had lost its leading zero; it has been put back."),
        _("Dial *#06# on the device and compare."),
    ),
    "imei_lost": Reason(
        _W,
        _("Excel has shortened an IMEI to a power of ten; its digits are lost. No IMEI was taken."),
        _("Dial *#06# on the device and add the number when it is inspected."),
    ),
    "model_missing": Reason(
        _W,
        _("The make is given but not the model."),
        _("Add the model when the device is inspected."),
    ),
    "same_serial": Reason(
        _D,
        _("The same serial number, make and model are already there."),
        _("Nothing needs to be done."),
    ),
    "same_imei": Reason(
        _D,
        _("The same IMEI is already there."),
        _("Nothing needs to be done."),
    ),
    "serial_conflict": Reason(
        _A,
        _("The same serial number is already there on another make or model."),
        _("Look at both machines; correct the row that is wrong and receive the device by hand."),
    ),
    "kind_missing": Reason(
        _B,
        _("It is not said what kind of device this is."),
        _("Write desktop, laptop, tablet or phone and send the row again."),
    ),
    "kind_other": Reason(
        _B,
        _("This is neither a desktop, a laptop, a tablet nor a phone."),
        _("Receive it by hand as “other” if the programme can use it."),
    ),
    # schools and organisations
    "code_missing": Reason(_B, _("The code is missing."), _("Write the code and send the row again.")),
    "name_missing": Reason(_B, _("The name is missing."), _("Write the name and send the row again.")),
    "level_unknown": Reason(
        _B,
        _("The level of the school is not known."),
        _("Write TH, THCS or THPT and send the row again."),
    ),
    "role_unknown": Reason(
        _B,
        _("It is not said what the organisation is: donor, warehouse, workshop or district office."),
        _("Write the kind as in the example and send the row again."),
    ),
    "place_unknown": Reason(
        _W,
        _("The code of the commune or district is not known on the day of the list."),
        _("Check the code against the list of administrative units."),
    ),
    "same_code": Reason(
        _D,
        _("The same code and name are already there."),
        _("Nothing needs to be done."),
    ),
    "code_conflict": Reason(
        _A,
        _("The code is already there with another name."),
        _("Find out which name is right, and change it by hand if the name is new."),
    ),
}


def outcome_of(why: Iterable[str]) -> Outcome:
    """Return the strongest outcome among the reasons; new for none.

    Raises: KeyError for a code that is not in `REASONS`.
    """
    return max((REASONS[code].outcome for code in why), key=_STRENGTH.index, default=Outcome.NEW)
