"""What a DAV server answers: a multistatus, read with bounds, and without anything that XML can do besides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from connectors.base import TransientError
from connectors.calendars.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

DAV = "{DAV:}"
MOST = 100_000
"""Resources in one answer."""
_DEEPEST = 50
_STATUS = re.compile(r"\s*HTTP/\d(?:\.\d)?\s+(\d{3})\b")
_OK = range(200, 300)
_CUT = frozenset({3, 5})
"""Expat's errors at the end of a text: no element, and an unclosed token."""
_HINT = "Is the address in afterword.yaml that of the CalDAV or CardDAV server, and not of its web page?"


class CutOffError(TransientError):
    """An answer that ends in the middle: without a length, that is seen by its content alone."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is said of one resource: its `status` as a whole where there is one, and the properties that it has."""

    href: str
    status: int | None
    found: Mapping[str, Element]

    def text(self, name: str) -> str:
        """The text of a property; empty where it is not there."""
        element = self.found.get(name)
        return (element.text or "").strip() if element is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """The addresses in a property, as they are written."""
        element = self.found.get(name)
        if element is None:
            return []
        return [text for one in element.iter(f"{DAV}href") if (text := (one.text or "").strip())]

    def kinds(self) -> frozenset[str]:
        """The types of the resource (RFC 4918 section 15.9)."""
        element = self.found.get(f"{DAV}resourcetype")
        return frozenset(one.tag for one in element) if element is not None else frozenset()


@dataclass(slots=True)
class Multistatus:
    """All that was said (RFC 4918 section 13), with the sync-token of RFC 6578."""

    responses: list[Response] = field(default_factory=list)
    token: str = ""


def read(body: bytes, where: str) -> Multistatus:
    """Take a multistatus apart. All bytes are hostile; the work is linear in their number.

    Raises:
        CutOffError: it ends in the middle.
        Unreadable: it is no XML, no multistatus, or more than a server has reason to say.
    """
    try:
        return _read(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        if isinstance(error, ParseError) and error.code in _CUT and body.strip():
            raise CutOffError(f"the answer of {where} is cut off", "Nothing to do: it is asked again.") from error
        raise Unreadable(f"{where} does not answer as a DAV server does: {_why(error)}", _HINT) from error


def _read(body: bytes) -> Multistatus:
    told = Multistatus()
    open_: list[Element] = []
    for event, element in iterparse(BytesIO(body), ("start", "end"), forbid_dtd=True):
        if event == "start":
            if not open_ and element.tag != f"{DAV}multistatus":
                raise ValueError(f"<{element.tag[:60]}> is no multistatus")
            open_.append(element)
            if len(open_) > _DEEPEST:
                raise ValueError("it is nested too deeply")
            continue
        open_.pop()
        if len(open_) == 1:
            _take(element, told)
            open_[0].clear()
    return told


def _take(element: Element, told: Multistatus) -> None:
    if element.tag == f"{DAV}sync-token":
        told.token = (element.text or "").strip()
    elif element.tag == f"{DAV}response":
        if len(told.responses) + len(element.findall(f"{DAV}href")) > MOST:
            raise ValueError(f"it has more than {MOST} resources")
        told.responses.extend(_responses(element))


def _responses(element: Element) -> list[Response]:
    """Several addresses may share one status (RFC 4918 section 14.24)."""
    found: dict[str, Element] = {}
    for propstat in element.findall(f"{DAV}propstat"):
        status = _status(propstat)
        if status is not None and status not in _OK:
            continue
        for prop in propstat.findall(f"{DAV}prop"):
            found |= {one.tag: one for one in prop}
    hrefs = [text for one in element.findall(f"{DAV}href") if (text := (one.text or "").strip())]
    return [Response(href, _status(element), found) for href in hrefs]


def _status(element: Element) -> int | None:
    text = element.findtext(f"{DAV}status")
    found = _STATUS.match(text) if text else None
    return int(found[1]) if found else None


def _why(error: Exception) -> str:
    if isinstance(error, DefusedXmlException):
        return "it defines entities, which no such server has reason to"
    if isinstance(error, ParseError):
        return "what it says is no whole XML"
    return "".join(one for one in str(error)[:100] if one.isprintable())
