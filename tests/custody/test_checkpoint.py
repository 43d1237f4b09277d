import base64
import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.custody import checkpoint, verify
from tracker.custody.checkpoint import BadNote, BadSignature, Key, PublicKey

ORIGIN = "so-cai.example.vn/thiet-bi/1"
ROOT = sha256(b"root").digest()

# The key and the note in the documentation of golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.fixture
def key() -> Key:
    return Key.make(ORIGIN)


def test_a_checkpoint_is_the_text_of_c2sp(key: Key):
    note = checkpoint.sign(ORIGIN, 8, ROOT, key)

    text, _, line = note.partition("\n\n")
    assert text.split("\n") == [ORIGIN, "8", base64.b64encode(ROOT).decode()]
    assert line.startswith(f"— {ORIGIN} ")
    assert line.endswith("\n")
    assert base64.b64decode(line.split()[2])[:4] == key.key_id


def test_a_key_and_a_signature_made_by_go_are_understood():
    public = PublicKey.parse(GO_KEY)
    text, _, line = GO_NOTE.rpartition("\n\n")
    signature = base64.b64decode(line.split()[2])

    assert str(public) == GO_KEY
    assert signature[:4] == public.key_id
    assert public.signed((text + "\n").encode(), signature[4:])
    assert not public.signed(text.encode(), signature[4:])


def test_what_is_signed_is_read_back_and_believed(key: Key):
    read = checkpoint.verify(checkpoint.sign(ORIGIN, 0, ROOT, key), [key.public])

    assert (read.origin, read.size, read.root) == (ORIGIN, 0, ROOT)


def test_signatures_of_unknown_keys_are_passed_over(key: Key):
    witness, stranger = Key.make("tinh.example.vn/nhan-chung"), Key.make(ORIGIN)
    note = checkpoint.sign(ORIGIN, 8, ROOT, witness, key, stranger)

    assert checkpoint.verify(note, [key.public]).size == 8
    assert len(checkpoint.parse(note).signatures) == 3


def test_a_note_that_no_known_key_signed_is_refused(key: Key):
    note = checkpoint.sign(ORIGIN, 8, ROOT, key)

    with pytest.raises(BadSignature, match="no known key"):
        checkpoint.verify(note, [Key.make(ORIGIN).public])
    with pytest.raises(BadSignature, match="no known key"):
        checkpoint.verify(note, [])


def test_a_false_signature_of_a_known_key_spoils_the_note_even_beside_a_true_one(key: Key):
    other = Key.make("tinh.example.vn/nhan-chung")
    true = checkpoint.sign(ORIGIN, 8, ROOT, key)
    false = checkpoint.sign(ORIGIN, 9, ROOT, other).rpartition("\n\n")[2]

    assert checkpoint.verify(true + false, [key.public])
    with pytest.raises(BadSignature, match="false"):
        checkpoint.verify(true + false, [key.public, other.public])


@given(st.data())
def test_no_character_of_a_note_can_be_changed(data: st.DataObject):
    key = Key.make(ORIGIN)
    note = checkpoint.sign(ORIGIN, 12345, ROOT, key)
    at = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda letter: letter != note[at]))

    with pytest.raises(BadNote):
        checkpoint.verify(note[:at] + other + note[at + 1 :], [key.public])


@given(st.text(max_size=200))
def test_reading_any_text_gives_a_checkpoint_or_says_no(text: str):
    for read, refusal in (
        (checkpoint.parse, BadNote),
        (PublicKey.parse, BadNote),
        (verify.parse_note, verify.Broken),
    ):
        with pytest.raises(refusal):
            read(text)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda note: note.replace("\n8\n", "\n08\n"),
        lambda note: note.replace("\n8\n", "\n-8\n"),
        lambda note: note.replace("\n8\n", "\n8 \n"),
        lambda note: note.replace("\n8\n", "\n٨\n"),
        lambda note: note.replace("\n8\n", "\n8\n\n"),
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.rstrip("\n"),
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("—", "— —"),
        lambda note: note.split("—")[0],
        lambda note: note + "\n",
        lambda note: note.replace("=\n", "\n", 1),
        lambda note: "\ufeff" + note + "\x00",
        lambda note: note + note.split("\n\n")[1] * 64,
        lambda note: note.replace("thiet-bi", "thiet\tbi"),
        lambda note: note.replace(base64.b64encode(ROOT).decode(), base64.b64encode(ROOT[:30]).decode()),
        lambda note: note.replace("so-cai.example.vn/thiet-bi/1\n", "", 1),
        lambda note: note.replace("=\n\n", "=\nextension\n\nextension\n\n"),
        lambda note: note.replace("=\n\n", "=\n\n\n"),
        lambda note: note.replace("— so-cai", "— +so-cai"),
        lambda note: note.replace("— so-cai.example.vn/thiet-bi/1", "— "),
        lambda note: note.rpartition(" ")[0] + " AAAA\n",
        lambda note: "",
    ],
)
def test_a_malformed_note_is_refused_by_both_readers(key: Key, spoilt):
    note = spoilt(checkpoint.sign(ORIGIN, 8, ROOT, key))

    with pytest.raises(BadNote):
        checkpoint.parse(note)
    with pytest.raises(verify.Broken):
        verify.parse_note(note)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, ROOT), ("two\nlines", 1, ROOT), (" space", 1, ROOT), (ORIGIN, -1, ROOT), (ORIGIN, 1, ROOT[:31])],
)
def test_what_cannot_stand_in_a_checkpoint_is_not_signed(key: Key, origin: str, size: int, root: bytes):
    with pytest.raises(BadNote):
        checkpoint.sign(origin, size, root, key)


def test_a_key_is_saved_for_its_owner_alone_and_read_back(key: Key, tmp_path: Path):
    path = tmp_path / "ledger.key"
    key.save(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = Key.load(path)
    assert (read.public, read.fingerprint) == (key.public, key.fingerprint)
    assert checkpoint.verify(checkpoint.sign(ORIGIN, 8, ROOT, read), [key.public])


def test_a_key_is_never_saved_over_another(key: Key, tmp_path: Path):
    path = tmp_path / "ledger.key"
    key.save(path)

    with pytest.raises(FileExistsError):
        Key.make(ORIGIN).save(path)
    assert Key.load(path).public == key.public


@pytest.mark.skipif(os.name != "posix", reason="Only POSIX files have a mode.")
def test_a_key_that_others_can_read_is_not_used(key: Key, tmp_path: Path):
    path = tmp_path / "ledger.key"
    key.save(path)
    path.chmod(0o640)

    with pytest.raises(BadNote, match="600"):
        Key.load(path)


def test_a_damaged_key_file_is_refused(key: Key, tmp_path: Path):
    path = tmp_path / "ledger.key"
    key.save(path)
    good = path.read_text()

    for bad in ["", good[8:], good.replace(key.key_id.hex(), "00000000"), good.strip()[:-4], str(key.public)]:
        path.write_text(bad)
        with pytest.raises(BadNote):
            Key.load(path)


def test_the_secret_is_in_no_text_about_the_key(key: Key, tmp_path: Path):
    path = tmp_path / "ledger.key"
    key.save(path)
    secret = path.read_text().strip().split("+", 4)[4]  # base64 may hold plus signs of its own

    assert len(secret) == 44
    assert secret not in repr(key)
    assert secret not in str(key.public)


def test_the_fingerprint_begins_with_the_key_id_and_both_readers_agree(key: Key):
    theirs = verify.parse_key(str(key.public))

    assert theirs is not None
    assert theirs.fingerprint == key.fingerprint
    assert key.fingerprint[:8] == theirs.key_id.hex() == key.key_id.hex()


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text.replace(ORIGIN, ""),
        lambda text: text.replace(ORIGIN, "two words"),
        lambda text: text.replace(ORIGIN, ORIGIN[:-1] + "2"),
        lambda text: text.replace("+", " "),
        lambda text: text[:-4],
        lambda text: text.rpartition("+")[0],
    ],
)
def test_a_malformed_public_key_is_refused_by_both_readers(key: Key, spoilt):
    with pytest.raises(BadNote):
        PublicKey.parse(spoilt(str(key.public)))
    with pytest.raises(verify.Broken):
        verify.parse_key(spoilt(str(key.public)))


def test_an_extension_line_is_read_over(key: Key):
    text = f"{ORIGIN}\n8\n{base64.b64encode(ROOT).decode()}\nextension\n"
    note = text + "\n" + key.signature_line(text)

    assert checkpoint.verify(note, [key.public]).size == 8
    assert verify.parse_note(note).size == 8


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "ideographic\u3000space"])
def test_a_name_that_would_break_a_signature_line_is_refused(name: str):
    with pytest.raises(BadNote):
        Key.make(name)


def test_notes_joined_in_a_file_come_apart_as_they_were(key: Key):
    notes = [checkpoint.sign(ORIGIN, size, ROOT, key) for size in (1, 2, 3)]

    for some in ([], notes[:1], notes):
        assert checkpoint.split(checkpoint.join(some)) == some
        assert verify.split_notes(checkpoint.join(some)) == some
