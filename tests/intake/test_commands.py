"""The commands of intake, as a person types them."""

import csv

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.intake.makers import a_list, a_row, devices
from tests.lists.samples import DEVICES, expected, sample_bytes
from tests.makers import a_person, email_of
from tracker.allocation.models import Pupil
from tracker.custody.codes import is_code
from tracker.custody.models import Device, Label
from tracker.intake.commands import import_
from tracker.intake.models import Donation, Donor
from tracker.people.models import Organisation
from tracker.people.roles import Role
from tracker.prints.commands import codes, labels


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def type_in(command, *words, fails=False):
        answer = CliRunner().invoke(command, [str(word) for word in words])
        assert bool(answer.exit_code) == fails, answer.output
        return answer.output

    return type_in


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.fixture
def sample(tmp_path):
    def write(name):
        path = tmp_path / name
        path.write_bytes(sample_bytes(name))
        return path

    return write


def test_every_row_of_the_sample_list_has_the_outcome_it_should(session, storekeeper, run, sample, tmp_path):
    session.commit()
    out = tmp_path / "out.csv"

    said = run(import_, "devices", sample(DEVICES), "--outcomes", out, "--date", "2021-11-05")

    assert rows_of(out) == expected("devices", DEVICES)
    assert said.startswith(f"{DEVICES}: 120 rows, 110 added (new 78, warn 32, ask 1, dup 6, bad 3)")
    assert len(devices(session)) == 110

    again = run(import_, "devices", DEVICES, "--outcomes", out)
    assert "Nothing was written." in again
    assert rows_of(out) == expected("devices", DEVICES)
    assert len(devices(session)) == 110


def test_a_dry_run_writes_nothing_but_the_outcomes(session, run, sample, tmp_path):
    out = tmp_path / "out.csv"

    said = run(import_, "devices", sample(DEVICES), "--dry-run", "--outcomes", out)

    assert "A dry run: nothing was written." in said
    assert rows_of(out) == expected("devices", DEVICES)
    assert session.scalar(select(func.count()).select_from(Device)) == 0


def test_who_receives_may_be_said_or_where(session, storekeeper, run, tmp_path):
    other = a_person(session, role=Role.TECHNICIAN)
    auditor = a_person(session, role=Role.AUDITOR)
    session.commit()
    workshop = session.get_one(Organisation, other.org).code
    files = [tmp_path / f"list {n}.xlsx" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(a_list([a_row(serial=f"SN-{n}")]))

    assert "is not a" in run(import_, "devices", files[0], "--as", email_of(session, auditor), fails=True)
    assert "no warehouse or workshop" in run(import_, "devices", files[0], "--org", "NOWHERE", fails=True)
    run(import_, "devices", files[0], "--as", email_of(session, other))
    run(import_, "devices", files[1], "--org", workshop)
    run(import_, "devices", files[2])

    assert [row.holder_org_id for row in devices(session)] == [other.org, other.org, storekeeper.org]


def test_devices_are_received_in_a_store_of_the_programme_where_there_is_none(session, run, tmp_path):
    file = tmp_path / "list.xlsx"
    file.write_bytes(a_list([a_row()]))

    assert "Received at KHO" in run(import_, "devices", file)
    assert len(devices(session)) == 1


def test_organisations_come_in_once_and_district_offices_are_left_to_a_person(session, run, sample, tmp_path):
    file, out = sample("to_chuc.csv"), tmp_path / "out.csv"

    said = run(import_, "organisations", file, "--outcomes", out)

    assert "9 district offices were left to a person" in said
    assert session.execute(
        select(Donor.kind, func.count()).group_by(Donor.kind).order_by(Donor.kind)
    ).all() == [
        ("agency", 4),
        ("company", 2),
        ("person", 2),
    ]
    kinds = select(Organisation.kind, func.count()).group_by(Organisation.kind).order_by(Organisation.kind)
    assert session.execute(kinds).all() == [("warehouse", 2), ("workshop", 3)]
    assert [row["outcome"] for row in rows_of(out)] == ["new"] * 13 + ["ask"] * 9
    assert session.scalar(select(Organisation.district).where(Organisation.code == "TC011")) == "243"

    again = run(import_, "organisations", file)
    assert "0 added" in again
    assert session.scalar(select(func.count()).select_from(Donor)) == 8


def test_devices_find_the_donors_that_came_in_as_organisations(session, storekeeper, run, sample):
    session.commit()
    run(import_, "organisations", sample("to_chuc.csv"))

    run(import_, "devices", sample(DEVICES))

    assert session.scalar(select(func.count()).select_from(Donor)) == 8
    assert session.scalar(select(func.count()).select_from(Donation)) == 8
    assert session.scalar(select(func.count()).select_from(Pupil)) == 0


def test_minted_codes_are_known_and_print_as_labels(session, run, tmp_path):
    run(codes, "mint", 30, "--out", "codes.csv")

    rows = rows_of(tmp_path / "codes.csv")
    assert sorted(row["code"] for row in rows) == sorted(session.scalars(select(Label.code)))
    assert all(row["url"] == f"HTTP://127.0.0.1:5000/T/{row['code']}" for row in rows)
    assert "30 labels on L7160" in run(labels, "--codes", "codes.csv", "-o", "labels.pdf")
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF")


# Without a database


def test_demonstration_labels_need_no_database(run, tmp_path, monkeypatch):
    import pypdfium2
    import zxingcpp

    monkeypatch.setenv("TRACKER_URL", "https://smt.lan/")

    run(labels, "--demo", 3, "--stock", "50x30", "--dpi", "300", "-o", "labels.pdf")

    pages = pypdfium2.PdfDocument(tmp_path / "labels.pdf")
    assert len(pages) == 3
    found = {one.text for one in zxingcpp.read_barcodes(pages[0].render(scale=600 / 72).to_pil())}
    assert len(found) == 2
    code = min(found, key=len)
    assert is_code(code)
    assert f"HTTPS://SMT.LAN/T/{code}" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,url\n", "holds no codes"),
        ("code\nABC\n", "line 2: “ABC” is not a code"),
        ("code\n22222222\n", "is not a code"),
        ("mã\n", "is not a code"),
    ],
)
def test_a_file_that_holds_no_codes_is_refused_with_its_line(run, tmp_path, text, said):
    (tmp_path / "codes.csv").write_text(text, encoding="utf-8")

    assert said in run(labels, "--codes", "codes.csv", "-o", "labels.pdf", fails=True)
    assert not (tmp_path / "labels.pdf").exists()


def test_either_a_file_or_a_number_of_labels_is_asked_for(run):
    assert "--codes" in run(labels, "-o", "x.pdf", fails=True)
