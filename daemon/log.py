"""Log records: a stable event name and typed fields.

A readable line on a terminal, an entry with fields where stderr is the journal of systemd, a line of JSON otherwise.

The service that stays writes through `write` alone; a cycle and the commands use structlog, which hands its records
to the same function. (structlog costs 14 MB of memory, and the service has none to spare; where rich is installed it
would load that, too, for 4 MB more and a tenth of a second in each cycle, for tracebacks that nobody here prints.)
No body of a mail, no token and no password is ever a field, nor is the name or the address of anybody; what `message`,
`why` and `hint` quote of a calendar or a file is all that may name them (docs/service.md).
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daemon import clock, journal

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from structlog.typing import FilteringBoundLogger

_COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31"}


def write(level: str, event: str, **fields: object) -> None:
    """Write one record to stderr. `event` is `noun.participle`, as in `draft.placed`; `level` is structlog's."""
    stream = sys.stderr
    if journal.takes(stream):
        told = {name: _value(value) for name, value in fields.items()}
        if journal.send(level, event, f"{event}  {_words(fields)}".rstrip(), told):
            return
    on_terminal = stream.isatty()
    line = _readable(level, event, fields) if on_terminal else _json(level, event, fields)
    try:
        stream.write(line + "\n")
        stream.flush()
    except BrokenPipeError:
        # The reader of the log has gone; the service has not.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError:
        # The disk that the log is on is full, or failed. What it was to tell is lost, and the work goes on.
        return


def _json(level: str, event: str, fields: dict[str, object]) -> str:
    at = clock.now().isoformat(timespec="milliseconds")
    record = {"at": at, "level": level, "event": event, **{name: _value(value) for name, value in fields.items()}}
    return json.dumps(record, ensure_ascii=True)


def _readable(level: str, event: str, fields: dict[str, object]) -> str:
    at = clock.now().astimezone().strftime("%H:%M:%S")
    shown = f"{event:<24}"
    if not os.environ.get("NO_COLOR"):
        shown = f"\x1b[{_COLOURS.get(level, '0')}m{shown}\x1b[0m"
    return f"{at}  {shown}  {_words(fields)}".rstrip()


def _words(fields: dict[str, object]) -> str:
    return "  ".join(f"{name}={_short(value)}" for name, value in fields.items() if value is not None)


def _value(value: object) -> object:
    """What JSON can hold: times in ISO 8601, spans in seconds, everything else as its text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    return str(value)


def _short(value: object) -> str:
    """A field on a terminal; escaped where it holds anything that the terminal would obey."""
    text = str(_value(value))
    return text if text.isprintable() and text and " " not in text else json.dumps(text)


def logger() -> FilteringBoundLogger:
    """The structlog logger of a cycle or a command: `logger().info("draft.placed", rule=…)`. Imports structlog."""
    with _without("rich"):
        import structlog  # noqa: PLC0415 - see the head of this module

    if not structlog.is_configured():
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, _hand_over],
            logger_factory=structlog.ReturnLoggerFactory(),
            wrapper_class=structlog.make_filtering_bound_logger("info"),
        )
    made: FilteringBoundLogger = structlog.get_logger()
    return made


@contextmanager
def _without(name: str) -> Iterator[None]:
    """As if this package were not installed, for what takes it where it is; one that is loaded already stays.

    None in `sys.modules` makes an import fail as that of a package which is not there (the reference of Python, 5.3.1).
    """
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules[name]


def _hand_over(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> str:
    """The last processor: it writes the record."""
    write(record.pop("level"), record.pop("event"), **record)
    return ""
