"""Templates whose fixed messages are put in when they are compiled, for one language.

Looking a message up costs more than writing it, and a page has seventy. In an environment for one
language the translation of `_("Scan")` never changes, so the compiler sees the Vietnamese words as
if they stood in the template: they are escaped once and joined with the HTML around them.
`_("%(count)s of %(all)s", count=a, all=b)` becomes the formatting alone. What is not constant is
left as it is. The pages are the same to the letter; tests/web/test_fold.py compares them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

Say = Callable[[str], str]
SayCount = Callable[[str, str, int], str]
Pure = Callable[..., str | None]


class Folding(Environment):
    """An environment that folds messages.

    `gettext` translates into the environment's one language; `ngettext` too, and its calls are
    folded where the language has one form for all counts. `pure` are further functions that give
    the same for the same constant arguments for as long as the process lives, by their name in
    templates (one that returns None is left to be called); `macros` are such macros, as {name: template they are imported from}.
    A cache of compiled templates must not be shared between languages.
    """

    def __init__(
        self,
        gettext: Say,
        *,
        ngettext: SayCount | None = None,
        pure: Mapping[str, Pure] | None = None,
        macros: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._gettext, self._ngettext = gettext, ngettext
        self._pure, self._macros = pure or {}, macros or {}

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Fold, then generate: Jinja's own hook between its parser and its compiler."""
        pure = {**self._pure, **self._imported(source)}
        if not _own_names(source, apart=set(pure) - set(self._pure)) & {"_", "gettext", "ngettext", *pure}:
            _Folds(self._gettext, self._ngettext, pure).visit(source)
        return super()._generate(source, name, filename, defer_init)

    def _imported(self, source: nodes.Template) -> dict[str, Pure]:
        """Return those of the fixed macros that the template imports under their own names."""
        found = {}
        for imported in source.find_all(nodes.FromImport):
            for name in imported.names:
                if isinstance(name, str) and imported.template == nodes.Const(self._macros.get(name)):
                    found[name] = getattr(self.get_template(self._macros[name]).module, name)
        return found


class _Folds(NodeTransformer):
    def __init__(self, gettext: Say, ngettext: SayCount | None, pure: Mapping[str, Pure]) -> None:
        self.gettext, self.ngettext, self.pure = gettext, ngettext, pure

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802  Jinja looks for the node's name
        self.generic_visit(call)
        if not isinstance(call.node, nodes.Name) or call.dyn_args or call.dyn_kwargs:
            return call
        name = call.node.name
        if name in ("_", "gettext"):
            return self._message(call)
        if name == "ngettext" and self.ngettext:
            return self._count(call, self.ngettext)
        if name in self.pure:
            return self._pure(call, self.pure[name])
        return call

    def _message(self, call: nodes.Call) -> nodes.Node:
        match call.args:
            case [nodes.Const(value=str(message))]:
                return _written(call, self.gettext(message), dict(_named(call)))
        return call

    def _count(self, call: nodes.Call, ngettext: SayCount) -> nodes.Node:
        match call.args:
            case [nodes.Const(value=str(one)), nodes.Const(value=str(many)), nodes.Expr() as number]:
                values = dict(_named(call))
                forms = {ngettext(one, many, n) for n in (0, 1, 2, 5, 21)}
                if len(forms) == 1 and "num" not in values:
                    return _written(call, forms.pop(), {"num": number, **values})
        return call

    def _pure(self, call: nodes.Call, function: Pure) -> nodes.Node:
        values = [*call.args, *(value for _, value in _named(call))]
        if not all(isinstance(value, nodes.Const) for value in values):
            return call
        arguments = [value.as_const() for value in call.args]
        named = {name: value.as_const() for name, value in _named(call)}
        found = function(*arguments, **named)
        return call if found is None else _placed(call, nodes.Const(found))


def _named(call: nodes.Call) -> list[tuple[str, nodes.Expr]]:
    return [(pair.key, pair.value) for pair in call.kwargs]


def _own_names(template: nodes.Template, *, apart: set[str]) -> set[str]:
    """Return the names that mean something else in this template, as in `{% for _ in … %}`."""
    names = {name.name for name in template.find_all(nodes.Name) if name.ctx in ("store", "param")}
    names |= {macro.name for macro in template.find_all(nodes.Macro)}
    names |= {imported.target for imported in template.find_all(nodes.Import)}
    for imported in template.find_all(nodes.FromImport):
        names |= {name if isinstance(name, str) else name[1] for name in imported.names} - apart
    return names


def _written(call: nodes.Call, sentence: str, values: Mapping[str, nodes.Expr]) -> nodes.Node:
    """Return the sentence, or the formatting of it, as a plain string: the page escapes it as before."""
    if not values:
        return _placed(call, nodes.Const(sentence))
    pairs = [nodes.Pair(nodes.Const(name), value) for name, value in values.items()]
    return _placed(call, nodes.Mod(nodes.Const(sentence), nodes.Dict(pairs)))


def _placed(call: nodes.Call, new: nodes.Expr) -> nodes.Node:
    new.environment = call.environment
    return new.set_lineno(call.lineno)
