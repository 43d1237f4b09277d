"""dmidecode: the table of the board's firmware, whole or some of its types (-t).

Source of the fields: dmidecode(8) and DSP0134 (SMBIOS). A full table ends with “End Of Table”; without it
totals would be too low, and are not given.
"""

import re
from typing import NamedTuple

from tracker.evidence.facts import Battery, Cpu, Facts, Firmware, Kind, Module, Serial, Where
from tracker.evidence.plain import firmware_date, first_number, make_said, said, size, uuid, word
from tracker.evidence.refusals import NothingKept, NotRoot, SaysNothing, SeveralMachines
from tracker.evidence.text import lines_of
from tracker.lists.serials import normal_serial
from tracker.words import _

_HANDLE = re.compile(r"Handle (0x[0-9A-Fa-f]{1,8}), DMI type (\d{1,3}), (\d+) bytes")
_FULL = re.compile(r"Table at 0x|\d+ structures occupying ")
_DENIED = re.compile(r"Permission denied|[Cc]an't read memory|/dev/mem: ", re.MULTILINE)
TITLES = {
    "BIOS Information": 0,
    "System Information": 1,
    "Base Board Information": 2,
    "Chassis Information": 3,
    "Processor Information": 4,
    "Physical Memory Array": 16,
    "Memory Device": 17,
    "Portable Battery": 22,
}
#: The types something is kept of.
KEPT = frozenset(TITLES.values())
CUT = _("The end of this dmidecode output is missing: only what stands in it was read.")


class Block(NamedTuple):
    """One structure of the table; `whole` when its end was seen."""

    handle: str
    type: int
    fields: dict[str, str]
    whole: bool = True

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


def facts(text: str) -> Facts:
    """Return the facts of dmidecode's output, or of several of one machine, one after the other.

    Raises: NotRoot, NothingKept, SaysNothing or SeveralMachines.
    """
    lines, ended = lines_of(text)
    outputs = [_blocks(output) for output in _outputs(lines)]
    blocks = list(
        {
            (block.handle, block.type, *block.fields.items()): block for one in outputs for block in one
        }.values()
    )
    if not blocks:
        if _DENIED.search(text):
            raise NotRoot("dmidecode")
        raise SaysNothing("dmidecode")
    if not any(block.type in KEPT for block in blocks):
        raise NothingKept("dmidecode")
    _check_one_machine(outputs)
    # A whole table begins with its place or its length, and ends with its own structure.
    full = sum(1 for one in _outputs(lines) if any(_FULL.match(line) for line in one))
    ends = sum(1 for one in outputs if any(block.type == 127 for block in one))
    end = ends > 0 and ends >= full
    whole = end or (not full and ended)
    memory = _memory(blocks, end=end)
    system = _first(blocks, 1)
    board = _first(blocks, 2)
    chassis = _first(blocks, 3)
    found = Facts(
        Kind.DMIDECODE,
        make=make_said(system.get("Manufacturer")),
        model=said(system.get("Product Name")),
        version=said(system.get("Version")),
        family=said(system.get("Family")),
        board=said(board.get("Product Name")),
        chassis=said(chassis.get("Type")),
        serials=_serials(system, board, chassis),
        uuid=uuid(system.get("UUID")),
        cpu=_cpu([block for block in blocks if block.type == 4], counted=whole),
        memory=memory[0],
        total_memory=memory[1],
        slots=memory[2],
        batteries=tuple(_battery(block) for block in blocks if block.type == 22),
        firmware=_firmware(_first(blocks, 0)),
        whole=whole,
        notes=() if whole else (CUT,),
    )
    return found._replace(
        make=found.make or make_said(board.get("Manufacturer")) or make_said(chassis.get("Manufacturer"))
    )


def _outputs(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("# dmidecode "):
            found.append([])
        found[-1].append(line)
    return found


def _check_one_machine(outputs: list[list[Block]]) -> None:
    for wanted in (1, 2, 3):
        firsts = [_first(blocks, wanted).get("Serial Number") for blocks in outputs]
        if len({serial for text in firsts if (serial := normal_serial(text).serial)}) > 1:
            raise SeveralMachines


def _blocks(lines: list[str]) -> list[Block]:
    """Return the structures; one whose handle is illegible is known by its title."""
    blocks: list[Block] = []
    fields: dict[str, str] | None = None
    for line in lines:
        if match := _HANDLE.match(line):
            fields = {}
            blocks.append(Block(match[1], int(match[2]), fields))
        elif fields is None and line in TITLES:
            fields = {}
            blocks.append(Block("", TITLES[line], fields))
        elif not line.strip():
            fields = None
        elif fields is not None and re.match(r"\t[^\t]", line):
            name, colon, value = line.strip().partition(":")
            if colon:
                fields.setdefault(name, value.strip())
    if fields is not None:
        blocks[-1] = blocks[-1]._replace(whole=False)
    return blocks


def _first(blocks: list[Block], wanted: int) -> Block:
    return next((block for block in blocks if block.type == wanted), Block("", wanted, {}))


def _serials(system: Block, board: Block, chassis: Block) -> tuple[Serial, ...]:
    places = ((Where.SYSTEM, system), (Where.BOARD, board), (Where.CHASSIS, chassis))
    return tuple(
        Serial(where, word(block.get("Serial Number")))
        for where, block in places
        if word(block.get("Serial Number"))
    )


def _cpu(blocks: list[Block], *, counted: bool) -> Cpu | None:
    used = [
        block for block in blocks if "Unpopulated" not in block.get("Status") or said(block.get("Version"))
    ]
    used = [block for block in used if block.get("Type") in ("", "Central Processor")]
    if not used:
        return None
    cores = [
        first_number(block.get("Core Enabled")) or first_number(block.get("Core Count")) for block in used
    ]
    # Some tables count fewer threads than cores, which cannot be.
    threads = [
        count if (count := first_number(block.get("Thread Count")) or 0) >= (core or 0) else 0
        for block, core in zip(used, cores, strict=True)
    ]
    if not counted or not all(block.whole for block in used):
        return Cpu(said(used[0].get("Version")))
    return Cpu(
        said(used[0].get("Version")),
        sum(one or 0 for one in cores) if all(cores) else None,
        sum(threads) if all(threads) else None,
        len(used),
    )


def _memory(blocks: list[Block], *, end: bool) -> tuple[tuple[Module, ...], int | None, int | None]:
    """Return modules, their sum if they are all, and the number of slots."""
    arrays = {block.handle: block for block in blocks if block.type == 16}
    main = {handle for handle, block in arrays.items() if block.get("Use") == "System Memory"}
    devices = [
        block
        for block in blocks
        if block.type == 17
        and (not arrays or block.get("Array Handle") not in arrays or block.get("Array Handle") in main)
    ]
    slots = [first_number(arrays[handle].get("Number Of Devices")) or 0 for handle in main]
    modules = tuple(module for block in devices if (module := _module(block)).size)
    known = all(size(block.get("Size")) or block.get("Size") == "No Module Installed" for block in devices)
    complete = end or (bool(slots) and sum(slots) == len(devices))
    total = sum(module.size or 0 for module in modules) if complete and known else 0
    return modules, total or None, sum(slots) or None


def _module(block: Block) -> Module:
    speed = first_number(block.get("Configured Memory Speed")) or first_number(
        block.get("Configured Clock Speed")
    )
    return Module(
        size(block.get("Size")),
        said(block.get("Type")),
        speed or (first_number(block.get("Speed")) if block.whole else None),
        said(block.get("Locator")),
        said(block.get("Manufacturer")),
        said(block.get("Serial Number")),
    )


def _battery(block: Block) -> Battery:
    capacity = re.fullmatch(r"(\d{1,9}) mWh", block.get("Design Capacity"))
    return Battery(
        make_said(block.get("Manufacturer")),
        said(block.get("Name")),
        word(block.get("Serial Number") or block.get("SBDS Serial Number")),
        design=float(capacity[1]) or None if capacity else None,
    )


def _firmware(block: Block) -> Firmware | None:
    if not block.fields:
        return None
    date = firmware_date(said(block.get("Release Date")))
    return Firmware(said(block.get("Vendor")), said(block.get("Version")), date)
