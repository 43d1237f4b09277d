from typing import NamedTuple

import pytest

from tests.evidence.samples import capture, laptop, picture
from tracker.evidence.contradictions import Contradiction, contradictions
from tracker.evidence.merge import Picture, merge
from tracker.evidence.read import read


class Device(NamedTuple):
    make: str | None = "Lenovo"
    model: str | None = "ThinkPad T480"
    serial: str | None = "PF1VN0T8"
    category: str = "laptop"


def against(device: Device, of: Picture | None = None) -> list[Contradiction]:
    return contradictions(of or merge(laptop()), device)


@pytest.mark.parametrize(
    "device",
    [
        Device(),
        Device(make="LENOVO", model="thinkpad  t480"),
        Device(model="T480"),
        Device(model="20QX0012VN"),
        Device(model="Lenovo ThinkPad T480 i5"),
        Device(serial=" pf1v n0t8 "),
        Device(serial="L1HF84A01QX"),
        Device(make=None, model=None, serial=None, category="other"),
        Device(make="", model="", serial="không rõ"),
    ],
)
def test_spelling_and_silence_contradict_nothing(device: Device):
    assert against(device) == []


@pytest.mark.parametrize(
    ("device", "field", "evidence"),
    [
        (Device(make="HP"), "make", "LENOVO"),
        (Device(model="ThinkPad T470"), "model", "LENOVO ThinkPad T480"),
        (Device(serial="PF1VN0T9"), "serial", "PF1VN0T8"),
        (Device(category="desktop"), "category", "Notebook"),
    ],
)
def test_a_contradiction_says_both_and_the_file(device: Device, field: str, evidence: str):
    (found,) = against(device)

    assert (found.field, found.intake, found.evidence) == (field, getattr(device, field), evidence)
    assert "dmidecode.txt" in found.files


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("HP", "Hewlett-Packard"),
        ("hewlett packard", "HP"),
        ("Dell", "Dell Inc."),
        ("Asus", "ASUSTeK COMPUTER INC."),
        ("MSI", "Micro-Star International Co., Ltd."),
        ("Gigabyte", "Gigabyte Technology Co., Ltd."),
        ("Apple", "Apple Computer, Inc."),
        ("Toshiba", "TOSHIBA"),
        ("Samsung", "SAMSUNG ELECTRONICS CO., LTD."),
    ],
)
def test_two_spellings_of_a_make_are_one(written: str, says: str):
    data = capture("dmidecode.txt").replace(b"Manufacturer: LENOVO", f"Manufacturer: {says}".encode())
    of = merge([("a", read("a", data))])

    assert [one.field for one in against(Device(make=written), of) if one.field == "make"] == []


def test_the_number_of_a_board_alone_contradicts_no_serial():
    data = b"""# dmidecode 3.1
Handle 0x0002, DMI type 2, 15 bytes
Base Board Information
\tManufacturer: ASUSTeK Computer INC.
\tProduct Name: P5SD2-VM
\tSerial Number: MT7000000001

"""
    of = merge([("a", read("a", data))])

    assert against(Device(make="ASUS", model="", serial="5CG1234567", category="desktop"), of) == []


def test_a_placeholder_contradicts_no_serial():
    data = capture("dmidecode.txt").replace(b"PF1VN0T8", b"Default string")

    assert against(Device(serial="5CG1234567"), merge([("a", read("a", data))])) == []


def test_a_phone_is_no_laptop():
    of = picture("getprop.txt")

    assert [
        one.field for one in against(Device("Samsung", "Galaxy A10s SM-A107F", "R9VN70A1B2C", "laptop"), of)
    ] == ["category"]
    assert against(Device("Samsung", "SM-A107F", "R9VN70A1B2C", "phone"), of) == []
