"""What a donor, a donation and a device at the door must be; what is understood from a form."""

import re
from collections.abc import Mapping
from enum import StrEnum

from tracker.lists.fold import fold, tidy
from tracker.people.roles import Actor, Role
from tracker.refused import Refused
from tracker.words import Words, _


class DonorKind(StrEnum):
    """Who gives."""

    AGENCY = "agency"
    COMPANY = "company"
    PERSON = "person"

    @property
    def label(self) -> Words:
        return DONOR_KINDS[self]


DONOR_KINDS = {
    DonorKind.AGENCY: _("Agency or association"),
    DonorKind.COMPANY: _("Company"),
    DonorKind.PERSON: _("Person or family"),
}


class DonationKind(StrEnum):
    """What is given."""

    IN_KIND = "in-kind"
    BOUGHT = "bought"

    @property
    def label(self) -> Words:
        return DONATION_KINDS[self]


DONATION_KINDS = {
    DonationKind.IN_KIND: _("Devices"),
    DonationKind.BOUGHT: _("Money that bought devices"),
}

#: Offered while typing; any other may be typed.
MAKES = tuple(
    "Acer|Apple|ASUS|Dell|FPT Elead|Fujitsu|HP|Huawei|Lenovo|LG|Masstel|Microsoft|MSI|Nokia|OPPO|"
    "Panasonic|Realme|Samsung|Sony|Toshiba|Viettel|vivo|Vsmart|Xiaomi".split("|")
)

#: With their tones: “Cô” is a person, “Cơ quan” is not.
_PERSON = re.compile(r"(?:ông|bà|anh|chị|cô|chú|bác|em|cháu|gia đình|thầy|nhà hảo tâm)\b")
_COMPANY = re.compile(
    r"\b(?:cong ty|cty|ctcp|tnhh|doanh nghiep|dntn|tap doan|tong cong ty|ngan hang|cua hang|hop tac xa|htx"
    r"|viettel|vnpt|mobifone|sieu thi|nha may)\b"
)

#: What must be corrected, by field.
Wrong = dict[str, Words | str]


class FormWrong(Refused):
    """Fields of a form must be corrected; `wrong` says by field what."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(
            _("Some fields must be corrected."), out=_("Correct what is marked, then send it again.")
        )


class MustReceive(Refused):
    """Only those at the door of the receiving organisation write here."""

    def __init__(self) -> None:
        super().__init__(
            _("Donations are received by a storekeeper or a technician."),
            out=_("Ask one of them to enter it."),
        )


class HoldersOnly(Refused):
    """Only those who have the device in their hands can stick a new label on it."""

    def __init__(self) -> None:
        super().__init__(
            _("A label is replaced by those who have the device: storekeeper, technician or school."),
            out=_("Ask the organisation that holds the device."),
        )


def must_receive(by: Actor) -> None:
    """Check that the person works at the door.

    Raises:
        MustReceive: they do not.
    """
    if by.role not in {Role.STOREKEEPER, Role.TECHNICIAN}:
        raise MustReceive


def number(year: int, seq: int) -> str:
    """Return the number of a donation as papers say it: 05/2021."""
    return f"{seq:02d}/{year}"


def number_asked(text: str) -> tuple[int, int] | None:
    """Return sequence and year when the text is a donation's number, such as 5/2021."""
    match = re.fullmatch(r"\s*0*(\d{1,6})\s*/\s*(\d{4})\s*", text)
    return (int(match[1]), int(match[2])) if match else None


def kind_of_donor(name: str) -> DonorKind:
    """Guess from a name on a list whether it is a person, a company or an agency; the page can correct it."""
    said = fold(name)
    if _COMPANY.search(said):
        return DonorKind.COMPANY
    return DonorKind.PERSON if _PERSON.match(tidy(name).lower()) else DonorKind.AGENCY


def search_text(*, code: str, donor: str, values: Mapping[str, object]) -> str:
    """Return what a device is found by: code, make, model, serial, IMEIs and donor, folded."""
    found = [
        code,
        *(str(values.get(name) or "") for name in ("make", "model", "serial", "imei1", "imei2")),
        donor,
    ]
    return fold(" ".join(found))
