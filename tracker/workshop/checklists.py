"""The checklists, one for each category, as data. An inspection keeps the version it used.

A changed checklist gets the next version number; the old one stays, for the inspections that used it.
The versions here came with the program, and no further one is added here: a coordinator makes the next
on a page (`workshop.versions`), and the database keeps it.
"""

from typing import NamedTuple

from tracker.custody.facts import Category
from tracker.words import Words, _


class Check(NamedTuple):
    """One thing a technician looks at, or measures when there is a least."""

    key: str
    label: Words
    mandatory: bool = True
    always: bool = False
    """Every device of the category has it, so that “does not apply” is no answer."""
    photo: bool = False
    """A photograph belongs to the answer."""
    least: float | None = None
    """What is measured must be as much as this to serve online lessons; None when a person judges."""
    unit: str = ""

    @property
    def measured(self) -> bool:
        """Whether the answer is a number."""
        return self.least is not None


class Checklist(NamedTuple):
    """The checks of one category, in the order of the bench."""

    name: str
    """Category and version, such as laptop/1."""
    checks: tuple[Check, ...]
    other_person: bool = False
    """Whether what was repaired is inspected by somebody else than who repaired it."""

    @property
    def version(self) -> int:
        """The number of the version."""
        return int(self.name.partition("/")[2])

    def check(self, key: str) -> Check | None:
        """Return a check by its key, or None."""
        return next((each for each in self.checks if each.key == key), None)


POWER = Check("power", _("Starts and shuts down by itself"), always=True)
SCREEN = Check("screen", _("Screen: whole, no dead area, bright enough"))
TOUCH = Check("touch", _("Touch works over the whole screen"))
KEYBOARD = Check("keyboard", _("Every key works"))
POINTER = Check("pointer", _("Touchpad or mouse works"))
PORTS = Check("ports", _("USB and display ports work"))
CAMERA = Check("camera", _("Camera gives a picture"))
MICROPHONE = Check("microphone", _("Microphone records"))
SPEAKERS = Check("speakers", _("Speakers or headphones play"))
WIFI = Check("wifi", _("Joins a Wi-Fi network and loads a page"))
BATTERY = Check("battery", _("Battery lasts an hour of video"))
CHARGER = Check("charger", _("Charger belongs to it and charges"))
STORAGE = Check("storage", _("Drive is healthy (SMART)"))
BUTTONS = Check("buttons", _("Power and volume buttons work"))
ACCOUNT = Check(
    "account-lock", _("No account of a former owner is left on it (Google, Apple, firmware)"), always=True
)
STOLEN = Check("not-stolen", _("It is not reported stolen"), always=True)
SYSTEM = Check("system", _("A licensed system with the lesson software is installed"), always=True)
CASING = Check("casing", _("Casing has no sharp or open part"), always=True)
SIM = Check("sim", _("SIM slot and mobile data work"), mandatory=False)
BLUETOOTH = Check("bluetooth", _("Bluetooth works"), mandatory=False)

# Since the second versions every lock is a check of its own.
GOOGLE = Check("google-lock", _("No Google account locks it after a reset (FRP)"))
APPLE = Check("apple-lock", _("Apple Activation Lock is off"))
MDM = Check("mdm", _("No company or school manages it from afar (MDM)"))
FIRMWARE = Check("firmware-password", _("No firmware (BIOS, UEFI) password"))

# The least that serves online lessons, by category; a coordinator changes them on the page.
MEMORY = Check("memory", _("Memory"), always=True, least=4, unit="GB")
CAPACITY = Check("capacity", _("Storage"), always=True, least=60, unit="GB")
CORES = Check("cores", _("Processor cores"), always=True, least=2)
HEALTH = Check("battery-health", _("Battery: full charge, of what it was when new"), least=50, unit="%")
SIZE = Check("screen-size", _("Screen, from corner to corner"), always=True, least=7, unit="″")
ANDROID = Check("android", _("Android version"), least=8)

#: A desktop may come without its screen; what follows has it built in.
BUILT_IN = SCREEN._replace(always=True)

ALL: tuple[Checklist, ...] = (
    Checklist(
        "desktop/1",
        (POWER, SCREEN, KEYBOARD, POINTER, PORTS, STORAGE, WIFI, SPEAKERS, SYSTEM, STOLEN, CASING,
         CAMERA._replace(mandatory=False), MICROPHONE._replace(mandatory=False)),
    ),
    Checklist(
        "laptop/1",
        (POWER, BUILT_IN, KEYBOARD, POINTER, PORTS, STORAGE, WIFI, CAMERA, MICROPHONE, SPEAKERS, BATTERY, CHARGER,
         ACCOUNT, SYSTEM, STOLEN, CASING, BLUETOOTH),
    ),
    Checklist(
        "tablet/1",
        (POWER, BUILT_IN, TOUCH, BUTTONS, CAMERA, MICROPHONE, SPEAKERS, WIFI, BATTERY, CHARGER, ACCOUNT, SYSTEM,
         STOLEN, CASING, SIM, BLUETOOTH),
    ),
    Checklist(
        "phone/1",
        (POWER, BUILT_IN, TOUCH, BUTTONS, CAMERA, MICROPHONE, SPEAKERS, WIFI, BATTERY, CHARGER, ACCOUNT, SYSTEM,
         STOLEN, CASING, SIM, BLUETOOTH),
    ),
    Checklist("other/1", (POWER._replace(always=False), STOLEN, CASING)),
    Checklist(
        "desktop/2",
        (POWER, SCREEN, KEYBOARD, POINTER, PORTS, STORAGE, WIFI, SPEAKERS, SYSTEM, CASING,
         CAMERA._replace(mandatory=False), MICROPHONE._replace(mandatory=False),
         FIRMWARE, APPLE, MDM, STOLEN, CORES, MEMORY, CAPACITY),
    ),
    Checklist(
        "laptop/2",
        (POWER, BUILT_IN, KEYBOARD, POINTER, PORTS, STORAGE, WIFI, CAMERA, MICROPHONE, SPEAKERS, BATTERY, CHARGER,
         SYSTEM, CASING, BLUETOOTH, FIRMWARE, APPLE, GOOGLE, MDM, STOLEN, CORES, MEMORY, CAPACITY, HEALTH),
    ),
    Checklist(
        "tablet/2",
        (POWER, BUILT_IN, TOUCH, BUTTONS, CAMERA, MICROPHONE, SPEAKERS, WIFI, BATTERY, CHARGER, SYSTEM, CASING, SIM,
         BLUETOOTH, GOOGLE, APPLE, MDM, STOLEN, MEMORY._replace(least=2), CAPACITY._replace(least=14), SIZE, ANDROID),
    ),
    Checklist(
        "phone/2",
        (POWER, BUILT_IN, TOUCH, BUTTONS, CAMERA, MICROPHONE, SPEAKERS, WIFI, BATTERY, CHARGER, SYSTEM, CASING, SIM,
         BLUETOOTH, GOOGLE, APPLE, MDM, STOLEN, MEMORY._replace(least=2), CAPACITY._replace(least=14),
         SIZE._replace(least=5), ANDROID),
    ),
    Checklist("other/2", (POWER._replace(always=False), CASING, STOLEN)),
)  # fmt: skip

BY_NAME = {checklist.name: checklist for checklist in ALL}

#: Every check that has words of its own here, the newest wording of each.
KNOWN: dict[str, Check] = {check.key: check for checklist in ALL for check in checklist.checks}

#: The newest that came with the program for each category.
NEWEST: dict[Category, Checklist] = {
    category: max(
        (each for each in ALL if each.name.startswith(f"{category}/")), key=lambda each: each.version
    )
    for category in Category
}
