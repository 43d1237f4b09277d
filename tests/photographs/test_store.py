"""Where files are kept: in a directory or in a bucket, with the same verbs, whole or not at all."""

import hashlib
import io
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT, SECRET
from tests.photographs import s3
from tests.photographs.makers import a_jpeg
from tests.photographs.seen import events, hide, kept
from tests.workshop.makers import a_bench, words
from tracker import bucket, config
from tracker.bucket import Bucket
from tracker.custody.road import Status
from tracker.refused import Refused
from tracker.store import Damaged, Store, Unreachable, store_of


@pytest.fixture
def service():
    with s3.serving() as running:
        yield running


@pytest.fixture(params=["directory", "bucket"])
def files(request, tmp_path):
    if request.param == "directory":
        return Store(tmp_path, "photographs")
    return Bucket(request.getfixturevalue("service").settings(), "photographs")


def test_what_is_put_is_got_until_it_is_removed(files):
    digest = files.put(b"a picture")

    assert digest == hashlib.sha256(b"a picture").hexdigest() == files.put(b"a picture")
    assert (files.has(digest), files.get(digest)) == (True, b"a picture")
    files.remove(digest)
    files.remove(digest)
    assert not files.has(digest)
    with pytest.raises(Damaged):
        files.get(digest)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=5000))
def test_every_content_comes_back(files, data):
    assert files.get(files.put(data)) == data


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"])
@pytest.mark.parametrize("verb", ["get", "has", "remove"])
def test_no_name_but_a_digest_is_asked_for(files, verb, name):
    with pytest.raises(ValueError, match="not the digest"):
        getattr(files, verb)(name)


def test_what_is_no_longer_what_was_written_is_said(service, tmp_path):
    kept, far = Store(tmp_path), Bucket(service.settings(), "files")
    digest = kept.put(b"whole")
    kept.path(digest).write_bytes(b"whol")
    far.put(b"whole")
    (name,) = service.objects
    service.objects[name] = b"whol"

    for files in (kept, far):
        with pytest.raises(Damaged):
            files.get(digest)


def test_folders_do_not_share_what_may_be_taken_away(service, tmp_path):
    for one, other in (
        (Store(tmp_path), Store(tmp_path, "photographs")),
        (Bucket(service.settings(), "files"), Bucket(service.settings(), "photographs")),
    ):
        digest = one.put(b"the same page")
        other.put(b"the same page")
        other.remove(digest)
        assert one.get(digest) == b"the same page"


# The bucket


def test_the_bucket_is_asked_where_the_settings_say(service):
    digest = Bucket(service.settings(), "photographs").put(b"x")

    where = f"/{s3.BUCKET}/photographs/{digest[:2]}/{digest[2:]}"
    assert service.asked == [("HEAD", where), ("PUT", where)]


@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"key": "NOBODY"}])
def test_a_wrong_key_is_a_sentence_and_nothing_is_written(service, wrong):
    files = Bucket(service.settings(**wrong), "photographs")

    for verb in (lambda: files.put(b"x"), lambda: files.get("a" * 64), lambda: files.remove("a" * 64)):
        with pytest.raises(Unreachable, match="does not let this server in") as refused:
            verb()
        assert refused.value.out
    assert service.objects == {}
    Bucket(service.settings(), "photographs").put(b"x")  # the server takes the right one
    assert service.objects


def test_a_store_that_is_broken_down_full_or_slow_is_a_sentence(service, monkeypatch):
    monkeypatch.setattr(bucket, "WAIT", timedelta(seconds=0.4))
    settings = service.settings()
    files = Bucket(settings, "photographs")
    for fault, value in (("broken", True), ("full", True), ("slow", 1.5)):
        setattr(service, fault, value)
        with pytest.raises(Unreachable, match="does not answer"):
            files.put(b"x")
        setattr(service, fault, type(value)())
        assert service.objects == {}, fault
    service.shutdown()
    service.server_close()
    with pytest.raises(Refused, match="does not answer"):
        Bucket(settings, "photographs").get("a" * 64)  # the old one has a line open that is still answered


def test_a_bucket_that_is_not_there_is_no_empty_one(service):
    elsewhere = config.S3(service.url, "no-such-bucket", s3.KEY, s3.SECRET, s3.REGION)

    with pytest.raises(Unreachable, match="does not let this server in"):
        Bucket(elsewhere, "photographs").put(b"x")


# The settings

WHOLE = {
    "TRACKER_S3_URL": "https://s3.example.vn/",
    "TRACKER_S3_BUCKET": "anh-thiet-bi",
    "TRACKER_S3_KEY": "KEY",
    "TRACKER_S3_SECRET": "hush-hush",
}


def read(tmp_path, **environ):
    return config.read({"TRACKER_HOME": str(tmp_path), "TRACKER_SECRET": SECRET, **environ})


def test_the_settings_choose_the_store(tmp_path):
    assert isinstance(store_of(read(tmp_path)), Store)
    chosen = read(tmp_path, **WHOLE, TRACKER_S3_REGION="vn-north-1")
    assert isinstance(store_of(chosen), Bucket)
    assert chosen.s3 == config.S3("https://s3.example.vn", "anh-thiet-bi", "KEY", "hush-hush", "vn-north-1")
    assert "hush" not in repr(chosen.s3)


@pytest.mark.parametrize("missing", WHOLE)
def test_half_a_store_is_refused_by_name(tmp_path, missing):
    with pytest.raises(config.NotConfigured, match=missing):
        read(tmp_path, **{name: value for name, value in WHOLE.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRACKER_S3_URL", "s3.example.vn"), ("TRACKER_S3_URL", "https://a:b@s3.vn"), ("TRACKER_S3_BUCKET", "a/../b")],
)  # fmt: skip
def test_a_store_that_makes_no_sense_is_refused(tmp_path, name, value):
    with pytest.raises(config.NotConfigured, match=name):
        read(tmp_path, **WHOLE | {name: value})


def test_a_region_alone_is_half_a_store(tmp_path):
    with pytest.raises(config.NotConfigured, match="TRACKER_S3_URL"):
        read(tmp_path, TRACKER_S3_REGION="vn-north-1")


def test_only_a_bucket_loads_the_library():
    """So that an installation with a directory does not pay for it."""
    says = {
        path.name
        for path in (ROOT / "tracker").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"(from|import) (obstore|tracker\.bucket)", line)
    }

    assert says == {"bucket.py"}


# As photographs use it


def test_a_picture_that_is_gone_is_said(app, bench, send):
    send(a_jpeg())
    store = Store(app.config["TRACKER"].home, "photographs")
    store.path(kept(app)[0].digest).unlink()

    answer = bench.client.get("/photographs/1.jpg")
    assert answer.status_code == 409
    assert bench.client.get(f"/workshop/{bench.code}").status_code == 200


def test_photographs_lie_in_a_bucket_and_nothing_is_half_written(make_app, sqlite_url, service):
    app = make_app(sqlite_url, s3=service.settings())
    bench = a_bench(app, status=Status.INSPECTING)

    def send(data):
        form = {"csrf_token": bench.token, "stage": "before", "photographs": [(io.BytesIO(data), "a.jpg")]}
        return bench.client.post(f"/photographs/of/{bench.code}/take", data=form)

    service.full = True
    answer = send(a_jpeg())
    assert answer.status_code == 409
    assert "Kho lưu trữ tệp không trả lời" in words(answer)
    assert kept(app) == []
    assert events(app, bench.device) == []

    service.full = False
    assert send(a_jpeg()).status_code == 303
    (row,) = kept(app)
    assert {name.removeprefix("photographs/").replace("/", "") for name in service.objects} == {
        row.digest,
        row.small,
    }
    assert bench.client.get("/photographs/1.jpg").mimetype == "image/jpeg"

    service.broken = True
    assert hide(bench, 1).status_code == 409
    service.broken = False
    assert kept(app)[0].hidden_at is None
    assert hide(bench, 1).status_code == 303
    assert service.objects == {}
