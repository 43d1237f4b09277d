"""What is kept of a record prints again to the byte."""

import json

import pytest

from labels import records
from tests.labels.papers import RECORDS, an_erasure


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)
def test_a_record_comes_back_from_json_as_it_was(record):
    kept = json.loads(json.dumps(records.plain(record)))

    assert records.restored(record.kind, kept) == record


def test_every_kind_of_record_comes_back():
    assert {record.kind for record in RECORDS} == set(records.KINDS)


def test_a_field_that_is_none_of_its_own_is_refused():
    kept = records.plain(an_erasure())

    with pytest.raises(TypeError):
        records.restored("erasure", kept | {"unknown": ""})
    with pytest.raises(KeyError):
        records.restored("letter", kept)
