"""What a machine says of itself: the facts of one file, as small values that never change.

Text that is not there is "", a number that is not there is None: nothing is guessed. Sizes are bytes, and a
placeholder such as “To be filled by O.E.M.” is no value, but a serial keeps what the file says beside the
verdict on it.
"""

from enum import StrEnum
from typing import NamedTuple

from tracker.lists.serials import normal_serial
from tracker.words import Words, _


class Kind(StrEnum):
    """Which tool wrote a file, found from what stands in it."""

    LSHW = "lshw"
    DMIDECODE = "dmidecode"
    LSCPU = "lscpu"
    LSPCI = "lspci"
    SMARTCTL = "smartctl"
    LSBLK = "lsblk"
    UPOWER = "upower"
    POWER_SUPPLY = "power_supply"
    NWIPE = "nwipe"
    GETPROP = "getprop"
    DUMPSYS_BATTERY = "dumpsys battery"
    DECODE_DIMMS = "decode-dimms"
    LINKS = "network addresses"
    BUNDLE = "bundle"


class Where(StrEnum):
    """Where a serial was found."""

    SYSTEM = "system"
    BOARD = "board"
    CHASSIS = "chassis"
    DEVICE = "device"


class Serial(NamedTuple):
    """A serial as a file says it, and where it stands there."""

    where: Where
    text: str

    @property
    def normal(self) -> str:
        """The serial in the form it is compared in; "" when it names no machine."""
        return normal_serial(self.text).serial

    @property
    def verdict(self) -> str:
        """What it is worth: "ok", "placeholder" (a word that nobody filled in) or "missing"."""
        why = normal_serial(self.text).why
        return why[0].removeprefix("serial_") if why else "ok"


class Cpu(NamedTuple):
    """All processors of the machine together; several sockets hold the same model."""

    model: str
    cores: int | None = None
    threads: int | None = None
    sockets: int | None = None


class Module(NamedTuple):
    """One memory module. Speed in MT/s."""

    size: int | None = None
    kind: str = ""
    speed: int | None = None
    slot: str = ""
    make: str = ""
    serial: str = ""


class DriveKind(StrEnum):
    HDD = "hdd"
    SSD = "ssd"
    NVME = "nvme"
    EMMC = "emmc"
    USB = "usb"
    OPTICAL = "optical"
    UNKNOWN = ""


class Drive(NamedTuple):
    """A drive. `usb` says that it was reached over USB: a stick, or a drive in an adapter.

    `passed` is the drive's own word (SMART). `counted` says that its counters could be read, whole.
    `worn` is the share of its life that is used, in percent. `removable` is None where the file does not say.
    """

    make: str = ""
    model: str = ""
    serial: str = ""
    size: int | None = None
    kind: DriveKind = DriveKind.UNKNOWN
    usb: bool = False
    removable: bool | None = None
    path: str = ""
    firmware: str = ""
    hours: int | None = None
    reallocated: int | None = None
    pending: int | None = None
    uncorrectable: int | None = None
    worn: int | None = None
    passed: bool | None = None
    counted: bool = False


class Battery(NamedTuple):
    """A battery: `design` and `full` in mWh, or in mAh where `unit` says so. `health` is the phone's word."""

    make: str = ""
    model: str = ""
    serial: str = ""
    design: float | None = None
    full: float | None = None
    unit: str = "mWh"
    cycles: int | None = None
    health: str = ""

    @property
    def left(self) -> float | None:
        """The share of its design that a full charge still holds, such as 0.72; None if unknown."""
        if not self.design or self.full is None:
            return None
        return self.full / self.design


class Firmware(NamedTuple):
    """The firmware of the board; `date` is ISO when it is sure which number is the month."""

    vendor: str = ""
    version: str = ""
    date: str = ""

    @property
    def year(self) -> int | None:
        """The year of its release, from whatever form the date has."""
        years = [part for part in self.date.replace(".", "-").replace("/", "-").split("-") if len(part) == 4]
        return int(years[0]) if years and years[0].isascii() and years[0].isdigit() else None


class NicKind(StrEnum):
    ETHERNET = "ethernet"
    WIFI = "wifi"
    BLUETOOTH = "bluetooth"
    MOBILE = "mobile"
    UNKNOWN = ""


class Nic(NamedTuple):
    """A network card; `mac` in lower case with colons, "" if the file gives none."""

    kind: NicKind = NicKind.UNKNOWN
    model: str = ""
    mac: str = ""
    name: str = ""


class Lock(NamedTuple):
    """What Android says of a lock, as it says it: the property and its value."""

    name: str
    value: str


class Outcome(StrEnum):
    """What a log proves of an erasure."""

    OK = "ok"
    FAILED = "failed"
    UNPROVEN = "unproven"

    @property
    def label(self) -> Words:
        return OUTCOMES[self]


OUTCOMES = {
    Outcome.OK: _("Erased and verified"),
    Outcome.FAILED: _("Failed"),
    Outcome.UNPROVEN: _("Not proven"),
}


class Wipe(NamedTuple):
    """One drive in a log of nwipe. Times are the log's own, without a zone: 2026-03-01T08:15:00.

    `said` is the headline of the log, which may say more than is proven; `why` says what speaks against `ok`.
    """

    path: str
    outcome: Outcome
    why: tuple[Words, ...] = ()
    said: str = ""
    model: str = ""
    serial: str = ""
    size: int | None = None
    method: str = ""
    rounds: int | None = None
    verify: str = ""
    pass_errors: int | None = None
    verify_errors: int | None = None
    io_errors: int | None = None
    started: str = ""
    ended: str = ""
    tool: str = ""


class Facts(NamedTuple):
    """What one file says, or several together (`tracker.evidence.merge`).

    `version` is beside the model: Lenovo writes its machine type as the model and the name people use there.
    `total_memory` is None unless the file is known to list all of it. `whole` is False when the end is missing.
    """

    kind: Kind
    make: str = ""
    model: str = ""
    version: str = ""
    family: str = ""
    board: str = ""
    chassis: str = ""
    serials: tuple[Serial, ...] = ()
    uuid: str = ""
    cpu: Cpu | None = None
    memory: tuple[Module, ...] = ()
    total_memory: int | None = None
    slots: int | None = None
    drives: tuple[Drive, ...] = ()
    batteries: tuple[Battery, ...] = ()
    firmware: Firmware | None = None
    nics: tuple[Nic, ...] = ()
    graphics: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    system: str = ""
    patched: str = ""
    locks: tuple[Lock, ...] = ()
    wipes: tuple[Wipe, ...] = ()
    whole: bool = True
    notes: tuple[Words, ...] = ()
    parts: tuple["Part", ...] = ()

    @property
    def name(self) -> str:
        """Make and model as people say them: “LENOVO ThinkPad T480”, not its machine type; “HP ProBook”, HP once."""
        human = self.version if self.make.casefold() == "lenovo" and self.version else self.model
        again = human.casefold().startswith(f"{self.make} ".casefold())
        return human if again else f"{self.make} {human}".strip()


class Part(NamedTuple):
    """One part of a bundle: what was read, or why not."""

    name: str
    facts: Facts | None = None
    refusal: Words | str = ""


def says_nothing(facts: Facts) -> bool:
    """Say whether a file was of a known tool and yet holds no fact."""
    return facts._replace(whole=True, notes=()) == Facts(facts.kind)
