"""Texts as a user may write them in any of the files: addresses, zones, commands, and one text for a list of one."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from rules.timing import Almanac

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)*")

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+")


def email(text: str) -> str:
    """An email address as it may stand in a header.

    Raises:
        ValueError: it is none.
    """
    trimmed = text.strip()
    if "," in trimmed and all(_ADDRESS.fullmatch(one.strip()) for one in trimmed.split(",")):
        raise ValueError(f"`{text}` is more than one email address; write a list, as in `[{trimmed}]`")
    if (named := re.fullmatch(r"[^<>]*<([^<>]*)>", trimmed)) and _ADDRESS.fullmatch(named[1]):
        raise ValueError(f"`{text}` is not an email address alone; take the name away: `{named[1]}`")
    if not _ADDRESS.fullmatch(trimmed) or not trimmed.isprintable():
        raise ValueError(f"`{text}` is not an email address; write one such as `dana@acme.example`")
    return trimmed


def iana_zone(name: str) -> str:
    """A time zone by its IANA name.

    Raises:
        ValueError: unknown, with the nearest known names.
    """
    Almanac(name)
    return name


def filled(text: str) -> str:
    """A text with something in it.

    Raises:
        ValueError: it is empty.
    """
    if not text.strip():
        raise ValueError("the text is empty; write one")
    return text


def host(value: str) -> str:
    """A host by its name or number, and nothing else.

    Raises:
        ValueError: it is none.
    """
    said = filled(value).strip()
    if not _HOST.fullmatch(said):
        raise ValueError(
            f"`{said[:80]}` is no host; write the name alone, as in `imap.example.org`, and `port:` beside it"
        )
    return said.lower()


def checked(check: Callable[[str], str]) -> BeforeValidator:
    """Puts `check` before the type: it sees texts, and its ValueError is a problem of the file."""
    return BeforeValidator(lambda value: check(value) if isinstance(value, str) else value)


def _several(value: object) -> object:
    """One text stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _words(value: object) -> object:
    """A command may stand as one line, split as a shell would, or as the list of its words."""
    try:
        return tuple(shlex.split(value)) if isinstance(value, str) else _several(value)
    except ValueError:
        raise ValueError(
            "a quote in the command is not closed; write a list, as in `[notify-send, Afterword]`"
        ) from None


def shaped(pattern: str, otherwise: str) -> dict[str, Any]:
    """The schema of a text: what an editor looks for while it is typed, and what it says otherwise.

    It takes all that the check behind it takes, and may take more.
    """
    return {"type": "string", "pattern": pattern, "patternErrorMessage": otherwise}


def one_or_several(text: dict[str, Any]) -> WithJsonSchema:
    """The schema where one text stands for a list of one."""
    return WithJsonSchema({"anyOf": [text, {"type": "array", "items": text}]})


NO_ADDRESS = "This is not an email address; write one such as `dana@acme.example`."
_EMAIL = shaped(r"^\s*[^\s@]+@[^\s@]+\s*$", NO_ADDRESS)
Filled = Annotated[str, checked(filled), WithJsonSchema(shaped(r"\S", "The text is empty; write one."))]
Email = Annotated[str, checked(email), WithJsonSchema(_EMAIL)]
Emails = Annotated[tuple[Email, ...], BeforeValidator(_several), one_or_several(_EMAIL)]
Command = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
