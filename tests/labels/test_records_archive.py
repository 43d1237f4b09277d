"""Records as files for the archive: PDF/A-3, tagged, with their data, and always the same bytes.

No validator of PDF/A runs here; what can be read back is: what the file says of itself, its fonts and their
widths, its tags, and what is attached.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import records
from labels.records.archive import SCHEMA, VERSION, as_json
from tests.labels.makers import a_record, an_item, in_print, opened, press, some_items
from tests.labels.papers import RECORDS

EVERY = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)


@EVERY
def test_a_record_says_it_is_pdf_a_3_and_has_what_that_needs(record):
    with opened(in_print(record)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        (intent,) = pdf.Root.OutputIntents

        assert 'pdfaid:part="3"' in xmp
        assert 'pdfaid:conformance="A"' in xmp
        assert "Filter" not in pdf.Root.Metadata or pdf.Root.Metadata.Filter != "/Crypt"
        assert intent.S == "/GTS_PDFA1"
        assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "vi"
        assert str(pdf.docinfo.Title) == f"{record.subject}, số {record.number}"
        assert str(pdf.docinfo.Title) in xmp
        assert f"<xmp:CreateDate>{record.on.isoformat()}</xmp:CreateDate>" in xmp
        assert str(pdf.docinfo.CreationDate) == f"D:{record.on:%Y%m%d}"
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
        assert len(pdf.trailer.ID) == 2
        assert not pdf.is_encrypted
        assert not {"/OpenAction", "/AA", "/AcroForm", "/JavaScript"} & (
            pdf.Root.keys() | pdf.Root.Names.keys()
        )


@EVERY
def test_the_data_of_a_record_is_attached_to_the_byte(record):
    with opened(in_print(record)) as pdf:
        ((name, attached),) = pdf.attachments.items()
        (associated,) = pdf.Root.AF

        assert name == f"{record.kind}.json"
        assert attached.get_file().read_bytes() == as_json(records.checked(record))
        assert associated.AFRelationship == "/Data"
        assert str(associated.UF) == name
        assert associated.EF.F.Subtype == "/application/json"


def shape(value):
    if is_dataclass(value):
        return {field.name: shape(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [shape(each) for each in value]
    return None


def shape_of_json(value):
    if isinstance(value, dict):
        return {key: shape_of_json(each) for key, each in value.items()}
    return [shape_of_json(each) for each in value] if isinstance(value, list) else None


@EVERY
def test_the_data_has_every_field_in_order(record):
    written = as_json(record)
    read = json.loads(written)

    assert (read["schema"], read["version"], read["kind"]) == (SCHEMA, VERSION, record.kind)
    assert shape_of_json(read["record"]) == shape(record)
    assert written == json.dumps(read, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def test_what_was_typed_in_pieces_is_attached_in_one():
    record = records.checked(a_record(items=(an_item(model="Ma\u0301y ti\u0301nh"),)))

    assert json.loads(as_json(record))["record"]["items"][0]["model"] == "M\u00e1y t\u00ednh"


@EVERY
def test_every_font_is_embedded_with_the_widths_it_is_set_in(record):
    with opened(in_print(record)) as pdf:
        found = {font.objgen: font for page in pdf.pages for font in page.Resources.Font.values()}
        assert found
        for font in found.values():
            (descendant,) = font.DescendantFonts
            program = TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()), lazy=True)
            units, advances = program["head"].unitsPerEm, program["hmtx"].metrics
            names = program.getGlyphOrder()
            for glyph, width in widths(descendant.W):
                assert abs(advances[names[glyph]][0] * 1000 / units - width) <= 1, (font.BaseFont, glyph)
            assert b"beginbfchar" in font.ToUnicode.read_bytes()


def widths(array):
    """Each glyph and its width from the two notations of a /W array."""
    parts = list(array)
    while parts:
        first = int(parts.pop(0))
        following = parts.pop(0)
        if isinstance(following, pikepdf.Array):
            yield from ((first + at, float(width)) for at, width in enumerate(following))
        else:
            width = float(parts.pop(0))
            yield from ((glyph, width) for glyph in range(first, int(following) + 1))


@EVERY
def test_every_marked_piece_of_a_page_has_its_one_place_in_the_tree(record):
    with opened(in_print(record)) as pdf:
        nums = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        parents = dict(zip(map(int, nums[::2]), nums[1::2], strict=True))
        for page in pdf.pages:
            marked = [int(found) for found in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())]
            elements = list(parents[int(page.StructParents)])

            assert sorted(marked) == list(range(len(elements)))
            for number, element in enumerate(elements):
                assert number in [int(kid) for kid in element.K if isinstance(kid, int)]


def cells(element):
    if element.S == "/TD" and all(isinstance(kid, int) for kid in element.K) and len(element.K):
        yield element
    for kid in element.K:
        if isinstance(kid, pikepdf.Dictionary):
            yield from cells(kid)


def test_the_rows_of_a_list_are_cells_of_a_table_that_know_their_heads():
    record = a_record(items=some_items(20, pupils=True))
    with opened(press().handover_record(record)) as pdf:
        (document,) = pdf.Root.StructTreeRoot.K
        found = list(cells(document))

        assert len(found) == 20 * 6
        for cell in found:
            assert cell.P.S == "/TR"
            assert len(cell.A.Headers) == 1


@EVERY
def test_a_record_printed_twice_is_the_same_to_the_byte(record):
    assert in_print(record) == in_print(record)


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=60))
@settings(max_examples=5)
def test_any_text_is_printed_the_same_twice(text):
    record = a_record(items=(an_item(accessories=text, pupil=text),))

    assert press().handover_record(record) == press().handover_record(record)


PRINTS = """
import hashlib
from tests.labels.makers import in_print
from tests.labels.papers import RECORDS
print(*[hashlib.sha256(in_print(record)).hexdigest() for record in RECORDS])
"""


def test_another_process_with_another_hash_seed_prints_the_same_bytes():
    here = [hashlib.sha256(in_print(record)).hexdigest() for record in RECORDS]
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", PRINTS],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Pacific/Auckland", "PYTHONPATH": "."},
        )
        assert there.stdout.split() == here
