import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from tests.lists.samples import (
    DEVICE_HEADINGS,
    DEVICES,
    a_sheet,
    a_workbook,
    expected,
    rebuilt,
    sample,
    sample_bytes,
)
from tracker.intake.list_rules import (
    DeviceRow,
    KnownDevice,
    KnownDevices,
    judge_devices,
    normal_imei,
    normal_kind,
    settle_devices,
    understand_devices,
    wanted,
)
from tracker.lists.headings import NoTable
from tracker.lists.outcomes import counts, outcomes_csv, record
from tracker.lists.reading import read
from tracker.lists.serials import normal_serial
from tracker.lists.sheets import Cell
from tracker.lists.verdicts import Outcome, Twin
from tracker.refused import Refused

NONE = KnownDevices()


def judge(*rows: list[Cell], known: KnownDevices = NONE) -> list[DeviceRow]:
    return judge_devices([a_sheet([DEVICE_HEADINGS, *rows])], known)


def a_device(
    kind: str = "Laptop",
    make: str = "HP",
    model: str = "ProBook",
    serial: Cell = "",
    imei: Cell = "",
    imei2: Cell = "",
    charger: Cell = "",
    donor: str = "",
) -> list[Cell]:
    return [kind, make, model, serial, imei, imei2, charger, donor]


def test_every_row_of_the_sample_is_judged_as_expected():
    rows = judge_devices(sample(DEVICES), NONE)

    assert [record(row) for row in rows] == expected("devices", DEVICES)


def test_the_outcomes_are_written_as_the_expected_file_is():
    rows = judge_devices(sample(DEVICES), NONE)

    assert outcomes_csv(rows, columns=DeviceRow.columns) == sample_bytes("expected_devices.csv")


def test_the_counts_of_the_sample_are_those_of_its_table():
    rows = judge_devices(sample(DEVICES), NONE)
    told = counts(rows)
    added = [row for row in rows if row.outcome.added]

    assert (told.rows, told.added) == (120, 110)
    assert {str(one): n for one, n in told.outcomes.items()} == {
        "new": 78,
        "warn": 32,
        "ask": 1,
        "dup": 6,
        "bad": 3,
    }
    assert told.reasons == {
        "imei_lost": 3,
        "imei_luhn": 4,
        "imei_zero": 2,
        "kind_missing": 1,
        "kind_other": 2,
        "model_missing": 3,
        "same_imei": 3,
        "same_serial": 3,
        "serial_conflict": 1,
        "serial_missing": 12,
        "serial_placeholder": 11,
    }
    assert [sum(row.kind == kind for row in added) for kind in ("desktop", "laptop", "tablet", "phone")] == [
        17,
        43,
        22,
        28,
    ]
    assert sum(row.charger for row in added) == 92
    assert sum(bool(row.imei2) for row in added) == 14  # of one of them the first is lost


def test_a_list_imported_again_finds_all_it_can_recognise():
    first = judge_devices(sample(DEVICES), NONE)
    by_serial: dict[str, list[KnownDevice]] = {}
    by_imei = {}
    for row in first:
        if row.outcome.added:
            code = f"code of {row.line}"
            if row.serial:
                by_serial.setdefault(row.serial, []).append(KnownDevice(row.make, row.model, code))
            by_imei.update(dict.fromkeys(row.comparable, code))

    again = judge_devices(sample(DEVICES), KnownDevices(by_serial, by_imei))

    for old, new in zip(first, again, strict=True):
        if old.outcome.added and (old.serial or old.comparable):
            assert (new.outcome, new.twin) == (Outcome.DUP, Twin(code=f"code of {old.line}"))


@pytest.mark.parametrize(
    ("text", "serial", "why"),
    [
        (" 5cgslr 9tkc ", "5CGSLR9TKC", ()),
        ("", "", ("serial_missing",)),
        ("-", "", ("serial_missing",)),
        ("Không có", "", ("serial_missing",)),
        ("MỜ, KHÔNG ĐỌC ĐƯỢC", "", ("serial_missing",)),
        ("kho\u0302ng co\u0301", "", ("serial_missing",)),
        ("to be FILLED by o.e.m.", "", ("serial_placeholder",)),
        ("Default string", "", ("serial_placeholder",)),
        ("System Serial Number", "", ("serial_placeholder",)),
        ("0123456789", "", ("serial_placeholder",)),
        ("xxxxxxx", "", ("serial_placeholder",)),
        ("XXX-XXX", "", ("serial_placeholder",)),
        ("00000", "", ("serial_placeholder",)),
        ("0123456789A", "0123456789A", ()),
        ("Dell", "", ("serial_placeholder",)),
        ("DELL123", "DELL123", ()),
        ("X1", "X1", ()),
    ],
)
def test_a_serial_is_kept_in_one_form_and_a_placeholder_is_none(text: str, serial: str, why: tuple[str, ...]):
    verdict = normal_serial(text)

    assert (verdict.serial, verdict.why) == (serial, why)


@pytest.mark.parametrize(
    ("text", "imei", "why", "comparable"),
    [
        ("351823086763117", "351823086763117", (), True),
        ("35-182308-676311-7", "351823086763117", (), True),
        ("35182308 6763117", "351823086763117", (), True),
        ("351823086763118", "351823086763118", ("imei_luhn",), False),
        ("13852005871875", "013852005871875", ("imei_zero",), True),
        ("13852005871876", "13852005871876", ("imei_luhn",), False),
        ("3.51976E+14", "", ("imei_lost",), False),
        ("3,51976E+14", "", ("imei_lost",), False),
        ("", "", (), False),
        ("Không có", "", (), False),
        ("35182308676311O", "35182308676311O", ("imei_luhn",), False),
        ("٣٥١٨٢٣٠٨٦٧٦٣١١٧", "٣٥١٨٢٣٠٨٦٧٦٣١١٧", ("imei_luhn",), False),
    ],
)
def test_an_imei_is_checked_by_its_last_digit(text: str, imei: str, why: tuple[str, ...], comparable: bool):
    verdict = normal_imei(text)

    assert (verdict.imei, verdict.why, verdict.comparable) == (imei, why, comparable)


@given(st.integers(0, 10**14 - 1))
def test_every_imei_survives_excel_and_a_lost_zero(number: int):
    body = f"{number:014d}"
    imei = body + luhn.calc_check_digit(body)
    shown = str(int(float(imei)))

    verdict = normal_imei(shown)

    assert len(shown) < 14 or (verdict.imei, verdict.comparable) == (imei, True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Máy tính để bàn", "desktop"),
        ("máy bộ ", "desktop"),
        ("LAPTOP", "laptop"),
        ("ĐTDĐ", "phone"),
        ("iPad", "tablet"),
        ("Máy in", ""),
        ("Màn hình", ""),
        ("Router", ""),
        ("", ""),
    ],
)
def test_a_kind_is_known_by_what_people_call_it(text: str, kind: str):
    assert normal_kind(text) == kind


def test_a_refused_row_counts_for_nothing():
    first, second = judge(a_device(kind="Máy in", serial="AB1"), a_device(serial="AB1"))

    assert (first.why, second.why) == (("kind_other",), ())


def test_the_same_imei_decides_where_the_model_is_written_another_way():
    phone = "351823086763117"
    rows = judge(a_device(serial="A1", imei=phone), a_device(serial="A1", model="ProBook 2", imei=phone))

    assert rows[1].why == ("same_imei",)
    assert rows[1].twin == Twin(sheet="", line=2)


def test_a_wrong_imei_finds_no_duplicate():
    wrong = "351823086763118"
    rows = judge(a_device(serial="A1", imei=wrong), a_device(serial="A2", imei=wrong))

    assert [row.why for row in rows] == [("imei_luhn",), ("imei_luhn",)]


def test_a_known_device_of_another_model_is_a_question():
    known = KnownDevices({"A1": [KnownDevice("Dell", "OptiPlex", "7K3M9QX2")]})

    (row,) = judge(a_device(serial="a 1"), known=known)

    assert (row.outcome, row.why, row.twin) == (Outcome.ASK, ("serial_conflict",), Twin(code="7K3M9QX2"))


def test_only_what_may_be_added_is_looked_up():
    rows = understand_devices(
        [
            a_sheet(
                [
                    DEVICE_HEADINGS,
                    a_device(serial="A1", imei="351823086763117"),
                    a_device(kind="", serial="A2"),
                    a_device(serial="Default string", imei="351823086763118"),
                ]
            )
        ]
    )

    asked = wanted(rows)

    assert (asked.serials, asked.imeis) == ({"A1"}, {"351823086763117"})
    assert settle_devices(rows, NONE) == rows


def test_the_donor_is_named_once_by_a_merged_cell_by_nt_or_in_full():
    rows = judge(
        a_device(serial="A1", donor="Sở A"),
        a_device(serial="A2", donor="nt"),
        a_device(serial="A3", donor='"'),
        a_device(serial="A4", donor="N.T."),
        a_device(serial="A5", donor="Ông B"),
        a_device(serial="A6"),
    )

    assert [row.donor for row in rows] == ["Sở A", "Sở A", "Sở A", "Sở A", "Ông B", "Ông B"]


def test_a_blank_line_under_a_merged_donor_is_no_row():
    rows = judge(
        a_device(serial="A1", donor="Sở A"),
        ["", "", "", "", "", "", "", "Sở A"],
        a_device(serial="A2", donor="Sở A"),
    )

    assert [row.line for row in rows] == [2, 4]


def test_two_imeis_in_one_cell_are_two():
    (row,) = judge(a_device(serial="A1", imei="351678091251924 / 351678095809180"))

    assert (row.imei1, row.imei2) == ("351678091251924", "351678095809180")


def test_what_stands_below_the_total_is_no_row_but_a_second_part_of_the_list_is():
    rows = judge(
        a_device(serial="A1"),
        ["Tổng cộng: 1 thiết bị", "", "", "", "", "", "", ""],
        ["", "", "NGƯỜI LẬP BIỂU", "", "", "", "", "THỦ TRƯỞNG ĐƠN VỊ"],
        ["", "", "Nguyễn Thị Tâm", "", "", "", "", "Trần Văn Quảng"],
        a_device(serial="A2", charger="x", donor="Sở A"),
    )

    assert [row.serial for row in rows] == ["A1", "A2"]


def test_headings_repeated_on_every_page_are_no_rows():
    rows = judge(a_device(serial="A1"), list(DEVICE_HEADINGS), a_device(serial="A2"))

    assert [row.serial for row in rows] == ["A1", "A2"]


def test_a_list_without_known_headings_is_refused():
    with pytest.raises(NoTable):
        judge_devices([a_sheet([["a", "b", "c"], ["Laptop", "HP", "x"]])], NONE)


@given(st.permutations(range(len(DEVICE_HEADINGS))))
def test_the_order_of_columns_does_not_matter(order: list[int]):
    rows = [
        DEVICE_HEADINGS,
        a_device(serial="A1", imei="351823086763117", charger="x", donor="Sở A"),
        a_device(serial="a1", donor="nt"),
    ]
    shuffled = [[row[at] for at in order] for row in rows]

    assert judge_devices([a_sheet(shuffled)], NONE) == judge_devices([a_sheet(rows)], NONE)


a_few = st.builds(
    a_device,
    kind=st.sampled_from(["Laptop", "Tablet", "Máy in", ""]),
    make=st.sampled_from(["HP", "hp", "Dell"]),
    model=st.sampled_from(["A", "B", ""]),
    serial=st.sampled_from(["S1", "s 1", "S2", "", "Default string"]),
)


@given(st.lists(a_few, max_size=12).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_what_is_refused_and_how_much_is_added_does_not_depend_on_the_order(
    lists: tuple[list[list[Cell]], list[list[Cell]]],
):
    one, other = (judge(*rows) for rows in lists)

    assert sorted(row.why for row in one if row.outcome is Outcome.BAD) == sorted(
        row.why for row in other if row.outcome is Outcome.BAD
    )
    assert counts(one).added == counts(other).added


any_cell = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.floats(allow_nan=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(["nt", "Laptop", "3.5E+14", "Default string", "Tổng cộng: 3"]),
)


@settings(max_examples=200)
@given(st.lists(st.lists(any_cell, max_size=10), max_size=8))
def test_no_cells_are_met_with_anything_but_an_outcome(rows: list[list[Cell]]):
    try:
        judged = judge(*rows)
    except Refused:
        return
    assert all(row.outcome in Outcome for row in judged)


def test_a_workbook_written_by_hand_is_judged_from_the_file():
    data = a_workbook(
        [DEVICE_HEADINGS, a_device(serial="A1", imei=351823086763117, charger="x")], name="Đợt 2"
    )

    (row,) = judge_devices(read(rebuilt(data, {}), name="dot2.xlsx"), NONE)

    assert (row.file, row.sheet, row.line) == ("dot2.xlsx", "Đợt 2", 2)
    assert (row.imei1, row.charger, row.outcome) == ("351823086763117", True, Outcome.NEW)
