"""An installation as somebody from outside tries it: fresh, without people, every list twice."""

import csv
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import inspect, text

from tests.lists.samples import DEVICES, expected, sample_bytes
from tracker.db import engine_for

PUPILS = ("hoc_sinh_THPT_Song_Lo.xlsx", "hoc_sinh_THPT_Tam_Dao.xlsx", "hoc_sinh_THPT_Xuan_Hoa.xlsx")


@pytest.fixture
def sample(tmp_path):
    def write(name):
        (tmp_path / name).write_bytes(sample_bytes(name))
        return tmp_path / name

    return write


def everything(url):
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            names = [name for name in inspect(connection).get_table_names() if "device_find" not in name]
            return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in names}
    finally:
        engine.dispose()


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_init_may_be_run_again(installed, home):
    secret, key = (home / "secret.key").read_text(), (home / "keys" / "ledger.key").read_text()

    installed("init")

    assert secret == (home / "secret.key").read_text()
    assert key == (home / "keys" / "ledger.key").read_text()


def test_every_list_comes_in_before_there_are_people_and_only_once(installed, database_url, sample, tmp_path):
    out = tmp_path / "out.csv"
    assert "43 added" in installed("import", "schools", sample("truong_hoc.csv"))
    assert "13 added" in installed("import", "organisations", sample("to_chuc.csv"))
    assert "Received at TC009" in installed("import", "devices", sample(DEVICES), "--outcomes", out)
    assert rows_of(out) == expected("devices", DEVICES)
    installed("import", "pupils", sample(PUPILS[0]), "--outcomes", out)
    assert rows_of(out) == expected("pupils", PUPILS[0])
    before = everything(database_url)

    for kind, name in (
        ("schools", "truong_hoc.csv"),
        ("organisations", "to_chuc.csv"),
        ("devices", DEVICES),
        ("pupils", PUPILS[0]),
    ):
        assert "Nothing was written." in installed("import", kind, tmp_path / name)

    assert everything(database_url) == before
    assert "no differences" in installed("ledger", "replay")


def test_a_dry_run_leaves_every_table_as_it_was(installed, database_url, sample):
    before = everything(database_url)

    for kind, name in (("schools", "truong_hoc.csv"), ("organisations", "to_chuc.csv"), ("devices", DEVICES)):
        assert "nothing was written" in installed("import", kind, sample(name), "--dry-run")

    assert everything(database_url) == before


def test_nothing_is_taken_in_whose_outcomes_cannot_be_written(installed, database_url, sample, tmp_path):
    before = everything(database_url)

    for kind, name in (("schools", "truong_hoc.csv"), ("organisations", "to_chuc.csv"), ("devices", DEVICES)):
        said = installed("import", kind, sample(name), "--outcomes", tmp_path / "none" / "o.csv", code=1)
        assert "Choose another place" in said

    assert everything(database_url) == before
    installed("codes", "mint", 3, "--out", tmp_path / "none" / "c.csv", code=1)
    assert everything(database_url) == before


def test_the_ledger_is_sealed_exported_and_verified(installed, sample, tmp_path):
    installed("import", "devices", sample(DEVICES))
    (tmp_path / "note.txt").write_text(installed("ledger", "seal"), encoding="utf-8")
    assert "110 events" in installed("ledger", "export", "bundle")

    installed("ledger", "verify", "bundle", "--trust", "note.txt")
    installed("ledger", "verify", "nowhere", code=2)
    events = tmp_path / "bundle" / "events.jsonl.b64"
    lines = events.read_bytes().splitlines(keepends=True)
    events.write_bytes(b"".join([*lines[1:], lines[0]]))
    installed("ledger", "verify", "bundle", "--trust", "note.txt", code=1)


def test_a_backup_is_whole_for_its_owner_alone_and_never_written_over(installed, tmp_path, database_url):
    file = tmp_path / "copy"

    installed("backup", file)

    assert file.stat().st_mode & 0o077 == 0
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(file)) as copy:
            assert copy.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    else:
        assert file.read_bytes().startswith(b"PGDMP")
    assert "Choose another name" in installed("backup", file, code=1)
    assert "No such file" in installed("backup", tmp_path / "none" / "copy", code=1)


def test_pg_dump_is_found_where_debian_keeps_it_or_asked_for(
    tracker, postgres_url, home, tmp_path, monkeypatch
):
    from tracker import commands

    monkeypatch.setenv("DATABASE_URL", postgres_url)
    tracker("init")
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    tracker("backup", tmp_path / "copy")
    monkeypatch.setattr(commands, "POSTGRESQL", Path("/nowhere"))
    assert "apt-get install" in tracker("backup", tmp_path / "other", code=1)
    assert not (tmp_path / "other").exists()


def test_demonstration_labels_read_back_one_by_one(tracker, home, tmp_path):
    tracker("labels", "--demo", 24, "--stock", "L7160", "--skip", 0, "--dpi", 203, "-o", "labels.pdf")

    found = set()
    for page in pypdfium2.PdfDocument(tmp_path / "labels.pdf"):
        found |= {code.text for code in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())}
    assert len(found) == 48
    assert {text.rpartition("/")[2] for text in found} == {text for text in found if "/" not in text}
