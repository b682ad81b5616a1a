"""The kinds of columns that the tables have: each gives back what was put in, or says that something else stands there.

Instants are whole microseconds since 1970-01-01T00:00Z: exact, ordered, and the same in every database.
Texts with a structure (addresses, a meeting) are compact JSON. Nothing here is peculiar to SQLite.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text, TypeDecorator

from daemon.ledger.errors import SenselessError
from rules.model import aware

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_ESCAPE = "\x1a"
_UNUSUAL = re.compile(r"[\ud800-\udfff\x1a]")
_ESCAPED = re.compile(r"\x1a([0-9a-f]{4})")


def to_microseconds(instant: datetime) -> int:
    """Whole microseconds since the epoch; a naive datetime is refused."""
    return (aware(instant, "an instant for the ledger") - EPOCH) // MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The instant, in UTC.

    Raises:
        SenselessError: it is no number, or one that no calendar reaches.
    """
    try:
        return EPOCH + timedelta(microseconds=count)
    except (TypeError, OverflowError) as error:
        raise SenselessError(f"{count!r:.40} is no instant") from error


class Instant(TypeDecorator[datetime]):
    """An aware datetime as microseconds; comes back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - likewise
        """From the database."""
        return None if value is None else from_microseconds(value)


class Json(TypeDecorator[Any]):
    """Lists, numbers and texts as compact JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        # Half a surrogate pair has no place in UTF-8.
        return text if text.isascii() else text.encode("utf-8", "replace").decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - likewise
        """From the database."""
        try:
            return None if value is None else json.loads(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise SenselessError("a text of the ledger is no JSON") from error


class Number(TypeDecorator[int]):
    """A whole number; SQLite would give back whatever else stands there."""

    impl = Integer
    cache_ok = True

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - likewise
        """From the database."""
        if value is None or isinstance(value, int):
            return value
        raise SenselessError("no number stands where one should")


class Words(TypeDecorator[str]):
    """A text; SQLite would give back bytes where those stand there."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - likewise
        """From the database."""
        if value is None or isinstance(value, str):
            return value
        raise SenselessError("no text stands where one should")


class Key(Words):
    """A short one, by which a row is found."""

    impl = String  # type: ignore[assignment] # mypy takes the type of the base for the only one
    cache_ok = True


class Content(LargeBinary):
    """Bytes; of a number SQLAlchemy's own type would make as many zeros."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bytes | None]:  # noqa: ARG002 - SQLAlchemy's
        """From the database."""

        def process(value: Any) -> bytes | None:
            if value is None or isinstance(value, bytes):
                return value
            raise SenselessError("no bytes stand where some should")

        return process


class Name(TypeDecorator[str]):
    """A file's name, exactly: bytes of it that are no UTF-8 come as lone surrogates (PEP 383), and are escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        if value is None or (value.isascii() and _ESCAPE not in value):
            return value
        return _UNUSUAL.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - likewise
        """From the database."""
        if value is None or _ESCAPE not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
