"""nwipe's log: one `Wipe` a drive, `ok` only where every word of it says so.

Older nwipe printed “Erased” in its table beside verification errors in its text (its pull request 317), and
some versions skipped verification with --noblank (issue 17): the headline is quoted and never believed alone.
Written from the forms of 0.14 to 0.42: “[2020/03/18 17:59:56] nwipe: notice: …” and “…  notice: …”.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.evidence.facts import Drive, DriveKind, Facts, Kind, Outcome, Serial, Where, Wipe
from tracker.evidence.plain import make_said, said, uuid, whole, word
from tracker.evidence.refusals import MAX_THINGS, SaysNothing, TooDeep
from tracker.evidence.text import lines_of
from tracker.words import Words, _

LINE = re.compile(
    r"\[(\d{4}/\d\d/\d\d) (\d\d:\d\d:\d\d)\] +(?:nwipe: )?(debug|info|notice|warning|error|fatal|sanity): (.*)"
)
_DEVICE = re.compile(r"/dev/[A-Za-z0-9/_-]{1,40}")
_ERRORS = re.compile(r"([!x ]?) *([A-Za-z0-9/_-]{1,40}) \| +(\d{1,19}) \| +(\d{1,19}) \|(?: +(\d{1,19}))?\s*")
_STATUS = re.compile(
    r"([! ]?) *([A-Za-z0-9/_-]{1,40}) \|([^|]{4,12})\|([^|]{3,20})\| *(\d{1,4}:\d\d:\d\d) *\| ?([^/]{0,60})/ ?(.*)"
)
_TOTAL = re.compile(
    r"\[(\d{4}/\d\d/\d\d) (\d\d:\d\d:\d\d)\] Total [Tt]hroughput [^,]{1,30}, (.{1,40}), (\d{1,4})R\+(N?B)\+(NV|VL|VA)\s*"
)
_TROUBLE = re.compile(r"fail|error|unable|cannot|abort|bad block", re.IGNORECASE)
_READING = re.compile(
    r"write|read|sync|flush|seek|verif|I/O|input/output|wipe|pass|block|lseek|blank", re.IGNORECASE
)
_VERIFY = {"NV": "none", "VL": "last", "VA": "all"}
_BEGINS = r"nwipe \d|Opened entropy source|Found /dev/|Invoking method|Starting (?:round|pass)"
#: nwipe's own methods that only read.
_ONLY_READS = ("Verify Zeros", "Verify Ones", "Verify Zero", "Verify One")

PASS_ERRORS = _("There were %(n)s errors while writing.")
VERIFY_ERRORS = _("There were %(n)s verification errors.")
IO_ERRORS = _("There were %(n)s input/output errors.")


@dataclass
class Log:
    """What the lines say of one drive, gathered."""

    path: str
    model: str = ""
    serial: str = ""
    size: int | None = None
    usb: bool = False
    method: str = ""
    started: str = ""
    verified: bool = False
    said: str = ""
    errors: dict[str, int] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    in_table: bool = False


@dataclass
class Run:
    """One run of nwipe: its options and its drives."""

    drives: dict[str, Log] = field(default_factory=dict)
    tool: str = ""
    method: str = ""
    rounds: int | None = None
    blank: bool | None = None
    verify: str = ""
    ended: str = ""
    trouble: list[str] = field(default_factory=list)
    aborted: bool = False
    machine: dict[str, str] = field(default_factory=dict)

    def drive(self, path: str) -> Log:
        if len(self.drives) > MAX_THINGS:
            raise TooDeep
        return self.drives.setdefault(path, Log(path))


def facts(text: str) -> Facts:
    """Return the wipes of a log, and what it says of the drives and the machine.

    Raises: SaysNothing or TooDeep.
    """
    lines, ended = lines_of(text)
    runs = _runs(lines)
    wipes = tuple(_wipe(run, log) for run in runs for log in run.drives.values() if log.started or log.said)
    machine = next((run.machine for run in runs if run.machine), {})
    drives = tuple(
        {_drive(log): None for run in runs for log in run.drives.values() if log.model or log.serial}
    )
    found = Facts(
        Kind.NWIPE,
        make=make_said(machine.get("system-manufacturer")),
        model=said(machine.get("system-product-name")),
        version=said(machine.get("system-version")),
        board=said(machine.get("baseboard-product-name")),
        chassis=said(machine.get("chassis-type")),
        serials=tuple(
            Serial(where, word(machine[name]))
            for where, name in (
                (Where.SYSTEM, "system-serial-number"),
                (Where.BOARD, "baseboard-serial-number"),
                (Where.CHASSIS, "chassis-serial-number"),
            )
            if word(machine.get(name))
        ),
        uuid=uuid(machine.get("system-uuid")),
        drives=drives,
        wipes=wipes,
        whole=ended and bool(runs) and all(run.ended for run in runs),
    )
    if not (wipes or drives or machine):
        raise SaysNothing("nwipe")
    return found


def _drive(log: Log) -> Drive:
    kind = (
        DriveKind.NVME
        if log.path.startswith("/dev/nvme")
        else DriveKind.USB
        if log.usb
        else DriveKind.UNKNOWN
    )
    return Drive(
        model=said(log.model), serial=log.serial, size=log.size, kind=kind, usb=log.usb, path=log.path
    )


def _runs(lines: list[str]) -> list[Run]:
    """Split at each start of nwipe, since a log file is appended to."""
    runs: list[Run] = []
    for line in lines:
        match = LINE.fullmatch(line.rstrip())
        begins = match is not None and re.match(_BEGINS, match[4])
        if not runs or (
            begins and (runs[-1].ended or (runs[-1].tool and match and match[4].startswith("nwipe ")))
        ):
            runs.append(Run())
        if match:
            _event(runs[-1], f"{match[1].replace('/', '-')}T{match[2]}", match[3], match[4].strip())
        else:
            _summary(runs[-1], line)
    return runs


def _event(run: Run, at: str, level: str, message: str) -> None:
    _options(run, message)
    if re.search(r"user abort|aborted by|terminat", message, re.IGNORECASE):
        run.aborted = True
    paths = list(dict.fromkeys(_DEVICE.findall(message)))
    for path in paths:
        _of_drive(run.drive(path), at, message)
    failure = level in ("error", "fatal", "sanity") or re.search(
        r"FAILURE|(?:not been|not be) blanked", message
    )
    doubt = level == "warning" and paths and _TROUBLE.search(message) and _READING.search(message)
    if failure or doubt:
        for path in paths:
            run.drive(path).trouble.append(word(message))
        if not paths:
            run.trouble.append(word(message))


def _options(run: Run, message: str) -> None:
    if match := re.match(r"nwipe (\d[\w.~-]{0,30})", message):
        run.tool = match[1]
    elif match := re.fullmatch(r"([a-z]{4,9}-[a-z-]{4,20}) = (.*)", message):
        run.machine.setdefault(match[1], match[2].strip())
    elif match := re.fullmatch(r"(do not )?perform a final blank pass", message):
        run.blank = not match[1]
    elif match := re.fullmatch(r"verify +=? *\d* *\((off|last pass|all passes?)\)", message):
        run.verify = {"off": "none", "last pass": "last"}.get(match[1], "all")


def _of_drive(log: Log, at: str, message: str) -> None:
    if match := re.match(r"Found /dev/[^,]+, (.*), ?(\d+ ?[kMGTP]?B), S/N=(.*)", message):
        bus, comma, model = match[1].rpartition(",")
        log.usb = "USB" in bus or match[1].lstrip().startswith("USB")
        log.model, log.serial = word(model if comma else match[1]), _serial(match[3])
    elif match := re.search(r"has serial number ?(.*)", message):
        log.serial = log.serial or _serial(match[1])
    elif match := re.search(r"sect/blk/dev \d+/\d+/(\d{1,18})", message) or re.search(
        r" is size (\d{1,18})", message
    ):
        log.size = whole(match[1])
    elif match := re.match(r"Invoking method '([^']{1,60})' on", message):
        log.method, log.started = match[1], log.started or at
    elif message.startswith(("Starting round", "Starting pass")):
        log.started = log.started or at
    elif re.match(r"(?:\[SUCCESS\] )?Verified (?:that|pass|the final)", message):
        log.verified = True
    elif match := re.match(r"(\d{1,19}) (verification|wipe|pass|fdatasync)\w* errors? on", message):
        name = {"verification": "verify", "fdatasync": "io"}.get(match[2], "pass")
        log.errors[name] = max(log.errors.get(name, 0), int(match[1]))


def _serial(text: str) -> str:
    """Return a serial, "" where nwipe hides it (-q writes XXXXXX or ?????)."""
    text = word(text)
    return "" if re.fullmatch(r"[?X]+", text) else text


def _summary(run: Run, line: str) -> None:
    if match := _ERRORS.fullmatch(line):
        log = _named(run, match[2])
        counts = {"pass": match[3], "verify": match[4], "io": match[5]}
        for name, count in counts.items():
            if count is not None:
                log.errors[name] = max(log.errors.get(name, 0), int(count))
    elif match := _STATUS.fullmatch(line):
        log = _named(run, match[2])
        log.said, log.in_table = word(match[3].strip(" -")), True
        log.model = log.model or word(match[6])
        log.serial = log.serial or _serial(match[7])
        if match[1] == "!":
            log.trouble.append("!")
    elif match := _TOTAL.fullmatch(line):
        run.ended = f"{match[1].replace('/', '-')}T{match[2]}"
        run.method, run.rounds = word(match[3]), int(match[4])
        run.blank, run.verify = match[5] == "B", _VERIFY[match[6]]


def _named(run: Run, name: str) -> Log:
    """Return the drive of a row of a table, which cuts a long name to its end."""
    for path, log in run.drives.items():
        if path == f"/dev/{name}" or path.endswith(f"/{name}"):
            return log
    return run.drive(f"/dev/{name}")


def _wipe(run: Run, log: Log) -> Wipe:
    failed, doubtful = list(_failures(run, log)), list(_doubts(run, log))
    outcome = Outcome.FAILED if failed else Outcome.UNPROVEN if doubtful else Outcome.OK
    return Wipe(
        log.path,
        outcome,
        tuple(failed + doubtful),
        log.said,
        said(log.model),
        log.serial,
        log.size,
        log.method or run.method,
        run.rounds,
        run.verify,
        log.errors.get("pass"),
        log.errors.get("verify"),
        log.errors.get("io"),
        log.started,
        run.ended if log.in_table else "",
        run.tool,
    )


def _failures(run: Run, log: Log) -> Iterator[Words]:
    for name, words in (("pass", PASS_ERRORS), ("verify", VERIFY_ERRORS), ("io", IO_ERRORS)):
        if count := log.errors.get(name):
            yield Words(words.message, n=count)
    if "abort" in log.said.lower():
        yield _("It was aborted.")
    elif log.said and log.said.lower() != "erased":
        yield _("nwipe itself says: %(said)s.", said=log.said)
    real = [words for words in log.trouble if words != "!"]
    if real:
        yield _("The log holds an error of this drive: %(words)s", words=real[0])
    elif log.trouble and not any(log.errors.values()):
        yield _("nwipe marks it with “!”.")


def _doubts(run: Run, log: Log) -> Iterator[Words]:
    if not run.ended or not log.in_table:
        yield _("The log has no end: its summary is missing.")
    elif not log.said:
        yield _("The summary has no word on this drive.")
    if run.ended and not {"pass", "verify"} <= log.errors.keys():
        yield _("The log has no table of errors.")
    if run.verify == "none":
        yield _("Nothing was read back: verification was switched off.")
    elif not log.verified:
        yield _("The log does not say that the drive was read back.")
    if (log.method or run.method).startswith(_ONLY_READS):
        yield _("The drive was only read, nothing was overwritten.")
    if run.trouble:
        yield _("The log holds an error that names no drive: %(words)s", words=run.trouble[0])
    if run.aborted and not log.in_table:
        yield _("It was aborted.")
