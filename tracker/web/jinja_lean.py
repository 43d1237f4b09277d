"""Templates that compile to less Python.

Jinja writes code for all it can do: it asks of every called thing whether it wants the context, looks
every imported template up anew, and wraps each escaped value to mark it safe though it is joined with
the rest at once. A page of ours does each of these some fifty times and needs none of them. The pages
are the same to the letter; tests/web/test_lean.py compares them.
"""

import operator
from types import SimpleNamespace
from typing import Any

import markupsafe
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from markupsafe import Markup, escape

#: What `escape` does with a plain text, before it wraps the outcome. MarkupSafe has it since 3.0.
_escaped = getattr(markupsafe, "_escape_inner", escape)


def written(value: Any) -> str:
    """Return what stands in the page for a value; not marked as safe, since nothing asks any more."""
    kind = type(value)
    if kind is str:
        return str(_escaped(value))
    return value if kind is Markup else escape(value)


class LeanCode(CodeGenerator):
    """Jinja's compiler, with shorter ways of calling, importing and escaping."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")

    @optimizeconst
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        if forward_caller:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("environment.called(")
        self.visit(node.node, frame)
        self.signature(node, frame)
        self.write(")")

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        if node.with_context or not isinstance(node.template, nodes.Const):
            super()._import_common(node, frame)
        else:
            self.write(f"environment.part({node.template.value!r})")


class Lean(Environment):
    """An environment whose globals do not want Jinja's context, and whose templates do not change."""

    code_generator_class = LeanCode
    written = staticmethod(written)
    called: Any = staticmethod(operator.call)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._parts: dict[str, Any] = {}

    def part(self, name: str) -> SimpleNamespace | Any:
        """Return the module of an imported template, looked up once."""
        found = self._parts.get(name)
        if found is None:
            found = self.get_template(name).module
            if not self.auto_reload:
                self._parts[name] = found
        return found
