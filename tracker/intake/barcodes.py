"""What the barcodes on a machine and on its box say: an IMEI, a serial number, or nothing that names one machine.

A laptop carries five barcodes and a telephone's box eight; one of them is wanted. Nothing is ever looked up or
followed. Sources: IMEI and its check digit by 3GPP TS 23.003; data identifiers (S, 1S, P …) by ANSI MH10.8.2;
application identifiers (01, 21, 8002) by the GS1 General Specifications; check digits of product numbers by
GS1; Lenovo's 1S labels (1S, machine type and model, serial) and Dell's express service code (the service
tag as a number, base 36) by their makers' support pages.
"""

import re
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tracker.intake.list_rules import normal_imei
from tracker.lists.serials import normal_serial
from tracker.words import Words, _

LONGEST = 400  # signs of one code; the QR code on a box has half of them
MOST = 8  # numbers in one code


class What(StrEnum):
    """What a number is."""

    IMEI = "imei"
    SERIAL = "serial"
    PRODUCT = "product"
    PART = "part"
    NETWORK = "network"
    SIM = "sim"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Words:
        return WHAT_LABELS[self]


WHAT_LABELS = {
    What.IMEI: _("IMEI"),
    What.SERIAL: _("Serial number"),
    What.PRODUCT: _("Product number: the same on every box"),
    What.PART: _("Part or model number: the same on many machines"),
    What.NETWORK: _("Network address"),
    What.SIM: _("Number of a SIM card"),
    What.UNKNOWN: _("Nothing that names a machine"),
}


class Number(NamedTuple):
    """One number of a barcode; `others` are further ways to read it, for finding a machine by it."""

    what: What
    value: str
    others: tuple[str, ...] = ()


_NAMED = re.compile(
    r"(?P<name>IMEI\d?|MEID|S/?N|SERIAL(?: ?(?:NUMBER|NO\.?))?|SERVICE ?TAG|P/?N|MODEL|MTM|MAC|EID|ICCID|UPC|EAN)"
    r"\s*[:#=\s]\s*(?P<value>.+)",
    re.IGNORECASE,
)
_NAMES = {"S": What.SERIAL, "P": What.PART, "M": What.PART, "E": What.SIM, "I": What.IMEI, "U": What.PRODUCT}
_BETWEEN = re.compile(r"[\x1d\x1e\r\n\t,;|]+")
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_MAC = re.compile(r"[0-9A-F]{2}(?:[:-][0-9A-F]{2}){5}", re.IGNORECASE)
_SERIAL = re.compile(r"(?=.*\d)[0-9A-Z][0-9A-Z.-]{3,38}[0-9A-Z]", re.IGNORECASE)
_AI = re.compile(r"\((\d{2,4})\)([^(]+)")
_IN_ADDRESS = {"sn": What.SERIAL, "serial": What.SERIAL, "serialnumber": What.SERIAL, "imei": What.IMEI}


def numbers(text: str) -> list[Number]:
    """Return what a maker's barcode says, in its order; one `UNKNOWN` where it says nothing of use."""
    text = _AIM.sub("", text[:LONGEST].strip())
    if "://" in text:
        found = _of_address(text)
    elif text.startswith("("):
        found = [number for ai, value in _AI.findall(text) if (number := _of_gs1(ai, value.strip()))]
    else:
        found = [_one(part.strip()) for part in _BETWEEN.split(text) if part.strip()]
    return found[:MOST] or [Number(What.UNKNOWN, text[:40])]


def names(text: str) -> tuple[str, ...]:
    """Return the numbers by which a machine may be found, the likeliest first."""
    found: list[str] = []
    for number in numbers(text):
        if number.what in {What.IMEI, What.SERIAL}:
            found += [number.value, *number.others]
    return tuple(dict.fromkeys(found))


def _of_address(text: str) -> list[Number]:
    try:
        pairs = parse_qsl(urlsplit(text).query)
    except ValueError:
        return []
    found = []
    for name, value in pairs:
        what = _IN_ADDRESS.get(name.lower())
        if what is not None:
            number = _one(value)
            found += [number] if number.what is what else []
    return found


def _of_gs1(ai: str, value: str) -> Number | None:
    if ai in {"21", "8002"}:
        return _one(value)
    return Number(What.PRODUCT, value) if ai in {"01", "02"} else None


def _one(text: str) -> Number:
    if named := _NAMED.fullmatch(text):
        what = _what(named["name"].upper())
        number = _one(named["value"].strip())
        if what is None or number.what is what:
            return number
        if what is What.SERIAL:
            return _serial(named["value"].strip())
        return Number(what if what is not What.IMEI else What.UNKNOWN, named["value"].strip()[:40])
    if _MAC.fullmatch(text):
        return Number(What.NETWORK, text.upper())
    digits = re.sub(r"[\s-]", "", text)
    if digits.isascii() and digits.isdigit():
        return _digits(digits)
    # “PF1ABC23” is a serial number of Lenovo's; only what is a part number for certain is one.
    if re.fullmatch(r"(1|30|11)P[0-9A-Z#/.-]{4,}|P[0-9A-Z/.-]*#[0-9A-Z]+", text, re.IGNORECASE):
        return Number(What.PART, text.upper()[:40])
    return _serial(text)


def _what(name: str) -> What | None:
    if name.startswith("MA"):
        return What.NETWORK
    if name.startswith("ME"):
        return What.IMEI
    return What.SIM if name in {"EID", "ICCID"} else What.PRODUCT if name == "EAN" else _NAMES.get(name[0])


def _digits(digits: str) -> Number:
    imei = normal_imei(digits)
    if imei.comparable and not (len(digits) == 14 and _gs1_checks(digits)):
        return Number(What.IMEI, imei.imei)
    if len(digits) == 16 and digits[:2] in {"35", "86", "01", "99"}:  # with the version of its software
        return Number(What.IMEI, digits[:14] + _luhn(digits[:14]))
    if len(digits) in {19, 20, 32} and digits.startswith("89"):
        return Number(What.SIM, digits)
    if len(digits) in {12, 13, 14} and _gs1_checks(digits):
        return Number(What.PRODUCT, digits)
    if len(digits) in {10, 11}:
        tag = _base36(int(digits))
        return Number(What.SERIAL, digits, (tag,) if len(tag) == 7 else ())
    return (
        Number(What.SERIAL, digits)
        if 5 <= len(digits) <= 20 and len(digits) != 15
        else Number(What.UNKNOWN, digits[:40])
    )


def _serial(text: str) -> Number:
    serial = normal_serial(text).serial
    if not serial or not _SERIAL.fullmatch(serial):
        return Number(What.UNKNOWN, text[:40])
    if serial.startswith("1S") and len(serial) in {16, 20}:
        own = 7 if len(serial) == 16 else 8
        return Number(What.SERIAL, serial[-own:], (serial,))
    if serial.startswith("(S)"):
        return Number(What.SERIAL, serial[3:], (serial,))
    if serial.startswith("S") and len(serial) in {11, 13} and re.search(r"[A-Z]", serial[1:]):
        return Number(What.SERIAL, serial[1:], (serial,))  # as Apple's labels have it
    return Number(What.SERIAL, serial, (serial[1:],) if serial.startswith("S") and len(serial) > 6 else ())


def _gs1_checks(digits: str) -> bool:
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def _luhn(digits: str) -> str:
    doubled = [int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits))]
    return str(-sum(each // 10 + each % 10 for each in doubled) % 10)


def _base36(number: int) -> str:
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found = ""
    while number:
        number, rest = divmod(number, 36)
        found = signs[rest] + found
    return found
