"""The many names that programs give to a time zone, and the zone that each means."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

if TYPE_CHECKING:
    from datetime import tzinfo

_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_NAME_LINE = re.compile(r"^TZID[^:]*:(.*)$", re.MULTILINE)
_PLACE_LINE = re.compile(r"^X-LIC-LOCATION[^:]*:(.*)$", re.MULTILINE)
_MOST_HOURS = 15


def clean(name: str) -> str:
    """A TZID as it is compared: without quotes and space around it."""
    return name.strip().strip("\"'").strip()


def definition_name(text: str) -> str:
    """The TZID of a VTIMEZONE, or nothing."""
    found = _NAME_LINE.search(text)
    return clean(found[1]) if found else ""


@lru_cache(maxsize=4096)
def known(name: str) -> tzinfo | None:
    """The zone that a TZID names by itself, with no VTIMEZONE to say so, or None.

    IANA names in any case, also behind a vendor's prefix (`/mozilla.org/20050126_1/Europe/Berlin`, RFC 5545
    section 3.2.19), Windows names (from CLDR, as icalendar carries them), and offsets such as `GMT+0100`.
    """
    plain = clean(name)
    if not plain:
        return None
    if found := _place(plain):
        return found
    if plain.startswith("/") or "://" in plain:
        parts = plain.strip("/").split("/")
        for first in range(len(parts)):
            if found := _place("/".join(parts[first:])):
                return found
    return _windows(plain) or _offset(plain)


def _place(name: str) -> ZoneInfo | None:
    """An IANA name; `right/` zones count leap seconds and would be off by half a minute."""
    plain = re.sub(r"^(posix|right)/", "", name)
    if plain in {"localtime", "posixrules", "Factory"}:
        return None
    try:
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    canonical = _by_lower_case().get(plain.casefold().replace(" ", "_"))
    return ZoneInfo(canonical) if canonical else None


@cache
def _by_lower_case() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones())}


@cache
def _windows_names() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - few calendars need it

    return {name.casefold(): place for name, place in WINDOWS_TO_OLSON.items()}


def _windows(name: str) -> ZoneInfo | None:
    place = _windows_names().get(name.casefold())
    return _place(place) if place else None


def _offset(name: str) -> timezone | None:
    found = _OFFSET.fullmatch(name)
    if not found or int(found[2]) > _MOST_HOURS:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-size if found[1] == "-" else size)


def defined(text: str) -> tzinfo:
    """The zone that a VTIMEZONE describes.

    Raises:
        ValueError: it cannot be understood.
    """
    if (place := _PLACE_LINE.search(text)) and (found := known(place[1])):
        return found
    from connectors.calendars import parse  # noqa: PLC0415 - the parser loads only where a zone needs it

    return parse.zone(text)
