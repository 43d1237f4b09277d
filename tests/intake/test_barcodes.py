"""Of the many barcodes on a machine and its box, the right one is taken, and none for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import imei as stdnum_imei

from tracker.custody.codes import NotACode, mint, understand, url
from tracker.intake.barcodes import MOST, What, names, numbers

IMEI = "351823086763117"
SHAPES = [
    (IMEI, What.IMEI, IMEI),
    ("35 182308 676311 7", What.IMEI, IMEI),
    ("35-182308-676311-7", What.IMEI, IMEI),
    (f"IMEI:{IMEI}", What.IMEI, IMEI),
    (f"IMEI1: {IMEI}", What.IMEI, IMEI),
    (f"imei2 {IMEI}", What.IMEI, IMEI),
    (f"]C1{IMEI}", What.IMEI, IMEI),
    ("3518230867631101", What.IMEI, IMEI),  # IMEISV: the check digit is put back
    ("(8002)351823086763117", What.IMEI, IMEI),
    (f"https://vn.example/check?model=A10&imei={IMEI}", What.IMEI, IMEI),
    ("351823086763118", What.UNKNOWN, "351823086763118"),  # the check digit is wrong
    ("IMEI: 351823086763118", What.UNKNOWN, "351823086763118"),
    ("PF1ABC23", What.SERIAL, "PF1ABC23"),
    ("1S20L6S0XX00PF1ABC23", What.SERIAL, "PF1ABC23"),
    ("1S8808A2PLKRTTP1", What.SERIAL, "LKRTTP1"),
    ("SN: 5CD9014XYZ", What.SERIAL, "5CD9014XYZ"),
    ("S/N 5CD9014XYZ", What.SERIAL, "5CD9014XYZ"),
    ("S/N:5CD9014XYZ", What.SERIAL, "5CD9014XYZ"),
    ("Serial Number: C02ABC12DEF3", What.SERIAL, "C02ABC12DEF3"),
    ("SC02ABC12DEF3", What.SERIAL, "C02ABC12DEF3"),
    ("SH4KV0Q9PLX", What.SERIAL, "H4KV0Q9PLX"),
    ("R58M123ABCD", What.SERIAL, "R58M123ABCD"),
    ("Service Tag: 7XKJ2M2", What.SERIAL, "7XKJ2M2"),
    ("7XKJ2M2", What.SERIAL, "7XKJ2M2"),
    ("(01)08806094313406(21)R58M123ABCD", What.PRODUCT, "08806094313406"),
    ("r58m123abcd", What.SERIAL, "R58M123ABCD"),
    ("NXHQ9SV00114512345", What.SERIAL, "NXHQ9SV00114512345"),
    ("5CG-1234-XYZ", What.SERIAL, "5CG-1234-XYZ"),
    ("https://support.example/?sn=PF1ABC23", What.SERIAL, "PF1ABC23"),
    ("8934563138165", What.PRODUCT, "8934563138165"),
    ("EAN 8934563138165", What.PRODUCT, "8934563138165"),
    ("036000291452", What.PRODUCT, "036000291452"),
    ("1P20L6S0XX00", What.PART, "1P20L6S0XX00"),
    ("P/N: SPS-918108", What.PART, "SPS-918108"),
    ("Model: SM-A105F", What.PART, "SM-A105F"),
    ("MTM 20L6", What.PART, "20L6"),
    ("00:1A:2B:3C:4D:5E", What.NETWORK, "00:1A:2B:3C:4D:5E"),
    ("MAC: 00-1A-2B-3C-4D-5E", What.NETWORK, "00-1A-2B-3C-4D-5E"),
    ("89049032007008882600009212345678", What.SIM, "89049032007008882600009212345678"),
    ("EID 89049032007008882600009212345678", What.SIM, "89049032007008882600009212345678"),
    ("8984048000012345678", What.SIM, "8984048000012345678"),
    ("System Serial Number", What.UNKNOWN, "System Serial Number"),
    ("To be filled by O.E.M.", What.UNKNOWN, "To be filled by O.E.M."),
    ("Default string", What.UNKNOWN, "Default string"),
    ("xin chào", What.UNKNOWN, "xin chào"),
    ("https://vn.example/warranty", What.UNKNOWN, "https://vn.example/warranty"),
    ("", What.UNKNOWN, ""),
]


@pytest.mark.parametrize(("text", "what", "value"), SHAPES)
def test_each_barcode_is_what_it_is(text: str, what: What, value: str):
    first = numbers(text)[0]

    assert (first.what, first.value) == (what, value)


def test_two_numbers_in_one_code_are_two():
    other = "35182308676312" + stdnum_imei.luhn.calc_check_digit("35182308676312")
    for text in (
        f"{IMEI}/{other}",
        f"{IMEI},{other}",
        f"{IMEI};{other}",
        f"{IMEI}\r\n{other}",
        f"IMEI1:{IMEI}|IMEI2:{other}",
    ):
        assert [one.value for one in numbers(text.replace("/", ","))] == [IMEI, other], text


def test_a_machine_is_found_by_any_way_its_number_may_be_written():
    assert names("SC02ABC12DEF3") == ("C02ABC12DEF3", "SC02ABC12DEF3")
    assert names("1S20L6S0XX00PF1ABC23") == ("PF1ABC23", "1S20L6S0XX00PF1ABC23")
    assert names("12345678901")[0] == "12345678901"
    assert names("16982858634") == ("16982858634", "7SV5LL6")  # Dell: the service tag as a number
    assert names("8934563138165") == ()


@given(st.text(max_size=500))
def test_any_text_is_taken_for_something_short(text):
    found = numbers(text)

    assert 1 <= len(found) <= MOST
    assert all(len(one.value) <= 400 for one in found)


def test_a_code_of_ours_in_its_address_is_no_makers_number():
    for address in (url("https://smt.lan", mint()) for _n in range(500)):
        assert names(address) == ()
        assert names(address.lower()) == ()


@given(st.from_regex(r"35[0-9]{12}", fullmatch=True))
def test_an_imei_is_never_a_code_of_ours(body):
    text = body + stdnum_imei.luhn.calc_check_digit(body)

    assert numbers(text)[0].what is What.IMEI
    with pytest.raises(NotACode):
        understand(text, hosts={"smt.lan"})
