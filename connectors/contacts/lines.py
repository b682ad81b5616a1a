"""The content lines of a vCard file: unfolded, decoded, and taken apart (RFC 6350 section 3, RFC 2426, vCard 2.1).

vobject's own expression for a line takes exponential time over a long list of parameter values, and icalendar's
refuses parameters without a name (vCard 2.1); so this little is done here, in time linear to the length.
"""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_VALUE = 65_536
"""Bytes of a content line that are read; photographs are longer, and not asked for."""
_PARAMETER = re.compile(r'([^=;:"]+)(?:=((?:"[^"]*"|[^";:])*))?')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Line:
    """One content line. `name` in upper case without its group; parameter names and values likewise.

    `value` is as written, escapes and all; `too_long` when it was cut off. A vCard 2.1 parameter without a name
    ("EMAIL;PREF:") is a TYPE.
    """

    number: int
    name: str
    parameters: Mapping[str, tuple[str, ...]]
    value: str
    too_long: bool = False

    @property
    def preference(self) -> int:
        """From 1, the one to prefer, to 101 (PREF of RFC 6350 section 5.3, TYPE=pref of RFC 2426)."""
        if "PREF" in self.parameters.get("TYPE", ()):
            return 1
        said = self.parameters.get("PREF", ("",))[0]
        return min(max(int(said), 1), 100) if said.isdecimal() and said.isascii() and len(said) < 4 else 101  # noqa: PLR2004 - a percentage


def text(value: str) -> str:
    """A value without its escapes (RFC 6350 section 3.4) and without control characters; line ends are kept."""
    plain = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return _CONTROL.sub("", plain.replace("\r\n", "\n")).strip()


def split(value: str, at: str) -> list[str]:
    """The parts of a structured value or a list, at each separator that is not escaped, as written."""
    parts, escaped = [""], False
    for letter in value:
        if letter == at and not escaped:
            parts.append("")
        else:
            parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def lines(data: bytes) -> Iterator[Line]:
    """All content lines of a file; what is none (no colon, or no name) has no name and stands as the value."""
    for number, raw in _logical(_as_utf8(data)):
        if raw.strip():
            yield _line(number, raw)


def _as_utf8(data: bytes) -> bytes:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace").encode("utf-8")
    return data


def _logical(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Physical lines joined where they are folded, with the number of the first; folding may part a letter's bytes."""
    start, parts = 1, list[bytes]()
    soft = False
    for number, physical in enumerate(data.splitlines(), 1):
        if soft:
            parts[-1] = parts[-1].rstrip()[:-1]
            parts.append(physical)
        elif physical[:1] in {b" ", b"\t"} and parts:
            parts.append(physical[1:])
        else:
            if parts:
                yield start, b"".join(parts)
            start, parts = number, [physical]
        soft = physical.rstrip().endswith(b"=") and b"QUOTED-PRINTABLE" in parts[0].partition(b":")[0].upper()
    if parts:
        yield start, b"".join(parts)


def _decoded(raw: bytes, charset: str = "utf-8") -> str:
    """As UTF-8; else as what it says; else as old Windows and Latin-1 address books wrote."""
    for encoding in ("utf-8", charset, "cp1252"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("latin-1")


def _line(number: int, raw: bytes) -> Line:
    head, colon, value = _parted(raw[:MAX_VALUE])
    name, *settings = _decoded(head).split(";", 1)
    name = name.rpartition(".")[2].strip().upper()
    if not colon or not name.replace("-", "").replace("_", "").isalnum():
        return Line(number, "", {}, _decoded(raw[:MAX_VALUE]))
    parameters: dict[str, tuple[str, ...]] = {}
    for found in _PARAMETER.finditer(settings[0].upper() if settings else ""):
        key, said = (found[1].strip(), found[2]) if found[2] is not None else ("TYPE", found[1])
        values = tuple(one.strip(' "') for one in said.replace('"', "").split(","))
        parameters[key] = parameters.get(key, ()) + values
    charset = parameters.get("CHARSET", ("utf-8",))[0]
    if "QUOTED-PRINTABLE" in parameters.get("ENCODING", ()) + parameters.get("TYPE", ()):
        value = quopri.decodestring(value)
    return Line(number, name, parameters, _decoded(value, charset), len(raw) > MAX_VALUE)


def _parted(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before and after the first colon outside of quotes."""
    place, quoted = -1, False
    for found in re.finditer(rb'[":]', raw):
        if found[0] == b'"':
            quoted = not quoted
        elif not quoted:
            place = found.start()
            break
    if place < 0:
        return raw.partition(b":")
    return raw[:place], b":", raw[place + 1 :]
