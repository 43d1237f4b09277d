"""Folded pages are the unfolded pages, to the letter."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from tests.web import parts_page
from tracker.web.jinja_fold import Folding

WORDS = {
    "Scan": "Quét",
    "Nuts & <bolts>": "Ốc & <vít>",
    "%(count)s of %(all)s": "%(count)s trong %(all)s",
    "100 %% of %(all)s": "100 %% của %(all)s",
    "100 %": "100 %",
    "%(num)s row": "%(num)s dòng",
}
CASES = [
    '{{ _("Scan") }}',
    '<b title="{{ _("Nuts & <bolts>") }}">{{ _("Nuts & <bolts>") }}</b>',
    '{{ _("%(count)s of %(all)s", count=x, all=y) }}',
    '{{ _("100 %% of %(all)s", all=x) }}',
    '{{ _("100 %") }}',
    '{{ _("Not in the catalogue: %(a)s", a=x) }}',
    "{{ _(x) }}",
    '{{ _("%(count)s of %(all)s", **values) }}',
    '{{ _("Scan")|upper ~ x }}',
    '{% set words = _("Scan") %}{{ words }}{{ words|length }}',
    '{% macro part(label=_("Scan")) %}<i>{{ label }}</i>{% endmacro %}{{ part() }}{{ part(_("%(count)s of %(all)s", count=x, all=2)) }}',
    '{{ ngettext("%(num)s row", "%(num)s rows", n) }}',
    '{{ ngettext("%(num)s row", "%(num)s rows", n, more=x) }}',
    "{% for _ in [1, 2] %}{{ _ }}{% endfor %}",
    '{% if _("Scan") == "Quét" %}{{ _("%(count)s of %(all)s", count=_("Scan"), all=1) }}{% endif %}',
    '{{ _("%(count)s of %(all)s", count=x, all=y)|safe }}',
    '{% autoescape false %}{{ _("Nuts & <bolts>") }}{{ _("%(count)s of %(all)s", count=x, all=y) }}{% endautoescape %}',
    '{{ static("a.css") }}{{ static(x) }}',
]


def gettext(message: str) -> str:
    return WORDS.get(message, message)


def ngettext(one: str, many: str, num: int) -> str:
    return WORDS.get(one, one if num == 1 else many)


def say(message: str, **values: Any) -> str:
    return gettext(message) % values if values else gettext(message)


def say_count(one: str, many: str, num: int, **values: Any) -> str:
    return ngettext(one, many, num) % {"num": num, **values}


def static(path: str) -> str:
    return f"/static/{path}?v=<1>"


def both(source: str) -> tuple[Environment, Environment]:
    loader = DictLoader({"page": source})
    plain = Environment(loader=loader, autoescape=True)
    folding = Folding(gettext, ngettext=ngettext, pure={"static": static}, loader=loader, autoescape=True)
    for env in (plain, folding):
        env.globals.update(_=say, gettext=say, ngettext=say_count, static=static)
    return plain, folding


VALUES = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.sampled_from(["<script>", "%(count)s", "&amp;", Markup("<b>"), None, 1.5]),
)


@pytest.mark.parametrize("source", CASES)
@settings(max_examples=40)
@given(x=VALUES, y=VALUES, n=st.integers(0, 30))
def test_a_folded_page_is_the_page(source: str, x: Any, y: Any, n: int) -> None:
    plain, folding = both(source)
    if "_(x)" in source or "static(x)" in source:
        x = str(x)
    values = {"x": x, "y": y, "n": n, "values": {"count": x, "all": y}}

    assert folding.get_template("page").render(values) == plain.get_template("page").render(values)


def test_a_value_is_escaped_in_a_folded_message() -> None:
    _, folding = both('{{ _("%(count)s of %(all)s", count=x, all=3) }}')

    assert folding.get_template("page").render(x="<img onerror=1>") == "&lt;img onerror=1&gt; trong 3"


def test_a_fixed_message_is_not_looked_up_again() -> None:
    asked: list[str] = []

    def counted(message: str) -> str:
        asked.append(message)
        return gettext(message)

    env = Folding(counted, loader=DictLoader({"page": '{{ _("Scan") }} {{ _("Scan") }}'}), autoescape=True)
    template = env.get_template("page")
    compiled = len(asked)

    assert [template.render() for _ in range(3)] == ["Quét Quét"] * 3
    assert len(asked) == compiled == 2


def test_a_language_with_two_forms_keeps_them() -> None:
    env = Folding(
        lambda message: message,
        ngettext=lambda one, many, n: one if n == 1 else many,
        loader=DictLoader({"page": '{{ ngettext("%(num)s row", "%(num)s rows", n) }}'}),
    )
    env.globals["ngettext"] = lambda one, many, num: (one if num == 1 else many) % {"num": num}

    assert [env.get_template("page").render(n=n) for n in (1, 2)] == ["1 row", "2 rows"]


MACROS = {
    "icon.html": '{% macro icon(name, class="") %}<svg class="{{ class }}">{{ static(name) }}</svg>{% endmacro %}',
    "page": '{% from "icon.html" import icon %}{{ icon("a&b") }}{{ icon(x, class="big") }}{{ say(icon("c", "d")) }}',
    "other": '{% macro icon(name) %}({{ name }}){% endmacro %}{{ icon("a") }}',
    "renamed": '{% from "icon.html" import icon as drawing %}{% set icon = 5 %}{{ icon }}{{ drawing("a") }}',
}


@pytest.mark.parametrize("name", ["page", "other", "renamed"])
def test_a_fixed_macro_is_folded_where_it_is_that_macro(name: str) -> None:
    loader = DictLoader(MACROS)
    plain = Environment(loader=loader, autoescape=True)
    folding = Folding(gettext, macros={"icon": "icon.html"}, loader=loader, autoescape=True)
    for env in (plain, folding):
        env.globals.update(static=static, say=lambda part: part)

    assert folding.get_template(name).render(x="<x>") == plain.get_template(name).render(x="<x>")


@pytest.mark.parametrize("template", ["web/parts.html", "errors/404.html"])
def test_the_parts_page_is_the_same_folded(template: str) -> None:
    words = parts_page.catalogue()
    plain = parts_page.environment(words)
    plain.globals["new_event_id"] = lambda: "id"
    folding = Folding(
        lambda message: words.get(message, message),
        ngettext=lambda one, many, n: words.get(one, one if n == 1 else many),
        pure={"static": plain.globals["static"]},
        macros={"icon": "parts/icon.html"},
        loader=plain.loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    folding.filters, folding.globals = plain.filters, plain.globals
    values = {**parts_page.signed_in(), "example": parts_page.example()}

    assert folding.get_template(template).render(values) == plain.get_template(template).render(values)
