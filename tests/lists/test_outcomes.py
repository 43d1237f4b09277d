import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lists.samples import PUPIL_HEADINGS, SONG_LO, a_sheet
from tracker.allocation.list_rules import KnownPupils, PupilRow, judge_pupils
from tracker.intake.list_rules import DeviceRow
from tracker.lists.outcomes import counts, outcomes_csv, plain_cell, sentences
from tracker.lists.verdicts import MEANINGS, REASONS, Outcome, outcome_of


def one_row(name: str) -> list[PupilRow]:
    sheet = a_sheet([PUPIL_HEADINGS, [name, "2006", "", "", "", "", ""]])
    return judge_pupils([sheet], SONG_LO, known=KnownPupils(), schools=[])


def test_the_strongest_reason_decides():
    assert outcome_of([]) is Outcome.NEW
    assert outcome_of(["id_missing", "maybe_same"]) is Outcome.ASK
    assert outcome_of(["serial_missing", "same_imei"]) is Outcome.DUP
    assert outcome_of(["same_serial", "kind_other", "imei_luhn"]) is Outcome.BAD
    with pytest.raises(KeyError):
        outcome_of(["never heard of"])


def test_every_outcome_and_reason_says_what_it_means_and_what_to_do():
    assert set(MEANINGS) == set(Outcome)
    for reason in REASONS.values():
        assert str(reason.sentence).endswith(".")
        assert str(reason.out).endswith(".")


def test_every_reason_that_the_rules_give_has_a_sentence():
    rooms = Path(__file__).resolve().parents[2] / "tracker"
    code = "".join(path.read_text() for path in rooms.glob("*/list_rules.py"))
    code += "".join(
        (rooms / "lists" / f"{one}.py").read_text() for one in ("values", "schools", "organisations")
    )
    given_by_rules = set(
        re.findall(r'"((?:id|dob|no|same|maybe|other|imei|model|serial|kind)_[a-z]+)"', code)
    )

    assert {one for one in given_by_rules if one in REASONS} >= {
        "id_zero",
        "dob_bad",
        "same_imei",
        "kind_other",
    }
    assert given_by_rules - set(REASONS) <= {"no_device", "no_net"}


def test_a_row_tells_all_its_reasons():
    (row,) = one_row("Lê A")

    assert [str(sentence) for sentence, _ in sentences(row)] == [
        "There is no citizen number.",
        "Only the year of birth is given.",
    ]


def test_the_counts_name_all_outcomes():
    told = counts(one_row("Lê A"))

    assert (told.rows, told.added, len(told.outcomes)) == (1, 1, 5)
    assert told.reasons == {"dob_year": 1, "id_missing": 1}


@given(st.text(alphabet="=+-@＝＋－＠\t\r\n \u200b\u00a0\ufeffab1'", min_size=1))
def test_no_value_is_written_as_a_formula(text: str):
    written = plain_cell(text)

    assert written in (text, "'" + text)
    assert not re.match(r"[\s\u200b\u200c\u200d\u2060\ufeff]*[=+\-@＝＋－＠]", written)


def test_a_hostile_name_comes_back_as_text():
    data = outcomes_csv(one_row('=HYPERLINK("http://example.com")'), columns=PupilRow.columns)
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))

    assert row["name"] == '\'=HYPERLINK("http://example.com")'


def test_the_file_begins_with_a_mark_that_excel_needs():
    assert outcomes_csv([], columns=DeviceRow.columns).startswith(b"\xef\xbb\xbffile,sheet,line,outcome,why,")
