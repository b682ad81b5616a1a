# ruff: noqa: RUF001 - words in other scripts look like Latin letters
"""Days, dates and lists in words, in the language of the person who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from babel import Locale

# Babel is imported where a word is asked of it: it reads much at its import, and most cycles put nothing into words.


@dataclass(frozen=True, slots=True)
class Forms:
    """How a language says "on Tuesday" and "on 3 March"; `day` takes the date as Babel words it.

    `weekdays` is one pattern for all days, or seven whole phrases, Monday first. `past` is for languages that
    tell last Tuesday from next Tuesday; `first` for those with a word of its own for the first of a month.
    """

    weekdays: str | tuple[str, ...]
    day: str
    past: tuple[str, ...] = ()
    first: str = ""
    vowels: tuple[int, ...] = ()
    vowel: str = ""


FORMS = {
    "en": Forms("on {}", "on {}"),
    "de": Forms("am {}", "am {}"),
    "fr": Forms("{}", "le {}", first="1er"),
    "es": Forms("el {}", "el {}"),
    "ca": Forms("{}", "el {}", vowels=(1, 11), vowel="l’{}"),
    "pt": Forms(
        ("na segunda-feira", "na terça-feira", "na quarta-feira", "na quinta-feira", "na sexta-feira", "no sábado",
         "no domingo"),
        "no dia {}",
    ),
    "it": Forms("{}", "il {}", first="1º", vowels=(8, 11), vowel="l’{}"),
    "nl": Forms("op {}", "op {}"),
    "sv": Forms(
        "på {}", "den {}",
        past=("i måndags", "i tisdags", "i onsdags", "i torsdags", "i fredags", "i lördags", "i söndags"),
    ),
    "da": Forms(
        "på {}", "den {}",
        past=("i mandags", "i tirsdags", "i onsdags", "i torsdags", "i fredags", "i lørdags", "i søndags"),
    ),
    "nb": Forms("på {}", "den {}"),
    "no": Forms("på {}", "den {}"),
    "fi": Forms(
        ("maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina", "sunnuntaina"), "{}"
    ),
    "pl": Forms(("w poniedziałek", "we wtorek", "w środę", "w czwartek", "w piątek", "w sobotę", "w niedzielę"), "{}"),
    "cs": Forms(("v pondělí", "v úterý", "ve středu", "ve čtvrtek", "v pátek", "v sobotu", "v neděli"), "{}"),
    "uk": Forms(("у понеділок", "у вівторок", "у середу", "у четвер", "у п’ятницю", "у суботу", "у неділю"), "{}"),
    "ru": Forms(
        ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"), "{}"
    ),
    "el": Forms(
        ("τη Δευτέρα", "την Τρίτη", "την Τετάρτη", "την Πέμπτη", "την Παρασκευή", "το Σάββατο", "την Κυριακή"),
        "στις {}",
    ),
    "ja": Forms("{}に", "{}に"),
    "zh": Forms("{}", "{}"),
    "ko": Forms("{}에", "{}에"),
}  # fmt: skip
"""A language that is not here gets a bare date, which is right everywhere."""

_FALLBACK = "en"
_BRITISH = "en_GB"
"""English with the day before the month and no comma before "and", as in the templates that come along."""

_DAY = "MMMMd"
"""The skeleton of a date without its year (UTS #35)."""
_WEEKDAY = "MMMMEEEEd"
"""And with its weekday."""
_HOUR = timedelta(hours=1)
_EVERY = 10_000
"""Of so many of a unit the next larger one is taken: none are."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language. Days are days on the wall of the user: bring them into their zone first."""

    locale: Locale
    forms: Forms | None

    @classmethod
    def of(cls, language: str) -> Wording:
        """For a tag as people write it (`pt`, `pt-BR`, `de_AT`); English for none, and for one nobody knows."""
        from babel import Locale  # noqa: PLC0415 - see above

        language = language.strip().replace("-", "_")
        locale = _locale(language) or _locale(language.partition("_")[0]) or Locale.parse(_BRITISH)
        if locale.language == _FALLBACK:
            locale = Locale.parse(_BRITISH)
        return cls(locale, FORMS.get(locale.language))

    def weekday(self, day: date) -> str:
        """`Tuesday`."""
        return str(self.locale.days["format"]["wide"][day.weekday()])

    def month(self, day: date) -> str:
        """`March`, in the form that it has in a date."""
        return str(self.locale.months["format"]["wide"][day.month])

    def short(self, day: date, what: str) -> str:
        """`Tue` of the days, `Mar` of the months."""
        if what == "days":
            return str(self.locale.days["format"]["abbreviated"][day.weekday()])
        return str(self.locale.months["format"]["abbreviated"][day.month])

    def on_weekday(self, day: date, *, past: bool) -> str:
        """`on Tuesday`; a bare date where the language is not among `FORMS`."""
        if self.forms is None:
            return self.day_and_month(day, year=False)
        if past and self.forms.past:
            return self.forms.past[day.weekday()]
        if isinstance(self.forms.weekdays, tuple):
            return self.forms.weekdays[day.weekday()]
        return self.forms.weekdays.format(self.weekday(day))

    def on_date(self, day: date, *, year: bool) -> str:
        """`on 3 March`, or `on 3 March 2025`."""
        if self.forms is None:
            return self.day_and_month(day, year=year)
        if self.locale.language == "el" and day.day == 1:
            return f"την {self.day_and_month(day, year=year)}"
        pattern = self.forms.vowel if day.day in self.forms.vowels else self.forms.day
        return pattern.format(self.day_and_month(day, year=year))

    def day_and_month(self, day: date, *, year: bool) -> str:
        """`3 March`, or `3 March 2025`."""
        if self.forms and self.forms.first and day.day == 1:
            return f"{self.forms.first} {self.month(day)}" + (f" {day.year}" if year else "")
        if year:
            return str(self.locale.date_formats["long"].apply(day, self.locale))
        return _skeleton(_DAY, day, self.locale)

    def full_date(self, day: date) -> str:
        """`Tuesday 3 March 2026`."""
        return str(self.locale.date_formats["full"].apply(day, self.locale))

    def weekday_and_date(self, day: date, *, year: bool) -> str:
        """`Tuesday 3 March`, or `Tuesday, 3 March 2026`; in some languages with a short name of the day."""
        if year:
            return self.full_date(day)
        return _skeleton(_WEEKDAY, day, self.locale)

    def length(self, span: timedelta) -> str:
        """`30 minutes`, `1 hour`; of whole minutes."""
        from babel.dates import format_timedelta  # noqa: PLC0415 - see above

        unit: Literal["hour", "minute"] = "minute" if span % _HOUR else "hour"
        return format_timedelta(span, granularity=unit, threshold=_EVERY, locale=self.locale)

    def city(self, zone: ZoneInfo) -> str:
        """What the zone is named by: `Lisbon`."""
        from babel.dates import get_timezone_location  # noqa: PLC0415 - see above

        return get_timezone_location(zone, locale=self.locale, return_city=True)

    def listed(self, items: Sequence[str]) -> str:
        """`Dana, Ana and Lee`."""
        from babel.lists import format_list  # noqa: PLC0415 - see above

        return format_list(list(items), locale=self.locale) if items else ""


def _skeleton(pattern: str, day: date, locale: Locale) -> str:
    from babel.dates import format_skeleton  # noqa: PLC0415 - see above

    return format_skeleton(pattern, day, locale=locale)


def _locale(language: str) -> Locale | None:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - see above

    try:
        return Locale.parse(language) if language else None
    except (UnknownLocaleError, ValueError, TypeError):
        return None
