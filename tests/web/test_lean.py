"""Lean pages are Jinja's pages, to the letter, and nothing of ours wants what they leave out."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, UndefinedError
from jinja2.utils import _PassArg  # what marks a function that wants the context
from markupsafe import Markup
from werkzeug.local import LocalProxy

from tracker.web.jinja_lean import Lean

TEMPLATES = {
    "parts.html": '{% macro b(x, tone="quiet") %}<b class="{{ tone }}">{{ x }}</b>{% endmacro %}'
    '{% macro box() %}<div title="{{ caller() }}">{{ caller() }}</div>{% endmacro %}'
    "{% set name = 'the part' %}",
    "frame.html": "<title>{% block title %}{% endblock %}</title>{% block main %}nothing{% endblock %}{{ self.title() }}",
    "values": "{{ x }}<i title='{{ y }}'>{{ x ~ y }}</i>{{ f(x) }}{{ f(f(y)) }}{{ n }}{{ none }}{{ 1.5 }}",
    "filters": "{{ x|e }}{{ x|upper }}{{ y|safe }}{{ [x, y]|join(', ') }}{{ x|default('-') }}{{ x|string|length }}",
    "imports": '{% from "parts.html" import b, b as c, name %}{{ b(x) }}{{ c(y, tone=x) }}{{ name }}{% import "parts.html" as p %}{{ p.b(n) }}',
    "calls": '{% from "parts.html" import box %}{% call box() %}{{ x }}{% endcall %}{% macro m(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ m(x, y, n) }}',
    "sets": "{% set part %}<u>{{ x }}</u>{% endset %}{{ part }}{{ part|length }}{% set both = f(x) ~ y %}{{ both }}",
    "loops": "{% for each in [x, y, n] %}{{ loop.index }}{{ each }}{{ loop.cycle('a', '<') }}{% else %}-{% endfor %}",
    "blocks": '{% extends "frame.html" %}{% block title %}{{ x }}{% endblock %}{% block main %}{{ super() }}{{ y }}{% endblock %}',
    "off": "{% autoescape false %}{{ x }}{{ f(y) }}{% endautoescape %}{{ y }}",
    "included": '{% include "values" %}{% set z = x %}{% from "parts.html" import b with context %}{{ b(z) }}',
}
PAGES = [name for name in TEMPLATES if not name.endswith(".html")]

VALUES = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.sampled_from(["<script>", "&amp;", "'\"", Markup("<b>"), None, 1.5, True]),
)


class Html:
    """Something that writes its own HTML."""

    def __html__(self) -> str:
        return "<hr>"


def both() -> tuple[Environment, Environment]:
    loader = DictLoader(TEMPLATES)
    environments = Environment(loader=loader, autoescape=True), Lean(loader=loader, autoescape=True)
    for env in environments:
        env.globals["f"] = lambda value: value if isinstance(value, Markup) else f"<{value}>"
    return environments


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=40)
@given(x=VALUES, y=VALUES, n=st.integers(0, 30))
def test_a_lean_page_is_the_page(name: str, x: Any, y: Any, n: int) -> None:
    plain, lean = both()
    values = {"x": x, "y": y, "n": n}

    assert lean.get_template(name).render(values) == plain.get_template(name).render(values)


@pytest.mark.parametrize("name", PAGES)
def test_what_writes_its_own_html_may(name: str) -> None:
    plain, lean = both()
    values = {"x": Html(), "y": Html(), "n": 1}

    assert lean.get_template(name).render(values) == plain.get_template(name).render(values)


@pytest.mark.parametrize("source", ["{{ nobody() }}", "{{ x.nobody() }}"])
def test_calling_what_is_not_there_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        Lean(autoescape=True).from_string(source).render(x="x")


def test_an_import_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nobody"):
        Lean(loader=DictLoader(TEMPLATES)).from_string(
            '{% from "parts.html" import nobody %}{{ nobody() }}'
        ).render()


def test_no_function_of_our_pages_wants_the_context(app: Flask) -> None:
    for env in app.extensions["pages"].values():
        functions = {name: value for name, value in env.globals.items() if not isinstance(value, LocalProxy)}
        assert len(functions) > 8
        assert not [name for name, value in functions.items() if _PassArg.from_obj(value)]
