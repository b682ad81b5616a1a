"""How often and after how long something is tried again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from connectors.base import PermanentError, TransientError
from connectors.retry import PATIENCE, TRIES, AgainError, Patience, again

if TYPE_CHECKING:
    from collections.abc import Callable


class Failing:
    """Fails with these errors, one a call, and then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def busy(after: float | None = None) -> AgainError:
    return AgainError("busy", after=after)


def pauses_of(seed: int, call: Callable[[], str]) -> list[float]:
    random.seed(seed)
    waited: list[float] = []
    again(call, waited.append)
    return waited


def test_what_passes_by_itself_is_tried_again() -> None:
    call = Failing(busy(), busy())
    assert again(call, lambda _: None) == "done"
    assert call.calls == TRIES


def test_after_the_last_try_its_own_error_is_told() -> None:
    errors = [busy(), busy(), AgainError("the third")]
    call = Failing(*errors)
    with pytest.raises(AgainError, match="the third"):
        again(call, lambda _: None)
    assert call.calls == TRIES


@pytest.mark.parametrize("error", [PermanentError("no"), TransientError("tomorrow"), ValueError("a mistake")])
def test_nothing_else_is_tried_again(error: Exception) -> None:
    call = Failing(error)
    with pytest.raises(type(error)):
        again(call, lambda _: None)
    assert call.calls == 1


def test_pauses_are_random_from_nothing_up_to_a_bound_that_doubles() -> None:
    """"Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/."""  # fmt: skip
    pauses = [pauses_of(seed, Failing(busy(), busy())) for seed in range(300)]
    first, second = [one[0] for one in pauses], [one[1] for one in pauses]
    assert 0 <= min(first) < 0.05
    assert 0.45 < max(first) <= 0.5
    assert 0 <= min(second) < 0.1
    assert 0.9 < max(second) <= 1.0


def test_no_pause_is_shorter_than_the_other_side_asks_for() -> None:
    waited: list[float] = []
    again(Failing(busy(after=7.0), busy(after=0.0)), waited.append)
    assert waited[0] == 7.0
    assert waited[1] <= 1.0


def test_the_patience_is_one_for_several_calls() -> None:
    patience, waited = Patience(10.0), list[float]()
    again(Failing(busy(after=6.0)), waited.append, patience)
    assert patience.left == 4.0
    call = Failing(busy(after=6.0))
    with pytest.raises(AgainError):
        again(call, waited.append, patience)
    assert (call.calls, waited, patience.left) == (1, [6.0], 4.0)
    again(Failing(busy(after=3.0)), waited.append, patience)
    assert waited == [6.0, 3.0]


def test_after_a_call_in_vain_the_others_are_tried_once() -> None:
    """Whoever is silent takes long for each try, and a cycle has an end."""
    patience, waited = Patience(), list[float]()
    calls = [Failing(busy(), busy(), busy()), Failing(busy())]
    for call in calls:
        with pytest.raises(AgainError):
            again(call, waited.append, patience)
    assert [call.calls for call in calls] == [TRIES, 1]


@pytest.mark.parametrize("after", [PATIENCE + 1, 1e9, float("inf")])
def test_a_pause_longer_than_the_patience_is_not_made(after: float) -> None:
    waited: list[float] = []
    with pytest.raises(AgainError):
        again(Failing(busy(after=after)), waited.append)
    assert waited == []


def test_each_call_without_a_patience_has_one_of_its_own() -> None:
    waited: list[float] = []
    for _ in range(3):
        again(Failing(busy(after=PATIENCE - 1)), waited.append)
    assert waited == [PATIENCE - 1] * 3
