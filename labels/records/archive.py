"""A record for the archive: PDF/A-3 with its values attached as JSON, and the same bytes for the same values.

The file says what it is (XMP, level A: tagged, with title and language), carries its fonts and the colours it
means, and has the record as an associated file with the relationship `Data`. Nothing in it comes from a clock:
its dates are the record's own.
"""

import json
import zlib
from datetime import UTC, datetime, time
from functools import cache
from importlib import resources

import pydyf
from weasyprint import Attachment
from weasyprint.document import Document

from labels.records.base import Record
from labels.records.plain import plain
from labels.setting import FETCHER, ZLIB_LEVEL, Finisher, settle, write

SCHEMA = "device-record"
VERSION = 1
VARIANT = "pdf/a-3a"


def as_json(record: Record) -> bytes:
    """Return every field of a checked record as JSON in UTF-8, keys in order: the same bytes for the same values."""
    values = {"schema": SCHEMA, "version": VERSION, "kind": record.kind, "record": plain(record)}
    return json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def archived(document: Document, record: Record, finisher: Finisher) -> bytes:
    """Write a laid-out record as PDF/A-3a with its values attached."""
    document.metadata.created = document.metadata.modified = record.on.isoformat()
    at = datetime.combine(record.on, time(), UTC)
    attachment = Attachment(
        string=as_json(record).decode(),
        url_fetcher=FETCHER,
        name=f"{record.kind}.json",
        description=f"{record.heading} số {record.number}: dữ liệu",
        created=at,
        modified=at,
        relationship="Data",
    )

    def finish(document: Document, pdf: pydyf.PDF) -> None:
        _mean_colours(pdf)
        # WeasyPrint names each associated file twice.
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
        finisher(document, pdf)
        settle(pdf)

    # Without an `output_intent` WeasyPrint reads its profile again for every document, and leaves the file open.
    return write(document, finish, pdf_variant=VARIANT, output_intent="", attachments=[attachment])


def _mean_colours(pdf: pydyf.PDF) -> None:
    profile = pydyf.Stream([_profile()], pydyf.Dictionary({"N": 3, "Filter": "/FlateDecode"}))
    pdf.add_object(profile)
    intent = {
        "Type": "/OutputIntent",
        "S": "/GTS_PDFA1",
        "OutputConditionIdentifier": pydyf.String("sRGB IEC61966-2.1"),
        "Info": pydyf.String("sRGB IEC61966-2.1"),
        "DestOutputProfile": profile.reference,
    }
    pdf.catalog["OutputIntents"] = pydyf.Array([pydyf.Dictionary(intent)])


@cache
def _profile() -> bytes:
    profile = resources.files("weasyprint.pdf") / "sRGB2014.icc"
    return zlib.compress(profile.read_bytes(), ZLIB_LEVEL)
