"""Partial answers: the `fields` parameter, `a,b/c,d(e,f)`; `*` is all.

https://developers.google.com/workspace/gmail/api/guides/performance#partial-response
"""

from __future__ import annotations

import re
from typing import Any

from tests.google.answers import Document, Refusal

Mask = dict[str, "Mask"]
"""Of each field that is wanted, what of it; nothing more said is all of it."""


def partial(document: Document, fields: str) -> Document:
    """The fields that are asked for, and no other.

    Raises:
        Refusal: it is no list of fields.
    """
    words = re.findall(r"[\w.*$@-]+|\S", fields)
    mask = _list(words)
    if words:
        raise _invalid(fields)
    told: Document = _cut(document, mask)
    return told


def _list(words: list[str]) -> Mask:
    mask: Mask = {}
    while True:
        name, inner = _one(words)
        mask.setdefault(name, {}).update(inner)
        if not words or words[0] != ",":
            return mask
        words.pop(0)


def _one(words: list[str]) -> tuple[str, Mask]:
    if not words or not re.match(r"[\w*$@-]", words[0]):
        raise _invalid("".join(words))
    name, after = words.pop(0), words[0] if words else ""
    if after == "/":
        words.pop(0)
        return name, dict([_one(words)])
    if after == "(":
        words.pop(0)
        inner = _list(words)
        if not words or words.pop(0) != ")":
            raise _invalid(name)
        return name, inner
    return name, {}


def _cut(value: Any, mask: Mask) -> Any:
    if isinstance(value, list):
        return [_cut(one, mask) for one in value]
    if not mask or "*" in mask or not isinstance(value, dict):
        return value
    return {name: _cut(one, mask[name]) for name, one in value.items() if name in mask}


def _invalid(fields: str) -> Refusal:
    return Refusal(400, "invalidParameter", f"Invalid field selection {fields}", "fields")
