"""Papers that many sign and many get: nothing is torn in two, nothing touches, nothing leaves the page."""

import pypdfium2 as pdfium
import pytest

from labels.records import checks
from labels.refusals import TooLong
from tests.labels.makers import a_record, in_print, page_count, texts
from tests.labels.papers import a_member, a_retirement, a_transfer

RECEIVERS = tuple(f"Phòng Văn hóa - Xã hội xã Đạo Trù {at} (để phối hợp)" for at in range(20))
COUNCIL = tuple(
    a_member(f"Nguyễn Thị Thu Hằng {at}", "Phó Trưởng phòng Kế hoạch - Tài chính, Thành viên")
    for at in range(9)
)
MM = 25.4 / 72
#: What 13-point letters keep between the columns of three signers: more than a space of 1.1 mm.
GAP = 2.0


@pytest.fixture(scope="module")
def crowded():
    return in_print(a_retirement(12, members=COUNCIL, copies_to=RECEIVERS))


def letters(pdf, page):
    """Left, bottom and right of every letter of a page, in mm."""
    with pdfium.PdfDocument(pdf) as document:
        text = document[page].get_textpage()
        for at in range(text.count_chars()):
            if not text.get_text_range(at, 1).isspace():
                left, bottom, right, _top = text.get_charbox(at)
                yield left * MM, bottom * MM, right * MM


def test_who_signs_stands_on_the_page_where_they_sign(crowded):
    signed = [page for page in texts(crowded) if "(Ký, ghi rõ họ tên" in page]

    assert sum(page.count("(Ký, ghi rõ họ tên") for page in signed) == 10
    for page in signed:
        named = sum(page.count(member.name) for member in COUNCIL) + page.count("Nguyễn Văn Thuỷ")
        assert named == page.count("(Ký, ghi rõ họ tên")


def test_the_box_of_the_ledger_is_not_torn(crowded):
    (page,) = [page for page in texts(crowded) if "Xác nhận sổ cái điện tử" in page]

    assert "Dấu khóa:" in page


def test_many_receivers_take_the_width_and_fewer_pages(crowded):
    assert page_count(crowded) == 5
    assert page_count(in_print(a_transfer(9, copies_to=RECEIVERS))) == 2


def test_long_positions_of_neighbours_do_not_touch(crowded):
    page = next(at for at, text in enumerate(texts(crowded)) if "(Ký, ghi rõ họ tên)" in text)
    between = [30 + 165 * third / 3 for third in (1, 2)]
    # Below the last line that goes from margin to margin, above the one who signs alone.
    rows = [(left, right) for left, bottom, right in letters(crowded, page) if 120 < bottom < 255]

    assert rows
    for middle in between:
        assert not [one for one in rows if one[0] < middle + GAP / 2 and one[1] > middle - GAP / 2]


@pytest.mark.parametrize("field", ["number", "secret"])
def test_what_stands_in_the_foot_of_every_page_fits_there(field):
    most = checks.SHORTER[field]
    pdf = in_print(a_record(**{field: "W" * most}))

    assert min(bottom for page in range(page_count(pdf)) for _, bottom, _ in letters(pdf, page)) > 4
    with pytest.raises(TooLong, match=f"{field}, at most {most} "):
        in_print(a_record(**{field: "W" * (most + 1)}))
