"""The script that keeps the Vietnamese of the rooms together."""

import gettext

import pytest

from tests.conftest import ROOT, script

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def house(tmp_path):
    """Make a house of the given code and catalogues, and read it."""
    translations = script("translations")
    catalogues = tmp_path / "tracker" / "translations" / "vi"
    catalogues.mkdir(parents=True)
    (tmp_path / "templates").mkdir()

    def make(code="", page="", **rooms):
        (tmp_path / "tracker" / "code.py").write_text(code, encoding="utf-8")
        (tmp_path / "templates" / "page.html").write_text(page, encoding="utf-8")
        for room, entries in rooms.items():
            (catalogues / f"{room}.po").write_text(HEADER + entries, encoding="utf-8")
        made = translations.House(tmp_path)
        made.read_code()
        made.read_catalogues()
        return made

    make.root, make.compile = tmp_path, lambda: translations.compile_all(tmp_path)
    return make


SENT = 'msgid "Sent"\nmsgstr "Đã gửi"\n'


def test_what_is_said_and_translated_is_right(house):
    assert house('_("Sent")', '{{ _("Sent") }}{% do [] %}', handover=SENT).check() == []


@pytest.mark.parametrize(
    ("said", "code", "page", "rooms"),
    [
        ("not translated: Lost", '_("Lost")', "", {}),
        ("not translated: Lost", "", "{% trans %}Lost{% endtrans %}", {}),
        ("not translated: %(n)s box / %(n)s boxes", 'ngettext("%(n)s box", "%(n)s boxes", 2)', "", {}),
        ("nothing says this: Sent", "", "", {"handover": SENT}),
        ("a message is English in the code: Đã gửi", '_("Đã gửi")', "", {}),
        ("a message is English in the code: hoàn tác", '_("hoàn tác")', "", {}),
        ("two translations of Sent", '_("Sent")', "", {"a": SENT, "b": 'msgid "Sent"\nmsgstr "Gửi rồi"\n'}),
        ("stands twice", '_("Sent")', "", {"a": SENT + "\n" + SENT}),
        ("fuzzy", '_("Sent")', "", {"a": "#, fuzzy\n" + SENT}),
        ("empty", '_("Sent")', "", {"a": 'msgid "Sent"\nmsgstr ""\n'}),
        ("not in NFC", '_("Sent")', "", {"a": 'msgid "Sent"\nmsgstr "Gu\u031b\u0309i"\n'}),
        ("other placeholders", '_("To %(a)s")', "", {"a": 'msgid "To %(a)s"\nmsgstr "Đến %(b)s"\n'}),
        ("other spaces", '_("To ")', "", {"a": 'msgid "To "\nmsgstr "Đến"\n'}),
        ("page.html:1: cannot be read", "", "{% if %}", {}),
    ],
)
def test_what_is_wrong_is_said(house, said, code, page, rooms):
    assert any(said in line for line in house(code, page, **rooms).check())


def test_the_rooms_become_one_catalogue(house):
    house(handover=SENT, stock='msgid "Box"\nmsgid_plural "Boxes"\nmsgstr[0] "Thùng"\n')
    house.compile()

    with (house.root / "tracker/translations/vi/LC_MESSAGES/messages.mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Sent") == "Đã gửi"
    assert words.ngettext("Box", "Boxes", 3) == "Thùng"


@pytest.mark.parametrize("second", ["#, fuzzy\n" + SENT, 'msgid "Sent"\nmsgstr "Gửi rồi"\n'])
def test_what_nobody_has_decided_is_not_shipped(house, second):
    house(a=SENT, b=second)

    with pytest.raises(SystemExit, match="Sent"):
        house.compile()


def test_every_message_of_the_house_is_translated():
    house = script("translations").House(ROOT)
    house.read_code()
    house.read_catalogues()

    assert house.check() == []
