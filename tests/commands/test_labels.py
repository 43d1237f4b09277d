"""Labels from the command line on paper of one's own, which only an installation knows."""

import pypdfium2
import pytest

from tests.makers import AT, a_person
from tracker.db import db
from tracker.people.roles import Role
from tracker.printers import own
from tracker.printers.measures import Measures

SIXTY_BY_FORTY = Measures(6_000, 4_000, 1, 1, 6_000, 4_000, 0, 0, 6_000, 4_000)


def test_labels_are_printed_on_paper_of_ones_own(installed, app, tmp_path):
    out = tmp_path / "labels.pdf"
    with app.app_context():
        keeper = a_person(db.session(), role=Role.STOREKEEPER)
        number = own.add(db.session(), SIXTY_BY_FORTY, "Cuộn 60 × 40", by=keeper, at=AT)
        db.session.commit()

    said = installed("labels", "--demo", 3, "--stock", own.key(number), "-o", out)

    assert f"3 labels on own-{number}, 3 read back" in said
    with pypdfium2.PdfDocument(out) as pdf:
        assert [round(side / 72 * 25.4, 1) for side in pdf[0].get_size()] == [60, 40]
        assert len(pdf) == 3


@pytest.mark.parametrize("name", ["own-99", "own-", "own-x"])
def test_paper_that_there_is_not_is_named(installed, tmp_path, name):
    said = installed("labels", "--demo", 3, "--stock", name, "-o", tmp_path / "x.pdf", code=1)

    assert f"There is no label paper {name}." in said


def test_without_an_installation_published_paper_is_printed_and_for_ones_own_init_is_named(tracker, tmp_path):
    out = tmp_path / "x.pdf"

    assert "3 read back" in tracker("labels", "--demo", 3, "-o", out)
    said = tracker("labels", "--demo", 3, "--stock", "own-1", "-o", out, code=1)
    assert "Run `tracker init` first." in said
