"""The names that a template may use, and the check that it uses no others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jinja2 import TemplateSyntaxError, meta, nodes

from rules.sandbox import TemplateFault, nearest
from rules.syntax import explain, strays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.sandbox import Sandbox

NAMES = {
    "person": "person",
    "people": "people",
    "meeting": "meeting",
    "me": "me",
    "last_contact": "moment",
    "meetings_so_far": "number",
    "next_meeting": "meeting",
    "round": "number",
    "late": "",
    "slots": "slots",
    "decision": "text",
    "helped": "words",
    "owed": "promises",
    "gap": "",
}
"""What a template may name, and of what kind each is; no kind means that nothing is asked of it."""

ATTRIBUTES: dict[str, dict[str, str]] = {
    "person": {
        "first_name": "text", "name": "text", "email": "text", "organisation": "text", "tags": "words",
        "language": "text", "notes": "text", "owed": "promises", "history": "contacts", "noted": "notes",
    },
    "people": {"names": "words", "first_names": "words", "count": "", "index": ""},
    "meeting": {
        "title": "text", "start": "moment", "end": "moment", "when": "text", "weekday": "text", "location": "text",
    },
    "me": {"name": "text", "email": "text", "signature": "text"},
    "moment": {
        "year": "number", "month": "number", "day": "number", "hour": "number", "minute": "number",
        "weekday": "text", "when": "text", "date": "text", "time": "text", "strftime": "", "isoformat": "",
    },
    "slots": {"length": "text", "count": "", "index": ""},
    "slot": {"start": "moment", "end": "moment"},
    "promises": {"count": "", "index": ""},
    "contacts": {"count": "", "index": ""},
    "contact": {"how": "text", "what": "text", "at": "moment"},
    "notes": {"count": "", "index": ""},
    "note": {"text": "text", "at": "moment"},
    "promise": {"text": "text", "since": "moment"},
    "words": {"count": "", "index": ""},
    "text": dict.fromkeys((name for name in dir(str) if not name.startswith("_")), ""),
}  # fmt: skip

_OTHERWISE = {
    "filter": "take the `|` out and what follows, or write one such as `upper`, `lower`, `title`, `first` or `join`",
    "test": "write one such as `defined` or `none`, or compare with `==`",
}
_ELEMENT = {"people": "person", "slots": "slot", "promises": "promise", "contacts": "contact", "notes": "note",
            "words": "text"}  # fmt: skip
_FIRST_OR_LAST = ("first", "last")
_STANDS_ALONE = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_NOT_NEWLINE = re.compile(r"[^\n]")


def faults(source: str, environment: Sandbox, name: str) -> list[TemplateFault]:
    """All that is wrong in this template source; a syntax error hides what is behind it.

    Raises:
        RecursionError: it is nested too deeply to be read.
    """
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [explain(source, environment, error.lineno, name)]
    check = _Check(environment, source, name)
    check.run(tree)
    return [*check.found, *strays(source, NAMES, name)]


def mentions(source: str, name: str) -> bool:
    """Whether the code in this template source uses the name, on its own or of something."""
    return name in source and re.search(rf"\b{re.escape(name)}\b", code_only(source)) is not None


def code_only(source: str) -> str:
    """The source with blanks for all that is not code, so that a name can be found in its line."""
    blank = list(_NOT_NEWLINE.sub(" ", source))
    for found in _CODE.finditer(source):
        if found[0].startswith("{#"):
            continue
        code = _QUOTED.sub(lambda quoted: _NOT_NEWLINE.sub(" ", quoted[0]), found[0])
        blank[found.start() : found.end()] = code
    return "".join(blank)


def words_only(source: str) -> str:
    """What this template source says itself, without its code and its remarks."""
    return _CODE.sub(" ", source)


@dataclass
class _Check:
    """One walk through the syntax tree of one template."""

    environment: Sandbox
    source: str
    name: str
    found: list[TemplateFault] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    seen: dict[tuple[int, str], int] = field(default_factory=dict)

    def run(self, tree: nodes.Template) -> None:
        self.lines = code_only(self.source).split("\n")
        self.quoted_lines = self.source.split("\n")
        self._unknown_tools(tree)
        for alien in tree.find_all(_STANDS_ALONE):
            self._report(
                alien.lineno,
                r"\b(?:extends|include|import|from)\b",
                "a template takes no other file in",
                "write here what stands in it",
            )
        unknown = self._undeclared() - NAMES.keys()
        self.kinds = {name: kind for name, kind in NAMES.items() if kind}
        for name in _assigned(tree):
            self.kinds.pop(name, None)
        self._bind(tree)
        for node in _in_order(tree):
            if isinstance(node, nodes.Name) and node.ctx == "load" and node.name in unknown:
                hint = nearest(node.name, NAMES) or f"the names are {', '.join(f'`{one}`' for one in NAMES)}"
                self._report(node.lineno, rf"(?<![\w.])({re.escape(node.name)})\b", f"unknown name `{node.name}`", hint)
            elif isinstance(node, nodes.Getattr):
                self._attribute(node.node, node.attr, node.lineno)
            elif (
                isinstance(node, nodes.Getitem)
                and isinstance(node.arg, nodes.Const)
                and isinstance(node.arg.value, str)
            ):
                self._attribute(node.node, node.arg.value, node.lineno)

    def _undeclared(self) -> set[str]:
        """The names that come from outside. Unknown filters are reported already, and must not stop the search."""
        stand_in = self.environment.overlay()
        tree = stand_in.parse(self.source)
        stand_in.filters = {**stand_in.filters, **{one.name: _anything for one in tree.find_all(nodes.Filter)}}
        stand_in.tests = {**stand_in.tests, **{one.name: _anything for one in tree.find_all(nodes.Test)}}
        tree = stand_in.parse(self.source)
        return meta.find_undeclared_variables(tree)

    def _unknown_tools(self, tree: nodes.Template) -> None:
        for node in tree.find_all((nodes.Filter, nodes.Test)):
            what, known = (
                ("filter", self.environment.filters)
                if isinstance(node, nodes.Filter)
                else ("test", self.environment.tests)
            )
            if node.name not in known:
                hint = nearest(node.name, known) or _OTHERWISE[what]
                self._report(node.lineno, rf"\b({re.escape(node.name)})\b", f"unknown {what} `{node.name}`", hint)

    def _bind(self, tree: nodes.Template) -> None:
        """`{% for one in people %}` and `{% set one = people[0] %}`, where the name is given once."""
        assigned = _assigned(tree)
        for node in _in_order(tree):
            if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
                name, kind = node.target.name, _ELEMENT.get(self._kind(node.iter), "")
            elif isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
                name, kind = node.target.name, self._kind(node.node)
            else:
                continue
            if kind and assigned.count(name) == 1 and name not in NAMES:
                self.kinds[name] = kind

    def _kind(self, node: nodes.Node) -> str:
        """Of what kind an expression is; empty when that cannot be seen."""
        if isinstance(node, nodes.Name):
            return self.kinds.get(node.name, "")
        if isinstance(node, nodes.Getattr):
            return ATTRIBUTES.get(self._kind(node.node), {}).get(node.attr, "")
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int):
            return _ELEMENT.get(self._kind(node.node), "")
        if isinstance(node, nodes.Filter) and node.name in _FIRST_OR_LAST and node.node is not None:
            return _ELEMENT.get(self._kind(node.node), "")
        return ""

    def _attribute(self, owner: nodes.Node, attribute: str, line: int) -> None:
        kind = self._kind(owner)
        known = ATTRIBUTES.get(kind)
        if known is None or attribute in known:
            return
        said = f"{owner.name}.{attribute}" if isinstance(owner, nodes.Name) else attribute
        hint = nearest(attribute, known)
        if hint is None and kind != "text":
            hint = f"a {kind} has {', '.join(known)}"
        pattern = rf"\.\s*({re.escape(attribute)})\b"
        if isinstance(owner, nodes.Name):
            pattern = rf"(?<![\w.]){re.escape(owner.name)}\s*{pattern}"
        self._report(line, pattern, f"unknown name `{said}`", hint, quoted=attribute)

    def _report(self, line: int, pattern: str, message: str, hint: str | None, quoted: str = "") -> None:
        """Each further fault of one kind in a line is looked for behind the one before."""
        nth = self.seen[line, pattern] = self.seen.get((line, pattern), -1) + 1
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        places = [found.start(found.lastindex or 0) + 1 for found in re.finditer(pattern, text)]
        if not places and quoted:
            places = [found.start() + 1 for found in re.finditer(re.escape(quoted), self.quoted_lines[line - 1])]
        column = places[min(nth, len(places) - 1)] if places else 1
        self.found.append(TemplateFault(message, line, column, hint, self.name))


def _in_order(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it, as they stand in the text."""
    yield node
    for child in node.iter_child_nodes():
        yield from _in_order(child)


def _assigned(tree: nodes.Template) -> list[str]:
    """Names that the template gives a value itself: they may hide a known one."""
    return [node.name for node in tree.find_all(nodes.Name) if node.ctx in {"store", "param"}]


def _anything(value: object) -> bool:
    """Stands for a filter or a test that does not exist, so that the rest of the template can be looked at."""
    return bool(value)
