"""The Google account as `status` tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.cli.output import problem_json
from daemon.cli.wording import moment

if TYPE_CHECKING:
    from daemon.google_account import GoogleAccount
    from daemon.sight import Sight

_UNKNOWN = "an account whose address is not known"


def google_json(one: GoogleAccount, sight: Sight) -> dict[str, Any]:
    """The account in the JSON of `status`. Of a service account only Google knows what it is permitted: null."""
    from daemon.present import stamp  # noqa: PLC0415 - much is imported

    permitted = None if one.delegated else True
    return {
        "account": one.name or None,
        "service_account": one.delegated,
        "services": {str(service): False if service in one.lacking else permitted for service in one.services},
        "last_ok": stamp(one.answered, sight.almanac),
        "paused": one.paused,
        "problem": problem_json(one.problem) if one.problem else None,
    }


def google_line(one: GoogleAccount, sight: Sight, options: str) -> str:
    """Which account, what is permitted, when it last answered; why it is paused, and the one command."""
    words = [_services(one, options)]
    if one.problem is not None:
        command = f"; {_command(options)} mends that" if one.by_command else ""
        words = [f"{'paused' if one.paused else 'does not answer'}: {one.problem.message}{command}"]
    when = moment(one.answered, sight.almanac, sight.now) if one.answered else None
    words.append(f"last answered {when}" if when else "has not answered yet")
    who = one.name or ("" if len(one.lacking) == len(one.services) else _UNKNOWN)
    who += ", by a service account" if one.delegated else ""
    return f"{who}: {'; '.join(words)}" if who else "; ".join(words)


def _services(one: GoogleAccount, options: str) -> str:
    if one.delegated:
        return f"for {', '.join(one.services)}"
    given = ", ".join(service for service in one.services if service not in one.lacking)
    lacking = ", ".join(one.lacking)
    return f"{given} permitted" + (f", {lacking} not: {_command(options)} asks again" if lacking else "")


def _command(options: str) -> str:
    return f"`afterword{options} auth google`"
