"""What never changes in a page is worked out when its template is compiled, once for each language.

`_("Search")` becomes the word itself, `_("%(n)s rows", n=count)` the translated pattern with its values
filled in, and `icon("gift")` and `static("theme.css")` their text. Looking each up again for every page
cost more than everything else the page does. Values are still escaped where they are shown.
"""

from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

if TYPE_CHECKING:
    from jinja2 import Environment

ICONS = "parts/icon.html"


class Folder(NodeTransformer):
    """Replaces calls with constant arguments in one template's tree."""

    def __init__(self, env: "Environment", name: str | None) -> None:
        self.env = env
        self.name = name

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # Jinja's own naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        constant = all(isinstance(arg, nodes.Const) for arg in node.args)
        if not (constant and node.args):
            return node
        match node.node.name:
            case "_":
                return self._words(node)
            case "static" if not node.kwargs:
                return self._const(node, self._call("static", node))
            case "icon" if self.name != ICONS and all(isinstance(more.value, nodes.Const) for more in node.kwargs):
                module: Any = self.env.get_template(ICONS).module
                named = {more.key: more.value.value for more in node.kwargs if isinstance(more.value, nodes.Const)}
                drawn = module.icon(*self._values(node), **named)
                return nodes.MarkSafe(nodes.Const(str(drawn)), lineno=node.lineno)
        return node

    def _words(self, node: nodes.Call) -> nodes.Node:
        said = self._const(node, self._call("_", node))
        if not node.kwargs:
            return said
        pairs: list[nodes.Pair] = [nodes.Pair(nodes.Const(more.key), more.value) for more in node.kwargs]
        return nodes.Mod(said, nodes.Dict(pairs), lineno=node.lineno)

    def _call(self, name: str, node: nodes.Call) -> Any:
        return self.env.globals[name](*self._values(node))

    @staticmethod
    def _values(node: nodes.Call) -> list[Any]:
        return [arg.value for arg in node.args if isinstance(arg, nodes.Const)]

    @staticmethod
    def _const(node: nodes.Call, value: Any) -> nodes.Const:
        return nodes.Const(str(value), lineno=node.lineno)
