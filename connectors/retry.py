"""The one policy for trying again at once: few tries, growing random pauses, and only for what may pass by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from connectors.base import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 3
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 4.0

Result = TypeVar("Result")


class AgainError(TransientError):
    """Worth another try within seconds: a connection reset, a gateway that restarts. Never for a call that creates."""


def again(call: Callable[[], Result], pause: Callable[[float], None] | None = None) -> Result:
    """Call until it does not raise `AgainError`, at most `TRIES` times; the last error is the one that is raised.

    `pause` waits so many seconds; without it tenacity's own does.
    """
    import tenacity  # noqa: PLC0415 - only where something is fetched

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE),
        retry=tenacity.retry_if_exception_type(AgainError),
        reraise=True,
    )
    return retrying.copy(sleep=pause)(call) if pause else retrying(call)
