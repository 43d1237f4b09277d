"""A scanner that types through any of these keyboards is read right or not at all: by the server, and by the page alike."""

import json
import random

import pytest
from playwright.sync_api import Page

from tests.scan.typing import WAYS
from tracker.custody.codes import Kind, Mistyped, NotACode, check_symbol, mint, understand

HOSTS = ("smt.lan", "192.168.1.20:5443", "maytinh.vinhphuc.edu.vn", "laptops.so-gd.vn")
FORMS = ("HTTPS://{host}/T/{code}", "{code}", "http://{host}/t/{lower}")
#: Of a code alone, and of a code in its address.
MANY = 10_000

KINDS = {
    Kind.DEVICE: "device",
    Kind.HANDOVER: "handover",
    Kind.PAPER: "paper",
    Kind.PLACE: "place",
    Kind.MODE: "mode",
    Kind.BADGE: "badge",
}


def verdict(text: str, host: str) -> tuple[str, str, str]:
    """Return what the server takes a text for, in the page's words."""
    try:
        scan = understand(text, hosts={host})
    except Mistyped as no:
        return "mistyped", "".join(no.sentence.values["text"].split()), ""
    except NotACode:
        return "none", "", ""
    return KINDS[scan.kind], scan.name, scan.secret


@pytest.fixture
def says(page: Page, live_server):
    """Ask the page's own reader, many texts at once."""
    page.goto("/help/ledger")

    def ask(texts: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
        found = page.evaluate(
            """async texts => { const {understand} = await import("/static/js/codes.js");
            return JSON.parse(texts).map(([text, host]) => { const {kind, name, secret} = understand(text, host); return [kind, name, secret]; }); }""",
            json.dumps(texts),
        )
        return [tuple(one) for one in found]

    return ask


@pytest.mark.parametrize("way", WAYS)
def test_of_ten_thousand_codes_none_is_read_wrong(way: str):
    chance, wrong, unread = random.Random(way), [], 0
    for n in range(MANY):
        code, host = mint(), HOSTS[n % len(HOSTS)]
        form = FORMS[chance.randrange(len(FORMS))]
        keys = form.format(host=host if form.islower() else host.upper(), code=code, lower=code.lower())

        kind, name, _secret = verdict(WAYS[way](keys), host)

        unread += kind == "none"
        if (kind, name) not in {("device", code), ("none", "")}:
            wrong.append((keys, WAYS[way](keys), kind, name))
    assert wrong == []
    # Of marks that an editor has sorted, some orders make another code, too: then it is scanned again.
    assert unread <= (20 if "Vietnamese" in way else 0)


def test_the_page_reads_as_the_server_does(says):
    chance, texts = random.Random(7), []
    for way in WAYS.values():
        for n in range(300):
            code, host = mint(), HOSTS[n % len(HOSTS)]
            if n % 7 == 0:
                code = code[:7] + chance.choice("23456789")
            path = chance.choice(
                ["T/{code}", "H/12#K7QM-9XVT", "P/7", "M/COUNT", "U/12", "B/9", "X/{code}", "T/{code}/"]
            )
            keys = chance.choice(
                ["HTTPS://{host}/" + path, "{code}", " {code} ", "{code:.4}-{code:.3}"]
            ).format(host=host.upper(), code=code)
            texts.append((way(keys), host))
    texts += [(text, "smt.lan") for text in LOOKALIKES]

    page = says(texts)

    server = [verdict(*text) for text in texts]
    assert [
        (text, one, other) for text, one, other in zip(texts, page, server, strict=True) if one != other
    ] == []
    assert {kind for kind, _name, _secret in page} == {*KINDS.values(), "mistyped", "none"}


CODE = "2222222" + check_symbol("2222222")
LOOKALIKES = [
    text.format(code=CODE)
    for text in (
        "https://smt.lan.evil.vn/T/{code}",
        "https://evil.vn/smt.lan/T/{code}",
        "https://smt.lan@evil.vn/T/{code}",
        "https://evil.vn#https://smt.lan/T/{code}",
        "https://evil.vn?https://smt.lan/T/{code}",
        "https://smt.lan:444/T/{code}",
        "https://smt.lan:443@evil.vn/T/{code}",
        "https://smt-lan/T/{code}",
        "https://smtlan/T/{code}",
        "https://ѕmt.lan/T/{code}",
        "https://smt。lan/T/{code}",
        "https://ｓｍｔ.lan/T/{code}",
        "https://smṭ.lan/T/{code}",
        "https://xn--smt-0xa.lan/T/{code}",
        "https:/smt.lan/T/{code}",
        "https:///smt.lan/T/{code}",
        "https://smt.lan//T/{code}",
        "https://smt.lan\\T\\{code}",
        "https://smt.lan/T/%32222222{code}",
        "https://smt.lan/T/{code}/../../sign-out",
        "https://smt.lan/T/{code}?x=1",
        "https://smt.lan/T/{code}#x",
        "ftp://smt.lan/T/{code}",
        "javascript://smt.lan/T/{code}",
        "//smt.lan/T/{code}",
        "smt.lan/T/{code}",
        "evil.vn/T/{code}",
        "x.smt.lan/T/{code}",
        "https smt lan T {code}",
        "\u202ehttps://smt.lan/T/{code}",
        "https://smt.lan/\tT/{code}",
        "https://smt.lan/T/{code}\r\n",
        "https://smt\n.lan/T/{code}",
        "https://[smt.lan/T/{code}",
        "http://[::1]/T/{code}",
        "https://smt.lan/h/12#K7QM\u202e",
        "https://smt.lan/h/1234567890123",
        "https://smt.lan/h/١٢",
        "https://smt.lan/m/đếm",
        "{code}" * 2,
        "{code}" * 1250,
        "x" * 10_000,
        "",
        " ",
        "]C1{code}",
        "]",
        "\0{code}",
        "２２２２２２２{code}",
        "8934563138162",
        "351823086763117",
        "5CD9-0142XY",
    )
]

OURS = {"//smt.lan/T/{code}", "smt.lan/T/{code}", "https smt lan T {code}"}


def test_an_address_of_another_host_is_never_ours():
    foreign = [
        text for text in LOOKALIKES if "evil" in text or "xn--" in text or "444" in text or "x.smt" in text
    ]

    assert len(foreign) > 8
    assert {verdict(text, "smt.lan") for text in foreign} == {("none", "", "")}


@pytest.mark.parametrize(
    ("typed", "own", "is_ours"),
    [
        ("laptóp.vn", "laptops.vn", True),
        ("LAPTÓP.VN", "laptops.vn", True),
        ("laptop.vn", "laptops.vn", False),  # nothing shows that a key was taken
        ("láptop.vn", "laptops.vn", True),
        ("lap.vn", "laptops.vn", False),
        ("lạptóp.evil.vn", "laptops.vn", False),
        ("đak.vn", "ddak.vn", True),
        ("smt.lan", "smt.lan", True),
        ("ṣmt.lan", "smt.lan", False),
    ],
)
def test_a_host_is_ours_only_as_far_as_marks_show_what_is_missing(typed: str, own: str, is_ours: bool):
    assert (verdict(f"https://{typed}/T/{CODE}", own)[0] == "device") is is_ours
