"""What `labels` takes from WeasyPrint 70 beside its documented interface. If this fails, do not raise the version."""

import pytest
from weasyprint import __version__

from labels.faces import alphabet, kept
from labels.press import lay_out, stylesheet, write
from labels.sheets import pieces, prepared
from tests.labels.makers import opened, some_labels


def test_weasyprint_is_the_version_this_was_written_for():
    assert __version__.split(".")[0] == "70"


def test_the_kept_faces_have_the_whole_alphabet_in_two_weights():
    faces = kept()
    characters = set(alphabet()) | {" "}

    assert characters >= set("ăâđêôơưĂÂĐÊÔƠƯạảãàáặẳẵằắậẩẫầấẹẻẽèéệểễềếỵỷỹỳý0123456789…–“”")
    for face in (faces.regular, faces.bold):
        assert characters - face.glyphs.keys() == set()
        assert face.widths.keys() == face.glyphs.keys()
        assert 0.2 < face.widths["i"] < face.widths["W"] < 1.3
        assert len(set(face.glyphs.values())) == len(face.glyphs)
    assert faces.regular.name != faces.bold.name
    assert faces.bold.width("Hamburg") > faces.regular.width("Hamburg")


def test_widths_are_those_weasyprint_lays_out():
    text = "Samsung Galaxy Tab A7, Trường"
    css = stylesheet(
        "@page { size: 500mm 50mm; margin: 0 } a { font: 100px 'Noto Sans', 'DejaVu Sans', 'Liberation Sans';"
        " font-kerning: none }"
    )
    document = lay_out(f'<p><a href="#x" id="x">{text}</a>', css)
    ((_, _, (_, _, width, _), _),) = document.pages[0].links

    # Liberation Sans is hinted: laid out at a size, its letters have widths of whole pixels.
    assert kept().regular.width(text) * 100 == pytest.approx(width, rel=0.006)


def test_writing_a_document_again_gives_the_same_bytes():
    document = lay_out("<p>một", stylesheet(""))

    assert write(document) == write(document)


@pytest.mark.parametrize("count", [1, 21, 22, 63])
def test_a_paper_comes_sheet_by_sheet_and_is_a_whole_file(count):
    job = prepared(some_labels(count), stock="L7160")
    head, *sheets, tail = pieces(job)

    assert len(sheets) == job.sheets
    assert all(sheet.endswith(b"endstream\nendobj\n") for sheet in sheets)
    with opened(head + b"".join(sheets) + tail) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == job.sheets
