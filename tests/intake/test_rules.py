"""What is understood from forms and names; no database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.intake.makers import IMEIS, a_device_form
from tracker.intake.forms import day_of, device_form, donation_form, donor_form, whole_number
from tracker.intake.rules import FormWrong, kind_of_donor, number, number_asked, search_text

TODAY = date(2021, 11, 20)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Sở Thông tin và Truyền thông tỉnh Vĩnh Phúc", "agency"),
        ("Hội Doanh nhân trẻ Sông Lô", "agency"),
        ("Cơ quan Đảng ủy khối", "agency"),
        ("Chi cục Thuế khu vực Ba Vì", "agency"),
        ("Công ty CP May Tam Đảo Xanh", "company"),
        ("CTCP Thử Nghiệm", "company"),
        ("Ông Nguyễn Văn Khải (Vĩnh Yên)", "person"),
        ("Gia đình bà Trần Thị Mận", "person"),
        ("Cô Lê Thị Thử", "person"),
    ],
)
def test_a_name_on_a_list_says_who_gives(name, kind):
    assert kind_of_donor(name) == kind


@pytest.mark.parametrize(
    "said", ["1500000", "1.500.000", "1 500 000", "1,500,000", "1.500.000 đ", "1.500.000 đồng"]
)
def test_an_amount_is_read_as_people_write_it(said):
    assert whole_number(said, most=10**12) == 1_500_000


@pytest.mark.parametrize("said", ["", "0", "-5", "1,5 triệu", "1.50.000", "1.5", "٣", "9" * 30, "1.000,000"])
def test_what_is_no_whole_number_is_none(said):
    assert whole_number(said, most=10**12) is None


@given(st.integers(1, 10**12))
def test_every_amount_written_with_points_is_read_back(amount):
    assert whole_number(f"{amount:,}".replace(",", "."), most=10**12) == amount


@given(st.integers(2000, 2999), st.integers(1, 999_999))
def test_a_donation_is_found_by_the_number_on_its_paper(year, seq):
    assert number_asked(number(year, seq)) == (seq, year)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2021-11-05", date(2021, 11, 5)),
        ("5/11/2021", date(2021, 11, 5)),
        ("31/11/2021", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_day_is_read_from_its_field_or_as_written(said, day):
    assert day_of(said) == day


@given(st.text(max_size=40))
def test_whatever_is_typed_for_a_day_or_a_number_is_understood_or_refused(said):
    assert day_of(said) is None or day_of(said).isoformat()[:4].isdigit()
    assert whole_number(said, most=100) is None or 1 <= whole_number(said, most=100) <= 100


def test_money_belongs_to_bought_devices_only():
    fields = {"donor": "1", "received_on": "2021-11-05", "amount": "5.000.000"}

    with pytest.raises(FormWrong) as of_devices:
        donation_form({**fields, "kind": "in-kind"}, today=TODAY)
    with pytest.raises(FormWrong) as without:
        donation_form({**fields, "kind": "bought", "amount": ""}, today=TODAY)

    assert of_devices.value.wrong.keys() == without.value.wrong.keys() == {"amount"}
    assert donation_form({**fields, "kind": "bought"}, today=TODAY).amount == 5_000_000


def test_a_donation_is_not_received_tomorrow():
    with pytest.raises(FormWrong) as refused:
        donation_form({"donor": "1", "kind": "in-kind", "received_on": "2021-11-21"}, today=TODAY)

    assert refused.value.wrong.keys() == {"received_on"}


def test_every_field_of_a_form_that_is_wrong_is_said_at_once():
    with pytest.raises(FormWrong) as donor:
        donor_form({"kind": "x", "name": " ", "email": "a@b", "phone": "điện thoại", "address": "a" * 301})
    with pytest.raises(FormWrong) as device:
        device_form({"category": "máy", "serial": "S" * 121})

    assert donor.value.wrong.keys() == {"kind", "name", "email", "phone", "address"}
    assert device.value.wrong.keys() == {"category", "make", "serial"}


@pytest.mark.parametrize(
    "placeholder", ["To be filled by O.E.M.", "Default string", "System Serial Number", "xxxx", "không có"]
)
def test_a_placeholder_is_kept_as_written_and_finds_nothing(placeholder):
    form = device_form(a_device_form(serial=placeholder))

    assert form.values["serial"] == placeholder
    assert form.serial_norm is None
    assert len(form.remarks) == 1


def test_a_serial_is_compared_without_capitals_and_spaces():
    assert device_form(a_device_form(serial=" pf3 bxy5w ")).serial_norm == "PF3BXY5W"
    assert device_form(a_device_form(serial=" pf3 bxy5w ")).values["serial"] == "pf3 bxy5w"


def test_only_an_imei_with_the_right_check_digit_finds_duplicates():
    form = device_form(a_device_form(imei1=IMEIS[0], imei2="351823086763118"))

    assert form.imeis == (IMEIS[0],)
    assert form.values["imei2"] == "351823086763118"
    assert len(form.remarks) == 1


def test_an_empty_serial_needs_no_remark():
    assert device_form(a_device_form()).remarks == ()


@given(
    st.dictionaries(
        st.sampled_from(["make", "model", "serial", "imei1", "imei2", "note"]), st.text(max_size=150)
    )
)
def test_whatever_is_typed_fits_its_column_or_is_refused(typed):
    try:
        form = device_form(MultiDict({"category": "phone", **typed}))
    except FormWrong:
        return
    lengths = {"make": 80, "model": 120, "serial": 120, "serial_norm": 120, "imei1": 20, "imei2": 20}
    assert all(len(form.values[name] or "") <= most for name, most in lengths.items())
    assert not any("\0" in value for value in form.values.values() if isinstance(value, str))


def test_a_device_is_found_by_what_stands_on_it_and_who_gave_it():
    values = {"make": "Dell", "model": "Latitude", "serial": "ABC", "imei1": None, "imei2": IMEIS[1]}

    assert search_text(code="7K3M9QX2", donor="Hội Chữ thập đỏ", values=values) == (
        f"7k3m9qx2 dell latitude abc {IMEIS[1]} hoi chu thap do"
    )
