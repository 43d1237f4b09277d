"""Android's getprop: make, model, serial, version, and what it says of locks.

A lock is quoted as it stands. `ro.frp.pst` is the name of a partition on every phone: it does not say that
factory reset protection is on, and nothing is made of it.
"""

import re

from tracker.evidence.facts import Facts, Firmware, Kind, Lock, Serial, Where
from tracker.evidence.plain import make_said, said, word
from tracker.evidence.refusals import NothingWhole
from tracker.evidence.text import lines_of

LINE = re.compile(r"\[([A-Za-z0-9_.:@-]{1,100})\]: \[(.*?)\]?")
LOCKS = (
    "ro.boot.flash.locked",
    "ro.boot.verifiedbootstate",
    "ro.boot.vbmeta.device_state",
    "ro.boot.warranty_bit",
    "ro.oem_unlock_supported",
    "sys.oem_unlock_allowed",
    "ro.secureboot.lockstate",
)


def facts(text: str) -> Facts:
    """Return the facts of getprop.

    Raises: NothingWhole.
    """
    lines, ended = lines_of(text)
    values: dict[str, str] = {}
    for line in lines:
        if (match := LINE.fullmatch(line)) and line.endswith("]"):
            values.setdefault(match[1], match[2])
    make, model = _first(values, "manufacturer"), _first(values, "model")
    serial = next(
        (word(values[name]) for name in ("ro.serialno", "ro.boot.serialno") if word(values.get(name))), ""
    )
    if not values:
        raise NothingWhole("getprop")
    version = said(values.get("ro.build.version.release"))
    return Facts(
        Kind.GETPROP,
        make=make_said(make),
        model=said(model),
        version=said(_first(values, "marketname") or values.get("ro.config.marketing_name")),
        family=said(_first(values, "brand")),
        board=said(values.get("ro.product.board") or values.get("ro.board.platform")),
        chassis=said(values.get("ro.build.characteristics")),
        serials=(Serial(Where.DEVICE, serial),) if serial else (),
        firmware=Firmware(version=said(values.get("ro.bootloader")), date="")
        if said(values.get("ro.bootloader"))
        else None,
        system=f"Android {version}" if version else "",
        patched=said(values.get("ro.build.version.security_patch")),
        locks=tuple(Lock(name, word(values[name])) for name in LOCKS if word(values.get(name))),
        screens=(density,) if (density := _screen(values)) else (),
        whole=ended,
    )


def _first(values: dict[str, str], name: str) -> str:
    places = ("ro.product.", "ro.product.vendor.", "ro.product.system.", "ro.product.odm.")
    return next((values[place + name] for place in places if values.get(place + name)), "")


def _screen(values: dict[str, str]) -> str:
    density = said(values.get("ro.sf.lcd_density"))
    return f"{density} dpi" if density else ""
