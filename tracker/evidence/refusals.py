"""Why a file is not read. Each is one sentence and the way on; nothing of the file is taken."""

from tracker.refused import Refused
from tracker.words import Words, _

MAX_BYTES = 10 * 1024 * 1024  # of one file; a large server's lshw is 1 MB
MAX_DEPTH = 40  # of JSON and XML; lshw of a server with many bridges is some 12 deep
MAX_VALUES = 1_000  # of JSON, one after the other; smartctl writes one a drive
MAX_ELEMENTS = 200_000  # of XML, objects and lists of JSON; a large server's lshw has some 5,000

MAX_LINES = 500_000  # a large server's lshw has some 40,000
MAX_THINGS = 200  # drives, modules, cards, batteries or wipes of one file

_AGAIN = _("Run the tool on the machine again and send the file it writes.")


class Empty(Refused):
    def __init__(self) -> None:
        super().__init__(_("This file is empty."), out=_AGAIN)


class TooLarge(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This file is larger than %(most)s MB: no tool writes so much.", most=MAX_BYTES // 2**20),
            out=_("Send the file of one machine alone."),
        )


class NotText(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This file is not text."),
            out=_("Send the text that the tool writes, not a picture, a PDF or an archive of it."),
        )


class Unknown(Refused):
    """Text, but of no tool that is read here."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not what a known tool writes."),
            out=_(
                "Read are lshw (JSON or XML), dmidecode, lscpu, lspci, smartctl, lsblk (JSON), upower, nwipe, "
                "decode-dimms, and of Android getprop and dumpsys battery."
            ),
        )


class Cut(Refused):
    """JSON or XML whose end is missing, or that is damaged."""

    def __init__(self) -> None:
        super().__init__(_("This file is cut off or damaged: it has no proper end."), out=_AGAIN)


class TooDeep(Refused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "This file is nested deeper, or has more lines or elements, than any tool writes: it was not read."
            ),
            out=_AGAIN,
        )


class Entities(Refused):
    """XML that brings its own definitions; no tool does."""

    def __init__(self) -> None:
        super().__init__(
            _("This XML file brings definitions of its own (DOCTYPE): it was not read."), out=_AGAIN
        )


class SeveralMachines(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("This file holds the output of several machines."),
            out=_("Send the file of each machine alone."),
        )


class ToolMissing(Refused):
    def __init__(self, tool: str) -> None:
        super().__init__(
            _("The tool was not there: “%(tool)s” was not found on the machine.", tool=tool),
            out=_("Install it on the machine, or start the machine from the stick that has it."),
        )


class NotRoot(Refused):
    def __init__(self, tool: str) -> None:
        super().__init__(
            _(
                "%(tool)s was not allowed to read the hardware: it was run without the rights of root.",
                tool=tool,
            ),
            out=_("Run it again with sudo."),
        )


class NotOpened(Refused):
    """smartctl that could not reach the drive."""

    def __init__(self, drive: str) -> None:
        super().__init__(
            _("smartctl could not open the drive %(drive)s: it says nothing of it.", drive=drive),
            out=_("Run it as root, with the name of the drive; a drive in a USB adapter may need “-d sat”."),
        )


class SaysNothing(Refused):
    """Of a known tool, whole, and without one fact."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            _("%(tool)s found nothing on this machine: the file holds no fact.", tool=tool),
            out=_("Send what another tool writes."),
        )


class NothingKept(Refused):
    """Of a known tool, with content, and none of it is among the facts."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            _(
                "This output of %(tool)s speaks only of what is not kept here, such as ports and slots.",
                tool=tool,
            ),
            out=_("Run it without choosing a type, so that it shows the whole table."),
        )


class EmptyList(Refused):
    """JSON without anything in it, as smartctl leaves on a machine whose drives it cannot see."""

    def __init__(self) -> None:
        super().__init__(
            _("This file holds an empty list: the tool found nothing."),
            out=_("Send what another tool writes."),
        )


class NothingWhole(Refused):
    """A text whose only lines with facts are cut."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            _("This output of %(tool)s is cut off before its first whole fact.", tool=tool), out=_AGAIN
        )


class NoPart(Refused):
    """A bundle of which nothing could be read."""

    def __init__(self, sentence: Words | str) -> None:
        super().__init__(
            _("No part of this bundle could be read. The first: %(why)s", why=sentence), out=_AGAIN
        )
