"""lshw -json and lshw -xml: one tree of nodes, the same facts in both forms.

Source of the classes and names: lshw's own documentation (ezix.org) and lshw(1). Sizes are bytes.
"""

import re
from collections.abc import Iterator
from typing import Any

from tracker.evidence.facts import (
    Battery,
    Cpu,
    Drive,
    DriveKind,
    Facts,
    Firmware,
    Kind,
    Module,
    Nic,
    NicKind,
    Serial,
    Where,
)
from tracker.evidence.plain import each, firmware_date, get, mac, make_said, said, uuid, whole, word
from tracker.evidence.refusals import Cut, Entities, SeveralMachines, Unknown
from tracker.evidence.structured import Element, json_values, xml_root
from tracker.lists.serials import normal_serial
from tracker.words import Words, _

Node = dict[str, Any]

NO_ROOT: Words = _("lshw was run without the rights of root: serials and memory modules are missing.")
_SPEED = re.compile(r"(\d{3,5}) ?(?:MHz|MT/s)")
_MEMORY_KIND = re.compile(r"\b(LPDDR\d[Xx]?|DDR\d?|SDRAM)\b")


def from_json(text: str) -> Facts:
    """Return the facts of lshw -json: an object, a list of one, or objects with commas between.

    Raises: Cut, SeveralMachines or TooDeep.
    """
    roots = [node for value in json_values(text) for node in (each(value) or each([value]))]
    return _facts([root for root in roots if word(root.get("class"))], text)


def from_xml(text: str) -> Facts:
    """Return the facts of lshw -xml.

    Raises: Cut, Entities, SeveralMachines, TooDeep or Unknown.
    """
    first = re.search(r"<([A-Za-z][\w.-]*)", text)
    if "<!DOCTYPE" in text:
        raise Entities
    if first is None or first[1] not in ("list", "node"):
        raise Unknown
    root = xml_root(text, ("</list>", "</node>"))
    nodes = [root] if root.name == "node" else [one for one in root.children if one.name == "node"]
    return _facts([_node(one) for one in nodes], text)


def _node(element: Element) -> Node:
    node: Node = {"id": element.attributes.get("id", ""), "class": element.attributes.get("class", "")}
    children = []
    for child in element.children:
        if child.name == "node":
            children.append(_node(child))
        elif child.name in ("configuration", "capabilities"):
            node[child.name] = {
                one.attributes.get("id", ""): one.attributes.get("value") or one.text or True
                for one in child.children
            }
        elif child.name == "logicalname" and "logicalname" in node:
            continue  # the first is the drive itself, the others are where it is mounted
        else:
            node[child.name] = child.text
    return node | {"children": children}


def _all(nodes: list[Node]) -> Iterator[Node]:
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(each(node.get("children")))


def _facts(roots: list[Node], text: str) -> Facts:
    if not roots:
        raise Cut
    machines = {normal_serial(word(root.get("serial"))).serial for root in roots if root["class"] == "system"}
    if len(machines - {""}) > 1:
        raise SeveralMachines
    roots = list({repr(root): root for root in roots}.values())
    nodes = list(_all(roots))
    system = next((node for node in nodes if node.get("class") == "system"), {})
    board = next((node for node in nodes if node.get("id") == "core"), {})
    modules, total = _memory(nodes)
    limited = "should run this program as super-user" in text
    return Facts(
        Kind.LSHW,
        make=make_said(system.get("vendor")),
        model=_model(system),
        version=said(system.get("version")),
        family=said(get(system, "configuration", "family")),
        board=said(board.get("product")),
        chassis=said(get(system, "configuration", "chassis")),
        serials=tuple(
            Serial(where, word(node.get("serial")))
            for where, node in ((Where.SYSTEM, system), (Where.BOARD, board))
            if word(node.get("serial"))
        ),
        uuid=uuid(get(system, "configuration", "uuid")),
        cpu=_cpu(nodes),
        memory=modules,
        total_memory=total,
        drives=tuple(drive for node in nodes for drive in _drives(node)),
        batteries=tuple(
            _battery(node) for node in nodes if node.get("class") == "power" and _is_battery(node)
        ),
        firmware=_firmware(nodes),
        nics=tuple(nic for node in nodes for nic in _nic(node)),
        graphics=tuple(_named(node) for node in nodes if node.get("class") == "display" and _named(node)),
        screens=tuple(screen for node in nodes if (screen := _screen(node))),
        cameras=tuple(_named(node) for node in nodes if _is_camera(node)),
        notes=(NO_ROOT,) if limited else (),
    )


def _model(system: Node) -> str:
    """Lshw adds the SKU in brackets to the name of the product."""
    product, sku = word(system.get("product")), word(get(system, "configuration", "sku"))
    if sku and product.endswith(f" ({sku})"):
        product = product.removesuffix(f" ({sku})")
    return said(product)


def _named(node: Node) -> str:
    return f"{said(node.get('vendor'))} {said(node.get('product'))}".strip()


def _cpu(nodes: list[Node]) -> Cpu | None:
    used = [
        node
        for node in nodes
        if node.get("class") == "processor" and not node.get("disabled") and said(node.get("product"))
    ]
    if not used:
        return None
    cores = [whole(get(node, "configuration", "cores")) for node in used]
    threads = [whole(get(node, "configuration", "threads")) for node in used]
    return Cpu(said(used[0].get("product")), _sum(cores), _sum(threads), len(used))


def _sum(numbers: list[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _memory(nodes: list[Node]) -> tuple[tuple[Module, ...], int | None]:
    modules = []
    for node in nodes:
        if node.get("class") != "memory" or not str(node.get("id")).startswith("bank"):
            continue
        size = whole(node.get("size"))
        if not size:
            continue  # an empty slot
        text = word(node.get("description"))
        if "FLASH" in text.upper():
            continue
        kind, speed = _MEMORY_KIND.search(text), _SPEED.search(text)
        modules.append(
            Module(
                size,
                kind[1].upper() if kind else "",
                int(speed[1]) if speed else None,
                said(node.get("slot")),
                said(node.get("vendor")),
                said(node.get("serial")),
            )
        )
    # Without modules lshw only repeats what the system may use, which is less than what is built in.
    return tuple(modules), sum(module.size or 0 for module in modules) or None


def _firmware(nodes: list[Node]) -> Firmware | None:
    for node in nodes:
        if node.get("id") == "firmware":
            date = firmware_date(said(node.get("date")))
            return Firmware(said(node.get("vendor")), said(node.get("version")), date)
    return None


def _path(node: Node) -> str:
    name = node.get("logicalname")
    return word(name[0] if isinstance(name, list) and name else name)


def _drives(node: Node) -> list[Drive]:
    kind, path = node.get("class"), _path(node)
    if kind == "storage" and re.match(r"(?:nvme|/dev/nvme)", f"{node.get('id')}"):
        return [_nvme(node, path)] if path else []
    if kind != "disk" or node.get("id") == "namespace" or path.startswith(("/dev/nvme", "/dev/ng", "hwmon")):
        return []
    if re.search(r"mmc", f"{node.get('id')} {path} {node.get('businfo')}") and "boot" in path:
        return []
    size, optical = whole(node.get("size")), "cdrom" in str(node.get("id"))
    if not size and not optical:
        return []  # a card reader without a card
    removable = True if get(node, "capabilities", "removable") else None
    usb = word(node.get("businfo")).startswith("usb") or "usb" in path
    return [
        Drive(
            make_said(node.get("vendor")),
            said(node.get("product")),
            word(node.get("serial")),
            None if optical else size,
            _drive_kind(node, path, optical=optical, usb=usb),
            usb,
            removable,
            path,
            said(node.get("version")),
        )
    ]


def _drive_kind(node: Node, path: str, *, optical: bool, usb: bool) -> DriveKind:
    if optical:
        return DriveKind.OPTICAL
    if path.startswith("/dev/mmcblk"):
        # eMMC is soldered; a card in a reader has the same name and a capability that says so.
        return DriveKind.UNKNOWN if get(node, "capabilities", "removable") else DriveKind.EMMC
    if usb:
        return DriveKind.USB
    rpm = [name for name in (get(node, "capabilities") or {}) if re.fullmatch(r"\d+rpm", str(name))]
    if rpm:
        return DriveKind.HDD
    return DriveKind.SSD if "SSD" in word(node.get("product")).upper() else DriveKind.UNKNOWN


def _nvme(node: Node, path: str) -> Drive:
    sizes = [
        whole(one.get("size")) or 0 for one in _all(each(node.get("children"))) if one.get("class") == "disk"
    ]
    return Drive(
        make_said(node.get("vendor")),
        said(node.get("product")),
        word(node.get("serial")),
        max(sizes, default=0) or None,
        DriveKind.NVME,
        path=path,
        firmware=said(node.get("version")),
    )


def _is_battery(node: Node) -> bool:
    return "battery" in f"{node.get('id')} {node.get('description')}".lower()


def _battery(node: Node) -> Battery:
    capacity = whole(node.get("capacity"))
    return Battery(
        make_said(node.get("vendor")),
        said(node.get("product")),
        word(node.get("serial")),
        design=float(capacity) if capacity and node.get("units") == "mWh" else None,
    )


def _nic(node: Node) -> list[Nic]:
    if node.get("class") != "network":
        return []
    text = word(node.get("description")).lower()
    kind = NicKind.ETHERNET if "ethernet" in text else NicKind.UNKNOWN
    if "wireless" in text or get(node, "configuration", "wireless") or get(node, "capabilities", "wireless"):
        kind = NicKind.WIFI
    address, name = mac(node.get("serial")), _path(node)
    model = _named(node)
    if name.startswith(("docker", "veth", "virbr", "br-", "lo", "tun", "tap", "vmnet")) or not (
        model or address
    ):
        return []
    return [Nic(kind, model, address, name)]


def _screen(node: Node) -> str:
    size = word(get(node, "configuration", "resolution"))
    return size.replace(",", " × ") if re.fullmatch(r"\d{3,5},\d{3,5}", size) else ""


def _is_camera(node: Node) -> bool:
    text = f"{node.get('description')} {node.get('product')}".lower()
    driver = word(get(node, "configuration", "driver"))
    return bool(
        node.get("class") == "multimedia" and ("uvcvideo" in driver or re.search(r"camera|webcam", text))
    )
