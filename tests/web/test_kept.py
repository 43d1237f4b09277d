"""A part that keeps its renderings never shows one where another belongs."""

from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from tracker.web import pages
from tracker.web.pages import kept


@pytest.fixture
def part() -> Any:
    env = Environment(
        loader=DictLoader({"p": "{% macro p(x, y=none) %}{{ x }}|{{ y }}{% endmacro %}"}), autoescape=True
    )
    return kept(env.get_template("p").module.p)  # type: ignore[attr-defined]


def test_equal_values_of_other_kinds_are_rendered_apart(part: Any) -> None:
    assert [part(Markup("<b>")), part("<b>")] == ["<b>|None", "&lt;b&gt;|None"]
    assert [part("a", y=Markup("<i>")), part("a", y="<i>")] == ["a|<i>", "a|&lt;i&gt;"]
    assert [part(1), part(True), part(1.0)] == ["1|None", "True|None", "1.0|None"]


def test_a_rendering_is_kept_and_what_cannot_be_compared_is_not(part: Any) -> None:
    assert part("a") is part("a")
    assert part(["a"]) is not part(["a"])
    assert part(["a"]) == part(["a"])


def test_the_memory_is_bounded(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_KEPT", 3)
    first = part("0")
    for n in range(1, 4):
        part(str(n))
    assert part("0") is not first
    assert part("0") == first
