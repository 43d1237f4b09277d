"""The checklists, one for each category, as data. An inspection keeps the version it used.

A changed checklist gets the next version number; the old one stays, for the inspections that used it.
"""

from typing import NamedTuple

from tracker.custody.facts import Category
from tracker.words import Words, _


class Check(NamedTuple):
    """One thing a technician looks at."""

    key: str
    label: Words
    mandatory: bool = True
    always: bool = False
    """Every device of the category has it, so that “does not apply” is no answer."""


class Checklist(NamedTuple):
    """The checks of one category, in the order of the bench."""

    name: str
    """Category and version, such as laptop/1."""
    checks: tuple[Check, ...]


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
)  # fmt: skip

BY_NAME = {checklist.name: checklist for checklist in ALL}

#: What is used now for each category.
CURRENT: dict[Category, Checklist] = {
    category: max(
        (each for each in ALL if each.name.startswith(f"{category}/")),
        key=lambda each: int(each.name.split("/")[1]),
    )
    for category in Category
}
