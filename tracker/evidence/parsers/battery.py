"""Batteries: upower -d or -i, the kernel's uevent of a battery, and Android's dumpsys battery."""

import re

from tracker.evidence.facts import Battery, Facts, Kind
from tracker.evidence.plain import decimal, make_said, said, whole, word
from tracker.evidence.refusals import NothingWhole, SaysNothing
from tracker.evidence.text import field, lines_of

#: android.os.BatteryManager, BATTERY_HEALTH_*.
ANDROID_HEALTH = {
    "2": "good", "3": "overheat", "4": "dead", "5": "over voltage", "6": "failure", "7": "cold",
}  # fmt: skip


def upower(text: str) -> Facts:
    """Return the batteries of upower -d (every Device) or -i (one); not those of a mouse or a headset.

    Raises: SaysNothing.
    """
    lines, ended = lines_of(text)
    devices: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("Device: "):
            devices.append([])
        elif line.startswith("Daemon:"):
            devices.append(["skip"])
        devices[-1].append(line)
    batteries = tuple(battery for device in devices if (battery := _upower(device)))
    if not batteries:
        raise SaysNothing("upower")
    return Facts(Kind.UPOWER, batteries=batteries, whole=ended)


def _upower(lines: list[str]) -> Battery | None:
    if "skip" in lines or any("DisplayDevice" in line for line in lines):
        return None
    values = {name: value for line in reversed(lines) for name, value in [field(line)] if name}
    if not any(line.strip() == "battery" for line in lines) or values.get("power supply") != "yes":
        return None
    if values.get("present") == "no":
        return None
    design = _watt_hours(values.get("energy-full-design", ""))
    return Battery(
        make_said(values.get("vendor")),
        said(values.get("model")),
        word(values.get("serial")),
        design,
        _watt_hours(values.get("energy-full", "")) if design else None,
        cycles=whole(values.get("charge-cycles")),
    )


def _watt_hours(text: str) -> float | None:
    number = decimal(text) if text.endswith("Wh") else None
    return round(number * 1000, 1) if number else None


def power_supply(text: str) -> Facts:
    """Return the battery of /sys/class/power_supply/BAT*/uevent; its numbers are millionths.

    Raises: SaysNothing.
    """
    lines, ended = lines_of(text)
    blocks: list[dict[str, str]] = []
    for line in lines:
        name, equals, value = line.partition("=")
        name = name.removeprefix("POWER_SUPPLY_")
        if (equals and name == "NAME") or not blocks:
            blocks.append({})
        if equals:
            blocks[-1].setdefault(name, value.strip())
    batteries = tuple(battery for block in blocks if (battery := _power_supply(block)))
    if not batteries:
        raise SaysNothing("power_supply")
    return Facts(Kind.POWER_SUPPLY, batteries=batteries, whole=ended)


def _power_supply(values: dict[str, str]) -> Battery | None:
    if values.get("TYPE", "Battery") != "Battery" or values.get("SCOPE") == "Device":
        return None
    unit, begins = ("mWh", "ENERGY") if "ENERGY_FULL_DESIGN" in values else ("mAh", "CHARGE")
    design, full = whole(values.get(f"{begins}_FULL_DESIGN")), whole(values.get(f"{begins}_FULL"))
    if not (design or full or said(values.get("MODEL_NAME"))):
        return None
    return Battery(
        make_said(values.get("MANUFACTURER")),
        said(values.get("MODEL_NAME")),
        word(values.get("SERIAL_NUMBER")),
        design / 1000 if design else None,
        full / 1000 if full else None,
        unit,
        whole(values.get("CYCLE_COUNT")) or None,  # 0 is what firmware says that does not count
    )


def dumpsys(text: str) -> Facts:
    """Return what Android says of its battery: its health, and cycles where the maker tells them.

    The charge counter is the charge of this moment, not of a full battery, and is not taken for it.

    Raises: NothingWhole or SaysNothing.
    """
    lines, ended = lines_of(text)
    values: dict[str, str] = {}
    for line in lines:
        name, value = field(line)
        values.setdefault(name.lower(), value)
    if "present" in values and values["present"] == "false":
        raise SaysNothing("dumpsys battery")
    health = ANDROID_HEALTH.get(values.get("health", ""), "")
    if "health" not in values:
        raise NothingWhole("dumpsys battery")
    cycles = whole(values.get("cycle count")) or whole(values.get("msavedbatterycycle"))
    if not (health or cycles):
        raise SaysNothing("dumpsys battery")
    battery = Battery(unit="mAh", cycles=cycles or None, health=health)
    return Facts(Kind.DUMPSYS_BATTERY, batteries=(battery,), whole=ended)


UEVENT = re.compile(r"^POWER_SUPPLY_[A-Z_]+=", re.MULTILINE)
