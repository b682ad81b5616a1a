"""The dates of running text in one language: an expression that finds them, and the day that each one means."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rules.absence_words import Tongue

LONGEST = timedelta(days=366)
"""A day that is further away is a slip of the pen, or means something else."""

END = r"(?:(?!\w)|(?<='))"
"""The end of a word; an apostrophe needs none behind it (`all'11 marzo`)."""

_WITHOUT_YEAR = timedelta(days=245)
"""A day and month without a year are this far away at most: what would be further is more likely to be long past."""
_NEAR = timedelta(days=42)
"""Of two readings of 3/4 the later is taken when it is no further away: a check-in that waits does no harm."""
_SOON = 62
_DAY = timedelta(days=1)
_MONTHS, _WEEK = 12, 7
_NO_TIME = r"(?![\d:]|[./-]\d|\s?(?:uhr|h\b|am\b|pm\b|a\.m|p\.m|o'clock|%|€))"
_YEAR = r"(?:,?\s?(?:del? |-|/)?(?P<{}>20\d\d)(?!\d))?"


class Dates:
    """The dates of one language.

    `expression` finds one; `gap` are the small words that may stand before it, `first` is the begin of a stretch of
    days ("2 - "), `within` one of a single month ("March 2-13"), `days` and `months` their names. All are parts of
    regular expressions for text in lower case.
    """

    def __init__(self, tongue: Tongue) -> None:
        from babel import Locale  # noqa: PLC0415 - costs time, and is needed only where somebody is away

        locale = Locale.parse(tongue.locale)
        self._month_first = tongue.month_first
        self._months: dict[str, int] = {}
        self._days: dict[str, int] = {}
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                self._months |= {_bare(name): number for number, name in locale.months[context][width].items()}
                self._days |= {_bare(name): number for number, name in locale.days[context][width].items()}
        for number, names in enumerate(tongue.days.split()):
            self._days |= dict.fromkeys(names.split("|"), number)
        self.days = rf"(?:{_any(self._days)})(?:en|s)?"
        self.months = months = _any(self._months)
        # "May" alone is no month.
        wide = {_bare(name): number for number, name in locale.months["format"]["wide"].items() if name != "May"}
        self.gap = rf"(?:\s*(?:(?:{tongue.small}){END}\.?|[,:(-]))" + r"{0,6}\s*"
        self.first = (
            r"(?<![\w./-])\d\d?(?:\.|st|nd|rd|th)?"
            rf"(?:[ /.-]{{0,2}}(?:{months})\.?|[ /.]{{1,2}}\d\d?\.?)?(?:[ /.]\d{{2,4}})?\s?-\s?"
        )
        self.within = (
            rf"(?P<named>{months})\.?\s(?P<range>\d\d?\s?-\s?)(?P<nth>\d\d?)(?![\w:]){_YEAR.format('nth_year')}"
        )
        self.expression = self._expression(tongue, months, _any(wide))

    def _expression(self, tongue: Tongue, months: str, wide: str) -> str:
        """Its groups say what was found. The longest forms come first."""
        forms = (
            r"(?P<iso>20\d\d[-/.]\d\d?[-/.]\d\d?)(?!\d)",
            (r"(?P<day>\d\d?)(?:st|nd|rd|th|er|\.?º|ª|\.)?(?:\s|of|the|del?|di|-|/){0,5}"
            rf"(?P<month>{months})(?!\w)\.?{_YEAR.format('year')}"),
            (rf"(?P<named>{months})\.?\s(?:the )?(?P<range>\d\d?(?:st|nd|rd|th)?\s?-\s?)?(?P<nth>\d\d?)(?:st|nd|rd|th)?"
            rf"(?![\w:]){_YEAR.format('nth_year')}"),
            r"(?P<one>\d\d?)\s?(?P<sign>[./-])\s?(?P<two>\d\d?)(?:\s?[./-]\s?(?P<short>(?:20)?\d\d)|\.)?" + _NO_TIME,
            rf"(?P<whole>{months})\s(?:del? )?(?P<whole_year>20\d\d)(?!\d)|(?P<whole_next>{wide})(?!\w|\.?\s?\d)",
            (rf"(?P<soon>(?:(?P<end>{tongue.end})\s)?(?:(?P<next_week>{tongue.next_week})|(?P<week>{tongue.week})|"
            rf"(?P<of_month>{tongue.month})|(?P<end_of>{months})|(?P<tomorrow>{tongue.tomorrow})))(?!\w)"),
            rf"{tongue.lone}(?!\w){_NO_TIME}",
        )  # fmt: skip
        small = rf"(?:\s(?:{tongue.small})(?!\w)\.?){{0,3}}[\s(]{{0,2}}"
        dated = rf"(?:(?P<weekday>{self.days})(?!\w)[.,]*{small})?(?:{'|'.join(forms)})"
        return rf"(?:{dated}|(?P<only>{self.days})(?!\w)(?:[\s,]*(?P<dated>\d\d?){_NO_TIME})?)"

    def day(self, match: re.Match[str], written: date) -> date | None:
        """The day that a match means in a text of this day: after it, and not too far away; None where it is none."""
        groups = {name: text for name, text in match.groupdict().items() if text}
        possible = [day for day in self._meant(groups, written) if day and written < day <= written + LONGEST]
        agreed = [day for day in possible if self._is(day, groups.get("weekday"))] or possible
        near = [day for day in agreed if day <= written + _NEAR]
        return max(near, default=None) or min(agreed, default=None)

    def _meant(self, groups: Mapping[str, str], written: date) -> list[date | None]:
        if iso := groups.get("iso"):
            return [_made(*map(int, re.split(r"\D", iso)))]
        if name := next((groups[one] for one in ("month", "named", "whole", "whole_next") if one in groups), None):
            year = next((groups[one] for one in ("year", "nth_year", "whole_year") if one in groups), None)
            return [_in_year(year, self._months[name], int(groups.get("day") or groups.get("nth") or 1), written)]
        if "one" in groups:
            return self._numbers(groups, written)
        if "soon" in groups:
            return [self._soon(groups, written)]
        name = groups.get("weekday") or groups.get("only")
        if number := groups.get("lone") or groups.get("dated"):
            exact = _next(written, lambda day: day.day == int(number) and self._is(day, name))
            return [exact or _next(written, lambda day: day.day == int(number))]
        return [_next(written, lambda day: self._is(day, name))]

    def _numbers(self, groups: Mapping[str, str], written: date) -> list[date | None]:
        """16/03 and 03/16: both ways where the language has both; a point always stands between day and month."""
        one, two, year = int(groups["one"]), int(groups["two"]), groups.get("short")
        if year is None and groups["sign"] == "-":
            return []  # 9-17 are hours
        year = f"20{year[-2:]}" if year else None
        days = [_in_year(year, two, one, written)]
        if self._month_first and groups["sign"] != ".":
            days.append(_in_year(year, one, two, written))
        return days

    def _soon(self, groups: Mapping[str, str], written: date) -> date | None:
        """Tomorrow, next week, or the day after the end of a week or month."""
        monday = written + (_WEEK - written.weekday()) * _DAY
        if "tomorrow" in groups:
            return written + _DAY
        if "next_week" in groups:
            return monday + _WEEK * _DAY if "end" in groups else monday
        if "end" not in groups:
            return None
        if "week" in groups:
            return monday
        number = written.month if "of_month" in groups else self._months[groups["end_of"]]
        year = written.year + (number < written.month)
        return date(year + number // _MONTHS, number % _MONTHS + 1, 1)

    def _is(self, day: date, name: str | None) -> bool:
        """Whether the day has this name; every day has none. Endings (`måndagen`) are passed over."""
        if name is None:
            return True
        number = next((self._days[name[:end]] for end in (None, -1, -2) if name[:end] in self._days), None)
        return number == day.weekday()


def _bare(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().rstrip(".")


def _any(names: Mapping[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_year(year: str | None, month: int, day: int, written: date) -> date | None:
    """The date in this year; without one, the next that is near enough."""
    if year is not None:
        return _made(int(year), month, day)
    dates = (_made(written.year + ahead, month, day) for ahead in (0, 1))
    return next((one for one in dates if one is not None and written < one <= written + _WITHOUT_YEAR), None)


def _next(written: date, wanted: Callable[[date], bool]) -> date | None:
    """The first day after this one that is wanted, within two months."""
    return next((day for ahead in range(1, _SOON) if wanted(day := written + ahead * _DAY)), None)
