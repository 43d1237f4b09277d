import random
import time

from tests.lists.samples import DEVICE_HEADINGS, PUPIL_HEADINGS, SONG_LO, a_workbook
from tracker.allocation.list_rules import KnownPupils, judge_pupils
from tracker.intake.list_rules import KnownDevices, judge_devices
from tracker.lists.reading import read

ROWS = 19_990
NAMES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý".split()


def test_twenty_thousand_pupils_are_read_and_judged_in_two_seconds():
    draw = random.Random(20_211_120)
    rows = [
        [
            *(
                " ".join(draw.choices(NAMES, k=4)),
                f"{n % 28 + 1}/{n % 12 + 1}/20{n % 12 + 3:02}",
                "Nam",
                "10A1",
            ),
            *(f"0262{n % 12 + 3:02}{900_000 + n}", f"Thôn {n % 9}, Xã Đức Bác", f"03{n:08}"),
        ]
        for n in range(ROWS)
    ]
    data = a_workbook([PUPIL_HEADINGS, *rows])

    began = time.process_time()
    judged = judge_pupils(read(data, name="a.xlsx"), SONG_LO, known=KnownPupils(), schools=[SONG_LO])
    took = time.process_time() - began

    assert len(judged) == ROWS
    assert all(row.outcome.added for row in judged)
    assert took < 2


def test_twenty_thousand_devices_are_read_and_judged_in_two_seconds():
    rows = [
        ["Laptop", "HP", "ProBook", f"5CG{n:07}", "", "", "x", "nt" if n else "Sở A"] for n in range(ROWS)
    ]
    data = a_workbook([DEVICE_HEADINGS, *rows])

    began = time.process_time()
    judged = judge_devices(read(data, name="a.xlsx"), KnownDevices())
    took = time.process_time() - began

    assert len(judged) == ROWS
    assert all(row.outcome.added and row.donor == "Sở A" for row in judged)
    assert took < 2


def test_judging_takes_no_longer_for_a_row_of_a_long_list_where_all_are_namesakes():
    rows = [["Lê An", "2006", "", "", "", "", ""] for _ in range(ROWS)]

    began = time.process_time()
    judged = judge_pupils(
        read(a_workbook([PUPIL_HEADINGS, *rows]), name="a.xlsx"), SONG_LO, known=KnownPupils(), schools=[]
    )
    took = time.process_time() - began

    assert sum(row.outcome.added for row in judged) == 1
    assert took < 4  # the making of the workbook is counted too
