"""Names that a template writes out whatever they are, for those that are empty in some notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import nodes

from rules.vocabulary import code_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.sandbox import Sandbox

MAY_BE_EMPTY = frozenset({"slots", "decision", "helped", "round"})
"""Nothing, or 0, in notes for which they are not meant: neither an error nor a gap tells of it."""

_CHOICES = (nodes.If, nodes.CondExpr, nodes.Or, nodes.And, nodes.Compare)
_OTHERWISE = (nodes.Filter, nodes.Test, nodes.Assign, nodes.Macro, nodes.CallBlock)


@dataclass(frozen=True, slots=True)
class BareName:
    """A name that is written out where nothing asks for it first; lines and columns count from 1."""

    name: str
    line: int
    column: int


def bare_names(source: str, environment: Sandbox) -> tuple[BareName, ...]:
    """Those of `MAY_BE_EMPTY` that this source, which has no faults, writes out as they are."""
    lines = code_only(source).split("\n")
    found: dict[tuple[str, int], BareName] = {}
    tree = environment.parse(source)
    own = frozenset(node.name for node in tree.find_all(nodes.Name) if node.ctx != "load")
    for node in _bare(tree, own):
        place = re.search(rf"(?<![\w.]){node.name}\b", lines[node.lineno - 1])
        found[node.name, node.lineno] = BareName(node.name, node.lineno, place.start() + 1 if place else 1)
    return tuple(found.values())


def _bare(node: nodes.Node, asked: frozenset[str]) -> Iterator[nodes.Name]:
    """The names of this part that are not among `asked`, by an `if` around them or a `for` over them."""
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name in MAY_BE_EMPTY - asked:
        yield node
    if isinstance(node, _CHOICES):
        asked |= _names(node.test if isinstance(node, nodes.If | nodes.CondExpr) else node)
    elif isinstance(node, nodes.For):
        asked |= _names(node.iter)
    elif isinstance(node, _OTHERWISE):
        asked |= _names(node)  # it makes something else of them
    for child in node.iter_child_nodes():
        yield from _bare(child, asked)


def _names(node: nodes.Node) -> frozenset[str]:
    own = {node.name} if isinstance(node, nodes.Name) else set()
    return frozenset(own | {one.name for one in node.find_all(nodes.Name)})
