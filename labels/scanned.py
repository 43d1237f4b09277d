"""Signed sheets that come back as a scan or a photograph: what their codes say, page by page, and how they look.

The file comes from outside, so it is opened by a process of its own (`labels.scanner`) that has little memory and time
and nothing to steal; a file that breaks it breaks nothing else.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Semaphore
from typing import NamedTuple

from labels.refusals import N_, PaperRefused

MOST_BYTES = 20_000_000
WAIT = 150  # seconds
#: How many are opened at once: a page takes some 60 MB.
AT_ONCE = 2

_PLACE = Path(__file__).parent.parent
_turn = Semaphore(AT_ONCE)

_SENTENCES = {
    "empty": N_("The file is empty."),
    "large": N_("The file has %(size)s MB, at most %(most)s can be read."),
    "unknown": N_("This is no PDF, PNG or JPEG."),
    "encrypted": N_("The PDF is locked with a password."),
    "broken": N_("The file is damaged and cannot be opened."),
    "pages": N_("The PDF has %(pages)s pages, at most %(most)s can be read."),
    "pixels": N_("The picture has %(pixels)s million pixels, at most %(most)s can be read."),
    "slow": N_("Reading this file took too long or too much memory, so nothing of it was read."),
}


class NotAScan(PaperRefused):
    """A file of which no page was read; `key` names the reason."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        super().__init__(_SENTENCES[key], **values)


class Page(NamedTuple):
    """One page: the texts of its QR codes, and a JPEG of at most 1,600 pixels a side."""

    codes: tuple[str, ...]
    picture: bytes


def read(data: bytes) -> list[Page]:
    """Return the pages of a PDF, PNG or JPEG.

    Raises:
        NotAScan: it is something else, locked, damaged, too much, or takes too long.
    """
    if len(data) > MOST_BYTES:
        raise NotAScan("large", size=-(-len(data) // 1_000_000), most=MOST_BYTES // 1_000_000)
    with _turn:
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "labels.scanner"],
                input=data,
                capture_output=True,
                timeout=WAIT,
                check=False,
                cwd=_PLACE,
                env={name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ},
            )
        except subprocess.TimeoutExpired as error:
            raise NotAScan("slow") from error
    return _pages(ran.stdout)


def _pages(said: bytes) -> list[Page]:
    found: list[Page] = []
    at = 0
    while True:
        end = said.find(b"\n", at)
        if end < 0:  # it was killed
            raise NotAScan("slow")
        told = json.loads(said[at:end])
        if "refused" in told:
            raise NotAScan(told["refused"], **told["values"])
        if "end" in told:
            return found
        at = end + 1 + told["picture"]
        found.append(Page(tuple(told["codes"]), said[end + 1 : at]))
