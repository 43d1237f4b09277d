"""Rows drawn as PDF operators: the same paper as WeasyPrint would make of them, at a fraction of its cost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import records
from labels.records.rows import BLOCKS, MOST_LINES, Rows, faces
from labels.records.tables import LINE, POINT, SIZE, Row, devices
from labels.setting import lay_out, stylesheet
from tests.labels.makers import a_record, an_item, codes, page_count, pages, press, some_items, texts

LATIN = "".join(chr(point) for first, last in BLOCKS for point in range(first, last + 1))
WORDS = st.text(alphabet=LATIN + " ", max_size=200).map(lambda text: " ".join(text.split()))


def rows_of(*items):
    record = records.checked(a_record(items=items))
    return Rows(record.table, records.drawings(record))


def test_the_kept_faces_have_all_vietnamese_letters_and_a_space():
    for face in faces():
        assert set("ăâđêôơưĂÂĐÊÔƠƯạảãàáặẳẵằắậẩẫầấẹẻẽèéệểễềếỵỷỹỳý0123456789…–“” ") <= face.glyphs.keys()
        assert face.widths.keys() == face.glyphs.keys()
        assert 0.8 < face.baseline < 1.1


def test_widths_are_those_weasyprint_lays_out():
    text = "Samsung Galaxy Tab A7, Trường"
    family = "'Times New Roman', 'Liberation Serif', 'Noto Serif', 'DejaVu Serif', serif"
    css = stylesheet(f"@page {{ size: 500mm 50mm }} a {{ font: 100px {family}; font-kerning: none }}")
    document = lay_out(f'<p><a href="#x" id="x">{text}</a>', css)
    ((_, _, (left, _, right, _), _),) = document.pages[0].links

    assert faces()[0].width(text) * 100 == pytest.approx(right - left, rel=0.006)


@given(WORDS, st.floats(2, 40))
def test_broken_text_loses_nothing_and_fits(text, room):
    face = faces()[0]
    text = "".join(char for char in text if char in face.glyphs)
    broken = face.broken(text, room)

    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert all(face.width(line) <= room + 1e-9 or len(line) == 1 for line in broken)


@pytest.mark.parametrize("odd", ["电脑", "ệ" + "\u0331", "شكرا"])
def test_what_needs_shaping_is_laid_out_as_text(odd):
    items = (*some_items(2, pupils=True), an_item(model=f"Máy {odd}"))
    record = a_record(items=items)
    printed = press().handover_record(record)

    assert not rows_of(*items).stamped
    assert "Nguyễn Thị Huệ" in texts(printed)[0]
    seen = set().union(*map(codes, pages(printed, dpi=203)))
    assert {("QR", item.code) for item in items} <= seen


def test_a_row_too_tall_for_a_page_is_laid_out_as_text():
    wide = "W" * 300
    rows = rows_of(an_item(accessories=wide))

    assert max(map(len, rows.broken[0])) > MOST_LINES
    assert not rows.stamped
    printed = "".join(texts(press().handover_record(a_record(items=(an_item(accessories=wide),)))))
    assert printed.count("W") >= 300


def test_both_ways_give_the_same_words_and_nearly_the_same_paper():
    items = some_items(12, pupils=True)
    odd = (*items[:-1], replace(items[-1], accessories="sạc, cáp 电"))
    fast, slow = (press().handover_record(a_record(items=some)) for some in (items, odd))

    assert page_count(fast) == page_count(slow)
    assert [len(page) for page in texts(fast)] == pytest.approx([len(page) for page in texts(slow)], abs=3)


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=4))
def test_every_line_stands_inside_of_its_cell(words):
    text = " ".join(words)[: records.LONGEST].strip()
    rows = rows_of(an_item(model=text, accessories=text, pupil=text))

    for column, face, cell in zip(
        rows.table.columns, rows.faces, rows.broken[0] if rows.broken else [], strict=False
    ):
        for line in cell:
            assert face.width(line) * SIZE <= column.room + 1e-6
    if rows.stamped:
        assert rows.lines(0) * SIZE * LINE / POINT < 200


def test_the_columns_of_a_list_fill_the_page():
    for pupils in (None, [("Nguyễn Thị Huệ", "7A")]):
        for grade in ("", "B"):
            table = devices([an_item(grade=grade)], pupils=pupils)
            assert sum(column.width for column in table.columns) == 165
            assert all(isinstance(row, Row) and len(row.cells) == len(table.columns) for row in table.rows)
