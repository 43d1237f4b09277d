"""Two people at the same device or the same part at the same moment, in threads, on both databases."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.makers import a_device
from tests.stations.test_requests import at_once
from tests.workshop.makers import ERASED, GRADED, Bench, a_bench, a_listing, everything_good, session_of
from tests.workshop.test_evidence import BARE, upload
from tracker.custody import queries as devices
from tracker.custody import replay
from tracker.custody.road import Status
from tracker.evidence.models import EvidenceFile
from tracker.spares import actions as spares
from tracker.spares.models import Spare, SpareMove
from tracker.spares.rules import Described, Origin, SpareKind, Why
from tracker.workshop.models import Inspection, RepairJob

NOW = datetime(2022, 1, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def bench(app: Flask) -> Bench:
    return a_bench(app, **BARE)


def posts(bench: Bench, *forms: tuple[str, dict[str, str]]) -> list[int]:
    """Send forms at once, each from a browser of its own, and return what each was answered."""
    browsers = [
        Bench(bench.app, bench.app.test_client(), bench.technician, bench.device, bench.code).sign_in(
            bench.technician
        )
        for _form in forms
    ]

    def send(browser: Bench, form: tuple[str, dict[str, str]]) -> Callable[[], int]:
        return lambda: browser.post(form[0], **form[1]).status_code

    return at_once(*[send(browser, form) for browser, form in zip(browsers, forms, strict=True)])


def whole(bench: Bench) -> None:
    with session_of(bench.app) as session:
        assert list(replay.differences(session)) == []


def in_repair(bench: Bench) -> dict[str, str]:
    bench.does("inspect")
    bench.does("faults", fault="screen")
    bench.does("repair")
    return {f"outcome-{bench.work.open_faults[0].id}": "fixed", "finish": "1"}


def count(bench: Bench, table, *where) -> int:
    with session_of(bench.app) as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def test_a_repair_is_finished_once(bench: Bench):
    form = in_repair(bench)

    answers = Counter(posts(bench, *[("outcomes", form)] * 4))

    assert answers == {303: 1, 409: 3}
    assert count(bench, Inspection, Inspection.device_id == bench.device) == 2
    assert count(bench, RepairJob, RepairJob.result == "finished") == 1
    whole(bench)


def test_a_device_passes_once(bench: Bench):
    bench.does("inspect")
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED)

    answers = Counter(posts(bench, *[("pass", GRADED)] * 4))

    assert answers == {303: 1, 409: 3}
    whole(bench)


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("faults", {"fault": "screen"}),
        ("checks", {"check-power": "fail"}),
        ("block", {"blocker": "mdm"}),
        ("erasures", ERASED | {"result": "failed"}),
    ],
)
def test_what_is_found_at_the_moment_of_the_pass_comes_before_it_or_not_at_all(bench: Bench, part, form):
    bench.does("inspect")
    bench.does("checks", **everything_good())
    bench.does("erasures", **ERASED)

    passed, found = posts(bench, ("pass", GRADED), (part, form))

    assert {passed, found} == {303, 409}
    assert (bench.status is Status.READY) == (passed == 303)
    whole(bench)


def test_the_last_part_goes_into_one_of_two_devices(bench: Bench):
    with session_of(bench.app) as session:
        by = bench.technician
        part = Described(SpareKind.BATTERY, "Pin", 1, None, "")
        spare = spares.add(session, part, Origin.BOUGHT, by=by, at=NOW)
        other = a_device(session, holder=by.org)
        code = devices.code_of(session, other)
    second = Bench(bench.app, bench.app.test_client(), by, other, code).sign_in(by)
    for each in (bench, second):
        in_repair(each)

    answers = at_once(
        *[
            lambda each=each: each.post("parts", spare=str(spare), quantity="1").status_code
            for each in (bench, second)
        ]
    )

    assert sorted(answers) == [303, 422]
    assert count(bench, Spare, Spare.quantity == 0) == 1
    assert count(bench, SpareMove, SpareMove.why == Why.USED) == 1
    whole(bench)


def test_a_part_is_put_back_once(bench: Bench):
    with session_of(bench.app) as session:
        part = Described(SpareKind.BATTERY, "Pin", 3, None, "")
        spare = spares.add(session, part, Origin.BOUGHT, by=bench.technician, at=NOW)
    in_repair(bench)
    bench.does("parts", spare=str(spare), quantity="2")
    with session_of(bench.app) as session:
        move = session.scalar(select(SpareMove.id).where(SpareMove.why == Why.USED))

    answers = Counter(posts(bench, *[(f"parts/{move}/back", {})] * 4))

    assert answers == {303: 1, 409: 3}
    assert count(bench, Spare, Spare.quantity == 3) == 1
    whole(bench)


def test_a_file_that_was_asked_about_is_settled_once(bench: Bench):
    upload(bench, ("mot.json", a_listing(["FIRSTDRIVE11"])))
    bench.does("inspect")
    upload(bench, ("hai.json", a_listing(["OTHERDRIVE22"])))
    with session_of(bench.app) as session:
        asked = session.scalar(select(EvidenceFile.id).where(EvidenceFile.state == "asked"))

    answers = posts(bench, *[(f"evidence/{asked}", {"this": this}) for this in ("yes", "no", "yes", "no")])

    assert sorted(answers) == [303, 404, 404, 404]
    whole(bench)
