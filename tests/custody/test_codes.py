import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.custody.codes import (
    ALPHABET,
    Kind,
    NotACode,
    check_symbol,
    grouped,
    is_code,
    mint,
    parse,
    understand,
    url,
)

HOSTS = {"smt.lan", "127.0.0.1:5000"}
codes = st.text(ALPHABET, min_size=7, max_size=7).map(lambda body: body + check_symbol(body))


@given(codes)
def test_a_code_is_read_as_people_and_scanners_write_it(code: str):
    written = [
        code,
        grouped(code),
        f"{code[:3]}-{code[3:6]}-{code[6:]}",
        f"  {code.lower()}\n",
        url("https://smt.lan", code),
        url("https://smt.lan", code).lower(),
        url("http://127.0.0.1:5000", code) + "/",
        f"HTTPSÇ&&SMT.LAN&T&{code}",  # a scanner through a foreign keyboard layout
        f"HTTPS>--SMT.LAN-T-{code}",
        f"HTTPSSMT.LAN/T/{code}",
    ]

    assert {parse(text, hosts=HOSTS) for text in written} == {code}


@given(codes, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(code: str, at: int, symbol: str):
    wrong = code[:at] + symbol + code[at + 1 :]

    assert is_code(wrong) == (wrong == code)


@given(codes)
def test_another_host_is_refused_whatever_code_stands_in_it(code: str):
    for address in (
        f"https://smt.lan.evil.vn/T/{code}",
        f"https://evil.vn/T/{code}",
        f"https://smt.lan@evil.vn/T/{code}",
        f"https://evil.vn/smt.lan/T/{code}",
        f"https://smtxlan/T/{code}",
        f"evil.vn/T/{code}",
        f"https://smt.lan/H/{code}",
    ):
        with pytest.raises(NotACode):
            parse(address, hosts=HOSTS)


@given(st.text())
def test_any_other_text_is_refused_with_a_sentence(text: str):
    try:
        code = parse(text, hosts=HOSTS)
    except NotACode as refused:
        said = (str(refused), str(refused.out))
    else:
        said = (code,)
        assert is_code(code)
    assert all(said)


def test_telex_and_vni_leave_codes_alone():
    # Letters that Vietnamese typing methods compose: vowels, d, w; the digits follow vowels and d only.
    assert not set("AEIOUYDW01") & set(ALPHABET)


def test_minting_never_repeats_what_is_taken():
    taken = {mint() for _ in range(500)}

    assert len(taken) == 500
    assert mint(taken) not in taken


def test_a_record_is_understood_with_its_secret():
    scan = understand("https://smt.lan/h/41#ABCD", hosts=HOSTS)

    assert (scan.kind, scan.name, scan.secret) == (Kind.HANDOVER, "41", "ABCD")


def test_another_paper_is_understood_by_any_of_its_pages():
    for text in ("https://smt.lan/b/7", "HTTPS://SMT.LAN/b/7?p=2-3"):
        scan = understand(text, hosts=HOSTS)
        assert (scan.kind, scan.name) == (Kind.PAPER, "7")


def test_a_record_of_another_host_is_not_understood():
    with pytest.raises(NotACode):
        understand("https://evil.vn/h/41#ABCD", hosts=HOSTS)
