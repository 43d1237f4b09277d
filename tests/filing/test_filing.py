"""Signed papers that come back: pages file themselves, whatever order they come in, and only where they belong."""

import io
import threading

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import insert, select

from labels.records import plain
from tests.filing.conftest import printed
from tests.handover.makers import a_delivery
from tests.intake.makers import Browser, send, text
from tests.labels.papers import an_inspection
from tests.makers import AT, a_person, an_organisation, sign_in_as
from tracker.filing.models import ScanFile, Sheet, SheetStep
from tracker.papers.models import Paper
from tracker.people.models import Access, Organisation
from tracker.people.roles import OrgKind, Role


def sheets(session):
    """Where every page is: (state, kind, record, page, of how many), by file and place in it."""
    rows = session.execute(
        select(Sheet.state, Sheet.kind, Sheet.record_id, Sheet.page, Sheet.pages).order_by(
            Sheet.file_id, Sheet.n
        )
    )
    return [tuple(row) for row in rows]


def reasons(session):
    return list(session.scalars(select(Sheet.reason).order_by(Sheet.id)))


def as_scanner(pdf, *, order=None, dpi=150):
    """The paper as an office's scanner sends it: pictures in a PDF, in any order."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[at].render(scale=dpi / 72).to_pil().convert("L") for at in range(len(document))]
    first, *rest = [pages[at] for at in order or range(len(pages))]
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=dpi, quality=30)
    return out.getvalue()


def as_photograph(pdf, page=0, *, dpi=150, turned=4):
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=dpi / 72).to_pil().convert("L")
    picture = picture.rotate(turned, fillcolor=120, expand=True).point(lambda shade: 50 + shade * 130 // 255)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=40)
    return out.getvalue()


def test_a_scanned_record_files_itself_page_by_page_in_any_order(session, way, record, school, sent):
    answer = sent((as_scanner(record, order=[2, 0, 1]), "Biên bản đã ký.pdf"))

    assert answer.status_code == 303
    count = len(pypdfium2.PdfDocument(record))
    assert sheets(session) == [("filed", "handover", way.id, page, count) for page in (3, 1, 2)]
    shown = text(school.get(answer.location))
    assert shown.count("Đã lưu") == 3
    assert "Biên bản đã ký.pdf" in shown
    detail = text(school.get(f"/handovers/{way.id}"))
    assert "Bản giấy đã ký" in detail
    assert "Chưa đủ các trang" not in detail
    assert detail.count('class="sheet"') == 3


def test_pages_that_are_missing_are_named(session, way, record, school, sent):
    sent(as_photograph(record, page=1))

    count = len(pypdfium2.PdfDocument(record))
    assert sheets(session) == [("filed", "handover", way.id, 2, count)]
    assert "còn thiếu trang 1, 3" in text(school.get(f"/handovers/{way.id}"))


def test_several_records_in_one_file_go_each_to_its_own(app, session, way, record, school, sent):
    other = a_delivery(session, count=1, printed=False)
    theirs = printed(app.test_client(), session, other)
    both = pikepdf.Pdf.new()
    for pdf in (record, theirs):
        both.pages.extend(pikepdf.open(io.BytesIO(pdf)).pages)
    out = io.BytesIO()
    both.save(out)

    sent(out.getvalue())

    found = [(state, record_id) for state, _kind, record_id, *_page in sheets(session)]
    assert found == [("filed", way.id)] * 3 + [("tray", None)] * len(pypdfium2.PdfDocument(theirs))
    assert set(reasons(session)) == {"", "unknown"}


def test_the_secret_of_a_record_is_kept_nowhere(app, session, way, record, sent, tmp_path):
    sent(as_scanner(record))

    secret = next(code.split("#")[1] for code in _codes(record) if "#" in code)
    for table in (ScanFile, Sheet, SheetStep):
        for row in session.execute(select(table.__table__)):
            assert secret not in repr(row)


def _codes(pdf):
    import zxingcpp

    page = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(page)]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (None, "no-code"),
        ("HTTP://127.0.0.1:5000/T/7K3M9QX2", "other-code"),
        ("http://127.0.0.1.evil.example/h/1", "other-code"),
        ("http://127.0.0.1:5000@evil.example/h/1", "other-code"),
        ("http://evil.example/?http://127.0.0.1:5000/h/1", "other-code"),
        ("javascript://127.0.0.1:5000/h/1", "other-code"),
        ("http://127.0.0.1:5000/h/999999", "unknown"),
        ("http://127.0.0.1:5000/h/99999999999999999999", "other-code"),
        ("http://127.0.0.1:5000/b/1", "unknown"),
        ("http://[::1/h/1", "other-code"),
    ],
)
def test_what_is_not_a_page_of_ours_waits_in_the_tray(session, school, sent, says, why):
    sent((_picture(says), "anh.png"))

    assert [sheet[0] for sheet in sheets(session)] == ["tray"]
    assert reasons(session) == [why]


def _picture(says):
    import qrcode

    page = Image.new("L", (800, 1100), 255)
    if says:
        page.paste(qrcode.make(says, box_size=6).get_image().convert("L"), (100, 300))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def test_two_pages_on_one_picture_are_left_to_hands(session, way, record, sent):
    with pypdfium2.PdfDocument(record) as document:
        both = [document[at].render(scale=2).to_pil() for at in (0, 1)]
    wide = Image.new("RGB", (both[0].width * 2, both[0].height))
    for at, one in enumerate(both):
        wide.paste(one, (at * one.width, 0))
    out = io.BytesIO()
    wide.save(out, "JPEG", quality=30)

    sent((out.getvalue(), "hai trang.jpg"))

    assert reasons(session) == ["several"]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "trong.pdf", "Tệp trống"),
        (b"Kinh gui quy truong", "thu.pdf", "không phải tệp PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "anh.png", "không phải tệp PDF"),
        (b"%PDF-1.7 but nothing follows", "hong.pdf", "bị hỏng"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "hong.png", "bị hỏng"),
    ],
)
def test_what_is_no_scan_is_told_and_nothing_of_it_is_filed(session, school, sent, data, name, sentence):
    answer = sent((data, name))

    assert sentence in text(school.get(answer.location))
    assert sentence in text(school.get("/filing"))
    assert sheets(session) == []


def test_a_locked_pdf_is_told(record, school, sent):
    locked = io.BytesIO()
    pikepdf.open(io.BytesIO(record)).save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))

    answer = sent(locked.getvalue())

    assert "bị khóa bằng mật khẩu" in text(school.get(answer.location))


def test_the_same_file_again_is_recognised(session, record, school, sent):
    scan = as_scanner(record)
    sent(scan)
    before = sheets(session)

    answer = sent((scan, "ten khac.pdf"))

    assert sheets(session) == before
    assert "Đã gửi trước đây" in text(school.get(answer.location))


def test_a_page_that_comes_again_is_kept_beside_the_first(session, way, record, school, sent):
    sent(as_photograph(record))
    sent(as_photograph(record, turned=-3))

    assert len(sheets(session)) == 2
    assert text(school.get(f"/handovers/{way.id}")).count("Bản quét ") == 1


class TestOnBothDatabases:
    """What the database must hold together, not the page."""

    @pytest.fixture
    def app(self, make_app, database_url):
        return make_app(database_url)

    def test_the_same_file_sent_at_once_is_filed_once(self, app, session, way, record):
        race(app, session, way, as_scanner(record))

        assert len(sheets(session)) == len(pypdfium2.PdfDocument(record))

    def test_a_page_is_filed_and_put_back(self, session, way, school, record, sent):
        sent(as_photograph(record))
        assert send(school, f"/filing/sheets/{session.scalar(select(Sheet.id))}/back").status_code == 303
        assert reasons(session) == ["back"]


def race(app, session, way, scan):
    session.commit()
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        sign_in_as(client, way.receiver, session)
    session.commit()
    start, answers = threading.Barrier(3), []

    def go(client):
        start.wait()
        answers.append(send(client, "/filing", scans=[(io.BytesIO(scan), "a.pdf")]).status_code)

    threads = [threading.Thread(target=go, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 3


class TestByHand:
    """Pages in the tray."""

    @pytest.fixture
    def sheet(self, session, school, sent):
        sent((_picture(None), "mo.png"))
        return session.scalar(select(Sheet.id))

    @pytest.mark.parametrize(
        "number", ["{seq}/{year}", " 0{seq} / {year} ", "http://127.0.0.1:5000/h/{id}#abc"]
    )
    def test_a_page_is_filed_by_what_is_read_off_it(self, session, way, school, sheet, number):
        row = session.execute(select(a_handover())).first()
        said = number.format(seq=row.seq, year=row.year, id=way.id)

        answer = send(school, f"/filing/sheets/{sheet}/file", kind="handover", number=said, page="2")

        assert answer.status_code == 303
        assert sheets(session) == [("filed", "handover", way.id, 2, None)]
        steps = session.execute(select(SheetStep.state, SheetStep.by_hand).order_by(SheetStep.id)).all()
        assert [tuple(step) for step in steps] == [("tray", False), ("filed", True)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"number": "999/2026"},
            {"number": ""},
            {"number": "x" * 5000},
            {"number": "http://evil.example/h/1"},
            {"kind": "nothing"},
            {"kind": "paper"},
            {"kind": "paper", "number": "7/BB-VP"},
            {"kind": "donation"},
            {"page": "0"},
            {"page": "-1"},
            {"page": "1000"},
            {"page": ""},
        ],
    )
    def test_what_makes_no_sense_is_refused_and_the_page_stays(self, session, way, school, sheet, wrong):
        row = session.execute(select(a_handover())).first()
        form = {"kind": "handover", "number": f"{row.seq}/{row.year}", "page": "1"} | wrong

        answer = send(school, f"/filing/sheets/{sheet}/file", **form)

        assert answer.status_code == 409
        assert [one[0] for one in sheets(session)] == ["tray"]

    def test_a_page_is_discarded_with_a_reason_and_put_back(self, session, school, sheet):
        assert send(school, f"/filing/sheets/{sheet}/discard", reason=" ").status_code == 409
        assert send(school, f"/filing/sheets/{sheet}/discard", reason="mặt sau trắng").status_code == 303
        assert "mặt sau trắng" in text(school.get("/filing/1"))
        assert send(school, f"/filing/sheets/{sheet}/discard", reason="lần nữa").status_code == 409
        assert send(school, f"/filing/sheets/{sheet}/back").status_code == 303
        assert reasons(session) == ["back"]

    def test_others_reach_neither_the_page_nor_the_file(self, app, session, school, sheet):
        session.commit()
        other = Browser(app.test_client(), session).sign_in(
            a_person(session, role=Role.SCHOOL, org=an_organisation(session, kind=OrgKind.SCHOOL))
        )
        file = session.scalar(select(Sheet.file_id))
        for url in (f"/filing/sheets/{sheet}.jpg", f"/filing/{file}", f"/filing/{file}/original"):
            assert other.get(url).status_code == 404
            assert school.get(url).status_code == 200
        for verb in ("file", "back", "discard"):
            form = {"kind": "handover", "number": "1/2026", "page": "1", "reason": "vì thế"}
            assert send(other, f"/filing/sheets/{sheet}/{verb}", **form).status_code in {404, 409}
        assert "trang chưa tự vào" not in text(other.get("/filing"))
        assert [one[0] for one in sheets(session)] == ["tray"]


def a_handover():
    from tracker.handover.models import Handover

    return Handover.__table__


def test_both_parties_see_a_signed_page_and_reading_it_is_noted(app, session, way, record, school, sent):
    sent(as_photograph(record))
    sheet = session.scalar(select(Sheet.id))
    sender = Browser(app.test_client(), session).sign_in(way.sender)

    picture = sender.get(f"/filing/sheets/{sheet}.jpg")

    assert picture.mimetype == "image/jpeg"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert max(Image.open(io.BytesIO(picture.get_data())).size) <= 1600
    noted = session.execute(select(Access.page, Access.user_id).where(Access.page == "filing.picture")).all()
    assert [row.user_id for row in noted] == [way.sender.user]
    stranger = a_person(session, role=Role.SCHOOL, org=an_organisation(session, kind=OrgKind.SCHOOL))
    assert (
        Browser(app.test_client(), session).sign_in(stranger).get(f"/filing/sheets/{sheet}.jpg").status_code
        == 404
    )


def test_an_original_is_given_to_be_kept_and_never_opened_here(session, record, school, sent):
    sent((as_photograph(record), "<script>.jpg"))

    given = school.get("/filing/1/original")

    assert given.mimetype == "application/octet-stream"
    assert given.headers["Content-Disposition"] == 'attachment; filename="ban-ky-1.jpg"'
    assert "<script>" not in text(school.get("/filing/1"))


def test_an_auditor_reads_and_sends_nothing(app, session, record, sent):
    sent(as_photograph(record))
    auditor = Browser(app.test_client(), session).sign_in(a_person(session, role=Role.AUDITOR))

    assert auditor.get("/filing").status_code == auditor.get("/filing/1").status_code == 200
    assert send(auditor, "/filing", scans=[(io.BytesIO(b"x"), "a.pdf")]).status_code == 403


@pytest.mark.parametrize("count", [0, 21])
def test_no_file_or_too_many_are_asked_again(session, school, sent, count):
    answer = sent(*([(b"x", "a.pdf")] * count))

    assert answer.status_code == 303
    assert "từ 1 đến 20 tệp" in text(school.get(answer.location))
    assert session.scalar(select(ScanFile.id)) is None


class TestPapers:
    """The other papers: with pupils' names on some, which are not for everybody who may see that they exist."""

    @pytest.fixture
    def certificate(self, session, way):
        return a_paper(session, way.sender, kind="inspection", record=an_inspection(2, link=""))

    def test_another_paper_files_itself_and_is_found_by_its_number(
        self, app, session, way, certificate, sent
    ):
        keeper = Browser(app.test_client(), session).sign_in(way.sender)
        sent((_picture(f"http://127.0.0.1:5000/b/{certificate}?p=2-2"), "b.png"), by=keeper)
        sent((_picture(None), "mo.png"), by=keeper)
        last = session.scalar(select(Sheet.id).order_by(Sheet.id.desc()))
        code = session.scalar(select(Organisation.code).where(Organisation.id == way.sender.org))
        answer = send(keeper, f"/filing/sheets/{last}/file", kind="paper", number=f"3/bb-{code}", page="1")

        assert answer.status_code == 303
        assert sheets(session) == [
            ("filed", "paper", certificate, 2, 2),
            ("filed", "paper", certificate, 1, None),
        ]
        assert text(keeper.get(f"/b/{certificate}")).count('class="sheet"') == 2

    def test_a_signed_sheet_with_a_pupils_name_is_not_for_an_auditor(
        self, app, session, way, record, school, sent
    ):
        sent(as_photograph(record))
        auditor = Browser(app.test_client(), session).sign_in(a_person(session, role=Role.AUDITOR))
        sheet = session.scalar(select(Sheet.id))

        assert auditor.get(f"/filing/sheets/{sheet}.jpg").status_code == 404
        assert auditor.get("/filing/1/original").status_code == 403
        for url in ("/filing/1", f"/handovers/{way.id}"):
            shown = text(auditor.get(url))
            assert "Có tên học sinh" in shown
            assert ".jpg" not in shown

    def test_one_without_pupils_is(self, app, session, way, certificate, sent):
        keeper = Browser(app.test_client(), session).sign_in(way.sender)
        sent((_picture(f"http://127.0.0.1:5000/b/{certificate}"), "b.png"), by=keeper)
        auditor = Browser(app.test_client(), session).sign_in(a_person(session, role=Role.AUDITOR))

        assert ".jpg" in text(auditor.get(f"/b/{certificate}"))


def a_paper(session, by, *, kind, record, seq=3):
    values = {
        "kind": kind,
        "org_id": by.org,
        "year": 2021,
        "seq": seq,
        "on": AT.date(),
        "at": AT,
        "by": by.user,
    }
    made = insert(Paper).values(**values, says=plain(record)).returning(Paper.id)
    return session.execute(made).scalar_one()
