"""lsblk -J, best with -b -O: the drives the system sees. Without -b sizes are rounded by lsblk."""

from typing import Any

from tracker.evidence.facts import Drive, DriveKind, Facts, Kind
from tracker.evidence.plain import each, get, make_said, said, size, whole, word
from tracker.evidence.refusals import SaysNothing
from tracker.evidence.structured import json_values

_NO_DRIVES = ("loop", "zram", "ram", "dm-", "md", "fd", "nbd")


def facts(text: str) -> Facts:
    """Return the drives of lsblk -J; partitions and what has no medium are no drives.

    Raises: Cut, TooDeep or SaysNothing.
    """
    rows = [row for value in json_values(text) for row in each(get(value, "blockdevices"))]
    drives = tuple(drive for row in rows if (drive := _drive(row)))
    if not drives:
        raise SaysNothing("lsblk")
    return Facts(Kind.LSBLK, drives=drives)


def _drive(row: dict[str, Any]) -> Drive | None:
    name = word(row.get("name")).removeprefix("/dev/")
    kind = row.get("type", "disk")
    if kind not in ("disk", "rom") or not name or name.startswith(_NO_DRIVES) or "boot" in name:
        return None
    optical = kind == "rom" or name.startswith("sr")
    given = row.get("size")
    held = whole(given) if whole(given) is not None else size(given)
    if not held and not optical:
        return None
    usb = word(row.get("tran")) == "usb"
    return Drive(
        make_said(row.get("vendor")),
        said(row.get("model")),
        word(row.get("serial")),
        None if optical else held,
        _kind(row, name, optical=optical, usb=usb),
        usb,
        _yes(row.get("rm")),
        f"/dev/{name}",
        said(row.get("rev")),
    )


def _kind(row: dict[str, Any], name: str, *, optical: bool, usb: bool) -> DriveKind:
    if optical:
        return DriveKind.OPTICAL
    if name.startswith("nvme"):
        return DriveKind.NVME
    if name.startswith("mmcblk"):
        return DriveKind.UNKNOWN if _yes(row.get("rm")) else DriveKind.EMMC
    if usb:
        return DriveKind.USB
    rotates = _yes(row.get("rota"))
    # Virtual drives and card readers say that they rotate; a bus that has real ones is asked for.
    if rotates is None or word(row.get("tran")) not in ("sata", "ata", "sas"):
        return DriveKind.UNKNOWN
    return DriveKind.HDD if rotates else DriveKind.SSD


def _yes(value: object) -> bool | None:
    """Old lsblk writes "1" and "0" where newer ones write true and false."""
    return (
        {True: True, False: False, "1": True, "0": False}.get(value)
        if isinstance(value, bool | str)
        else None
    )
