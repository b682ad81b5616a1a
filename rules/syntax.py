"""Says in plain words where and why a template cannot be read, from its text and not from what Jinja2 says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import TemplateSyntaxError

from rules.sandbox import TemplateFault, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.sandbox import Sandbox

_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENINGS = frozenset(_ENDS)
_OPENING = re.compile(r"\{[{%#]")
_PIECE = re.compile(r"'(?:\\.|(?!\}\}|%\})[^'\\])*'|\"(?:\\.|(?!\}\}|%\})[^\"\\])*\"|['\"]|\{[{%#]|[{}]|%\}", re.DOTALL)
"""What counts on the way to the end of a tag. A text in quotes that would run over the end of one was never closed."""
_BLOCKS = ("if", "for", "set", "macro", "filter", "call", "with", "raw", "block", "autoescape")
_BETWEEN = {"elif": ("if",), "else": ("if", "for")}
_WORDS = (*_BLOCKS, *_BETWEEN, *(f"end{block}" for block in _BLOCKS))
_USUAL = (
    "`{% if … %}`, `{% elif … %}`, `{% else %}`, `{% endif %}`, `{% for … in … %}`, `{% endfor %}` and `{% set … %}`"
)
_ALONE = ("extends", "include", "import", "from")
_SHOWN = {
    "if": "{% if late %}", "elif": "{% elif late %}",
    "for": "{% for one in people %}", "set": '{% set word = "text" %}',
}  # fmt: skip
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_CURLY = "“”„‘’‚"  # noqa: RUF001 - they are what is looked for
_ODD = re.compile(r"[^\w\s.,()\[\]{}|~+*/%:=<>!-]")
"""What no expression has outside of quotes."""
_LONGEST = 60
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class _Tag:
    """What stands between two signs such as `{{` and `}}`: from which character, and where its inside begins."""

    at: int
    sign: str
    inside: str

    @property
    def begins(self) -> int:
        return self.at + 2 + (self.inside[:1] in {"-", "+"})

    @property
    def words(self) -> str:
        return self.inside.strip("-+").strip()

    @property
    def word(self) -> str:
        return self.words.split(maxsplit=1)[0] if self.words else ""

    @property
    def shown(self) -> str:
        written = f"{self.sign} {' '.join(self.words.split())} {_ENDS[self.sign]}"
        return f"`{written}`" if len(written) <= _LONGEST else f"this `{self.sign}`"


class _FoundError(Exception):
    """The first fault: at which character, what it is, and what would be right."""

    def __init__(self, at: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint


def explain(source: str, environment: Sandbox, line: int, name: str) -> TemplateFault:
    """Why this source cannot be read; `line` is where Jinja2 gave up, for what is not recognised."""
    try:
        tags = list(_tags(source))
        for tag in tags:
            _check(tag, environment)
        _balanced(tags)
    except _FoundError as found:
        return _fault(source, found, name)
    text = source.split("\n")[line - 1] if 0 < line <= source.count("\n") + 1 else ""
    first = _OPENING.search(text)
    message = "this line cannot be read as a part of a template"
    return TemplateFault(message, line, first.start() + 1 if first else 1, "write it as in one that works", name)


def _fault(source: str, found: _FoundError, name: str) -> TemplateFault:
    before = source[: found.at]
    return TemplateFault(found.message, before.count("\n") + 1, found.at - before.rfind("\n"), found.hint, name)


def _tags(source: str) -> Iterator[_Tag]:
    """All tags in the order of the text.

    Raises:
        _FoundError: one of them is never closed, or a quote in it.
    """
    position = 0
    while found := _OPENING.search(source, position):
        end = _end(source, found.start(), found[0])
        tag = _Tag(found.start(), found[0], source[found.end() : end])
        position = end + 2
        yield tag
        if tag.sign == "{%" and tag.word == "raw":
            over = re.compile(r"\{%[-+]?\s*endraw").search(source, position)
            if over is None:
                raise _FoundError(tag.at, f"{tag.shown} is begun here and never ended", "write `{% endraw %}` below")
            position = over.start()


def _end(source: str, at: int, sign: str) -> int:
    """Where the sign that closes a tag stands."""
    close = _ENDS[sign]
    if sign == "{#":
        if (end := source.find(close, at + 2)) < 0:
            raise _FoundError(at, "`{#` begins a remark here, which never ends", "write `#}` where it ends")
        return end
    depth, quote_at, inner = 0, None, None
    for found in _PIECE.finditer(source, at + 2):
        piece, position = found[0], found.start()
        if piece == "%}" or (piece == "}" and depth == 0):
            if source.startswith(close, position):
                return position
            break
        if piece in _OPENINGS:
            break
        if piece in {'"', "'"}:
            quote_at = position
            break
        inner = position if piece == "{" else inner
        depth += {"{": 1, "}": -1}.get(piece, 0)
    if inner is not None and "\n" not in source[at:inner]:
        raise _FoundError(inner, f"this `{{` stands inside a `{sign}`", "take it out")
    raise _unclosed(source, at, sign, quote_at)


def _unclosed(source: str, at: int, sign: str, quote_at: int | None) -> _FoundError:
    """What is told of a tag whose end was not found."""
    close = _ENDS[sign]
    line_end = source.find("\n", at)
    line = source[at : line_end if line_end >= 0 else len(source)]
    if quote_at is not None and close in source[quote_at:]:
        return _FoundError(quote_at, "a quote is opened here and never closed", f"close it before the `{close}`")
    begun = re.match(r"\{.[-+]?\s*((?:if|elif|for|set)\s+)?[\w.]*", line)
    written = f"`{begun[0].rstrip()} {close}`" if begun and begun[0].rstrip() != sign else f"`{close}`"
    as_in = f", as in {written}" if written != f"`{close}`" else ""
    return _FoundError(at, f"`{sign}` is opened here and never closed", f"close it with `{close}`{as_in}")


def _check(tag: _Tag, environment: Sandbox) -> None:
    """One tag by itself."""
    if tag.sign == "{#":
        return
    if tag.sign == "{%" and tag.word not in _WORDS and tag.word not in _ALONE:
        if not tag.word:
            raise _FoundError(tag.at, "there is nothing between `{%` and `%}`", "take it out")
        hint = nearest(tag.word, _WORDS) or f"the tags are {_USUAL}"
        raise _FoundError(tag.begins + tag.inside.lstrip("-+").index(tag.word), f"unknown tag `{tag.word}`", hint)
    if tag.sign == "{{" and not tag.words:
        hint = "write a name there, as in `{{ person.first_name }}`, or take it out"
        raise _FoundError(tag.at, "there is nothing between `{{` and `}}`", hint)
    try:
        environment.parse(_whole(tag))
    except TemplateSyntaxError:
        raise _in_words(tag) from None


def _whole(tag: _Tag) -> str:
    """A source that has this tag, and all that it needs."""
    text = f"{tag.sign} {tag.words} {_ENDS[tag.sign]}"
    if tag.sign == "{{":
        return text
    if tag.word in _BETWEEN:
        return f"{{% if 1 %}}{text}{{% endif %}}"
    if tag.word.startswith("end"):
        return ""
    if tag.word == "set" and "=" in tag.words:
        return text
    return f"{text}{{% end{tag.word} %}}" if tag.word in _BLOCKS else text


def _in_words(tag: _Tag) -> _FoundError:
    """What is wrong inside a tag, as far as it can be seen."""
    bare = _QUOTED.sub(lambda found: "_" * len(found[0]), tag.inside)
    return _unpaired(tag, bare) or (_in_statement(tag, bare) if tag.sign == "{%" else None) or _in_expression(tag, bare)


def _unpaired(tag: _Tag, bare: str) -> _FoundError | None:
    """A bracket without its other half."""
    opened: list[tuple[str, int]] = []
    for position, letter in enumerate(bare, tag.at + 2):
        if letter in _PAIRS:
            opened.append((letter, position))
        elif letter in _PAIRS.values():
            if not opened or _PAIRS[opened[-1][0]] != letter:
                return _FoundError(position, f"this `{letter}` closes nothing", "take it out, or open it before")
            opened.pop()
    if not opened:
        return None
    letter, position = opened[-1]
    hint = f"write `{_PAIRS[letter]}` before the `{_ENDS[tag.sign]}`"
    return _FoundError(position, f"a `{letter}` is opened here and never closed", hint)


def _in_statement(tag: _Tag, bare: str) -> _FoundError | None:
    if tag.words == tag.word and tag.word in _SHOWN:
        return _FoundError(tag.at, f"{tag.shown} does not say of what", f"write it as in `{_SHOWN[tag.word]}`")
    if tag.word in {"if", "elif"} and (found := re.search(r"(?<![=!<>])=(?!=)", bare)):
        return _FoundError(tag.at + 2 + found.start(), "one `=` compares nothing", "write `==` to compare")
    if tag.word in _SHOWN and tag.word not in {"if", "elif"}:
        return _FoundError(tag.at, f"{tag.shown} cannot be understood", f"write it as in `{_SHOWN[tag.word]}`")
    return None


def _in_expression(tag: _Tag, bare: str) -> _FoundError:
    words = tag.words
    if odd := _ODD.search(bare):
        at, letter = tag.at + 2 + odd.start(), odd[0]
        if letter in _CURLY:
            return _FoundError(
                at, "a curly quote is no quote here", 'write straight ones, as in `gap("what they said")`'
            )
        if not re.search(r"\s\w", words):
            return _FoundError(at, f"`{letter}` has no meaning in a `{tag.sign}`", "take it out")
    if tag.sign == "{{" and re.fullmatch(r"[\w ,.?!'\u2019…-]+", words) and " " in words:
        hint = f'write one, as in `{{{{ person.first_name }}}}`; a gap to fill in is `{{{{ gap("{words}") }}}}`'
        if re.search(r"\w\.\w", words):
            hint = f"there is no space in a name: `{{{{ {words.replace(' ', '_')} }}}}`"
        return _FoundError(tag.at, f"{tag.shown} is not a name", hint)
    hint = 'write a name, as in `person.first_name`, or a text in quotes, as in `gap("what stayed with me")`'
    return _FoundError(tag.at, f"{tag.shown} cannot be understood", hint)


def strays(source: str, names: Iterable[str], name: str) -> list[TemplateFault]:
    """What stands in the words of a template that can be read, and was meant as a tag: it would be sent as it is."""
    try:
        tags = list(_tags(source))
    except _FoundError:
        return []
    words = list(source)
    for tag in tags:
        end = tag.at + 2 + len(tag.inside) + 2
        if tag.sign == "{%" and tag.word == "raw":
            end = next((one.at for one in tags if one.at >= end), len(source))
        words[tag.at : end] = [" " if letter != "\n" else letter for letter in source[tag.at : end]]
    text = "".join(words)
    found = [_stray(one, name, text) for one in re.finditer(r"\}\}|%\}", text)]
    single = re.compile(rf"(?<!\{{)\{{\s*((?:{'|'.join(map(re.escape, names))})\b[\w.]*)\s*\}}(?!\}})")
    for one in single.finditer(text):
        hint = f"write two, as in `{{{{ {one[1]} }}}}`"
        found.append(
            _fault(text, _FoundError(one.start(), "one brace makes no name: this would stand in the note", hint), name)
        )
    return found


def _stray(found: re.Match[str], name: str, text: str) -> TemplateFault:
    opening = "{{" if found[0] == "}}" else "{%"
    message = f"`{found[0]}` stands here, and no `{opening}` before it: it would stand in the note"
    return _fault(text, _FoundError(found.start(), message, f"write `{opening}` where it begins, or take it out"), name)


def _balanced(tags: list[_Tag]) -> None:
    """Whether each block is ended, and nothing is ended that was not begun."""
    blocks: list[_Tag] = []
    for tag in tags:
        word = tag.word if tag.sign == "{%" else ""
        if word in _BLOCKS and not (word == "set" and "=" in tag.words):
            blocks.append(tag)
        elif word in _BETWEEN or (word.startswith("end") and word in _WORDS):
            wanted = _BETWEEN.get(word) or (word.removeprefix("end"),)
            if not blocks or blocks[-1].word not in wanted:
                raise _without_beginning(tag, wanted[0], blocks)
            if word.startswith("end"):
                blocks.pop()
    if blocks:
        last = blocks[-1]
        hint = f"write `{{% end{last.word} %}}` in a line below, where that part ends"
        raise _FoundError(last.at, f"{last.shown} is begun here and never ended", hint)


def _without_beginning(tag: _Tag, wanted: str, blocks: list[_Tag]) -> _FoundError:
    if blocks:
        last = blocks[-1]
        message = f"{tag.shown} stands inside {last.shown}, which is not ended yet"
        return _FoundError(tag.at, message, f"write `{{% end{last.word} %}}` before it")
    hint = f"take it out, or write `{{% {wanted} … %}}` above, where that part begins"
    return _FoundError(tag.at, f"{tag.shown} stands here, and no `{{% {wanted} … %}}` before it", hint)
