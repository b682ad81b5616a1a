"""The one policy for trying again at once: few tries, growing random pauses, and only for what may pass by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connectors.base import TransientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

TRIES = 3
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 4.0
PATIENCE = 60.0
"""Seconds that one cycle waits for one account, in all."""

Result = TypeVar("Result")


class AgainError(TransientError):
    """Worth another try within seconds: a connection reset, a gateway that restarts. Never for a call that creates."""


@dataclass
class Patience:
    """How long may still be waited, over several calls; no more after one that was in vain. In seconds."""

    left: float = PATIENCE


def again(
    call: Callable[[], Result], pause: Callable[[float], None] | None = None, patience: Patience | None = None
) -> Result:
    """Call until it does not raise `AgainError`, at most `TRIES` times; the last error is the one that is raised.

    A pause is random up to a bound that doubles ("full jitter"), and no shorter than the other side asks for; one that
    is longer than what is left of the `patience` is not made. `pause` waits so many seconds; without it tenacity's own
    does.
    """
    import tenacity  # noqa: PLC0415 - only where something is fetched

    budget = patience or Patience()
    jitter = tenacity.wait_random_exponential(multiplier=_FIRST_PAUSE, max=_LONGEST_PAUSE)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, AgainError) else None
        return max(jitter(state), asked or 0.0)

    def over(state: RetryCallState) -> bool:
        if state.attempt_number >= TRIES:
            budget.left = 0  # whoever is silent so often is asked once for all else: it may take long, too
            return True
        if state.upcoming_sleep >= budget.left:
            return True
        budget.left -= state.upcoming_sleep
        return False

    retrying = tenacity.Retrying(stop=over, wait=wait, retry=tenacity.retry_if_exception_type(AgainError), reraise=True)
    return retrying.copy(sleep=pause)(call) if pause else retrying(call)
