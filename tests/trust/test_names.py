"""What may be a name in the certificate, and what a reader is shown first."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.refused import Refused
from tracker.trust import rules


@pytest.mark.parametrize(
    "typed",
    [
        "a b", "http://x", "https://smt.lan", "*.smt.lan", "*", "", " ", ".", "smt..lan", "-a.lan", "a-.lan",
        "smt.lan:5000", "smt.lan/", "192.168.1.20", "fd00::1", "[fd00::1]", "lan", "server", "com.vn", "gov.vn",
        "x" * 64 + ".lan", "a." * 130 + "lan", "máy.lan", "smt_1.lan", "smt.lan\n.vn", "smt.123", "smt.lan\0",
        "ｓｍｔ.lan", "a@b.lan", "'; DROP",
    ],
)  # fmt: skip
def test_what_is_no_single_host_is_refused_with_a_way_out(typed):
    with pytest.raises(Refused) as refused:
        rules.host(typed)

    assert str(refused.value.out)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "typed", ["smt.lan", "SMT.lan.", " smt.lan ", "may-1.kho.so.gov.vn", "xn--my-yia.lan"]
)
def test_a_host_is_taken_in_small_letters(typed):
    assert rules.host(typed) == typed.strip().lower().rstrip(".")


@pytest.mark.parametrize(
    "typed",
    [
        "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "fe80::1",
        "fd00::1%eth0", "169.254.1.1", "255.255.255.255", "192.168.1", "192.168.1.256", "192.168.1.20:80",
        "192.168.1.0/24", "0xC0A80114", "smt.lan", "", "１９２.168.1.20",
    ],
)  # fmt: skip
def test_what_is_no_address_inside_a_network_is_refused(typed):
    with pytest.raises(Refused):
        rules.address(typed)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("192.168.1.20", "192.168.1.20"),
        ("127.0.0.1", "127.0.0.1"),
        ("fd00:0::1", "fd00::1"),
        ("[fd00::1]", "fd00::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
    ],
)
def test_an_address_is_taken_as_it_is_usually_written(typed, taken):
    assert str(rules.address(typed)) == taken


def test_names_need_a_host_and_are_few():
    with pytest.raises(Refused, match="needs the name"):
        rules.names([], ["192.168.1.20"])
    with pytest.raises(Refused, match="too many"):
        rules.names([f"a{n}.lan" for n in range(21)], [])

    assert rules.names(["b.lan", "A.lan", "b.lan."], ["10.0.0.1", "10.0.0.1"]).written == (
        "b.lan", "a.lan", "10.0.0.1",
    )  # fmt: skip


def test_a_limit_reaches_what_lies_below_and_not_what_only_ends_alike():
    limits = rules.names(["smt.lan"], ["10.0.0.1"])

    assert rules.names(["smt.lan", "kho.smt.lan"], ["10.0.0.1"]).outside(limits) == ()
    assert rules.names(["xsmt.lan", "lan.smt"], ["10.0.0.2"]).outside(limits) == (
        "xsmt.lan", "lan.smt", "10.0.0.2",
    )  # fmt: skip


@given(st.text())
def test_any_text_is_a_name_or_is_refused(typed):
    for read in (rules.host, rules.address):
        with contextlib.suppress(Refused):
            assert read(typed)


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A155F) Chrome/140", "android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "ios"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "ios"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140", "windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "linux"),
        ("", ""),
    ],
)
def test_a_reader_is_shown_the_steps_of_their_own_system(agent, system):
    assert rules.system_of(agent) == system
