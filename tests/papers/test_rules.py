"""What holds of papers whatever people write."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.custody.road import Move, Status
from tracker.papers import form
from tracker.papers.rules import ISSUERS, LONGEST, Issued, Kind, findings, makes_sense, number
from tracker.people.roles import Role

TEXT = st.text(min_size=1, max_size=600)


@given(
    st.integers(0, 20),
    st.lists(st.tuples(TEXT.map(lambda t: t[:120]), TEXT), max_size=20),
    st.lists(TEXT, max_size=9),
)
def test_findings_fit_on_paper_and_count_what_they_leave_out(good, bad, faults):
    said = findings(good, bad, faults)

    assert len(said) <= LONGEST
    if bad and not all(label in said for label, _note in bad):
        assert "mục khác" in said


def test_findings_that_fit_say_everything():
    said = findings(15, [("Pin", "chai"), ("Loa", "")], ["Bàn phím"])

    assert said == "15 mục kiểm tra đạt. Không đạt: Pin (chai); Loa. Hư hỏng: Bàn phím."


def test_numbers_are_those_of_the_decree():
    assert number(Kind.REPAIR, 7, "VP") == "07/BB-VP"
    assert number(Kind.ERASURE, 112, "VP") == "112/GCN-VP"


@given(st.dictionaries(st.sampled_from(["member-1", "position-1", "basis", "other"]), st.text(max_size=8000)))
def test_answers_are_printable_and_only_what_was_asked(typed):
    said = form.answers(Kind.INSPECTION, typed, ["7K3M9QX2"])

    assert "other" not in said
    assert all(text.isprintable() or "\u200d" in text or "\u200c" in text for text in said.values())
    found = form.wrong(Kind.INSPECTION, said, ["7K3M9QX2"], on=date(2026, 1, 7))
    assert all(len(text) <= LONGEST or name in found for name, text in said.items())


def test_a_paper_is_offered_after_its_event_until_one_tells_of_it():
    last = {"pass": 9, "erase": 8}
    told = Issued(1, Kind.INSPECTION, "01/BB-VP", False, 9)

    def offered(*issued, **more):
        return makes_sense(Status.READY, last | more, issued, Role.TECHNICIAN)

    assert offered() == [Kind.INSPECTION, Kind.ERASURE]
    assert offered(told) == [Kind.ERASURE]
    assert offered(told._replace(replaced=True)) == [Kind.INSPECTION, Kind.ERASURE]
    assert offered(told, **{"pass": 12}) == [Kind.INSPECTION, Kind.ERASURE]


def test_a_certificate_is_not_offered_after_data_came_onto_the_device_again():
    def offered(last):
        return makes_sense(Status.RETURNED, last, [], Role.TECHNICIAN)

    assert offered({"receive": 1, "erase": 8}) == [Kind.ERASURE]
    assert offered({"receive": 1, "erase": 8, "take-back": 12}) == []


def test_a_return_is_offered_after_a_take_back_and_not_after_a_find():
    def offered(last):
        return makes_sense(Status.RETURNED, last, [], Role.SCHOOL)

    assert offered({Move.TAKE_BACK: 9}) == [Kind.RETURN]
    assert offered({Move.TAKE_BACK: 9, Move.FIND: 12}) == []


def test_those_who_only_read_issue_nothing():
    assert not {Role.AUDITOR, Role.ADMIN} & frozenset().union(*ISSUERS.values())
