"""Years of an eventful life, each by its seed: no promise is broken in any of them."""

from __future__ import annotations

import os

import pytest

from tests.simulation import google_mutants
from tests.simulation.mutants import MUTANTS
from tests.simulation.year import play
from tests.thorough import THOROUGH, some

SEEDS = int(os.environ.get("SEEDS", "5" if THOROUGH else "2"))
GOOGLE_SEEDS = int(os.environ.get("GOOGLE_SEEDS", "2" if THOROUGH else "1"))
GOOGLE_DAYS = 365 if THOROUGH else 180
ENOUGH = 100
"""Short years in which a planted bug has to show itself, and how many days they have, also with Google."""
SHORT, GOOGLE_SHORT = 160, 60


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_no_promise_is_broken_in_a_year(seed: int) -> None:
    tale = play(seed)
    assert not tale.broken, tale.told
    assert tale.undisturbed > 50
    assert tale.drafts > 10


def test_the_same_seed_is_the_same_year() -> None:
    one, other = play(3, days=60), play(3, days=60)
    assert one.lines == other.lines
    assert (one.cycles, one.drafts, one.deaths) == (other.cycles, other.drafts, other.deaths)


@pytest.mark.parametrize("seed", range(1, GOOGLE_SEEDS + 1))
def test_no_promise_is_broken_in_a_year_with_google(seed: int) -> None:
    tale = play(seed, days=GOOGLE_DAYS, google=True)
    assert not tale.broken, tale.told
    assert tale.undisturbed > 50
    assert tale.drafts > 10


def test_the_same_seed_is_the_same_year_with_google() -> None:
    one, other = play(3, days=60, google=True), play(3, days=60, google=True)
    assert one.lines == other.lines
    assert (one.cycles, one.drafts, one.deaths) == (other.cycles, other.drafts, other.deaths)


@pytest.mark.parametrize("name", some(MUTANTS, 3))
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, words, first = MUTANTS[name]
    plant(monkeypatch)
    assert _noticed(words, first, google=False), name


@pytest.mark.parametrize("name", some(google_mutants.MUTANTS, 3))
def test_a_bug_planted_in_google_s_connectors_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, words, first = google_mutants.MUTANTS[name]
    plant(monkeypatch)
    assert _noticed(words, first, google=True), name


def _noticed(words: str, first: int, *, google: bool) -> bool:
    """Whether one of so many short years tells of it."""
    told: list[str] = []
    for seed in range(first, first + ENOUGH - 1):
        told += [one.what for one in play(seed, days=GOOGLE_SHORT if google else SHORT, google=google).broken]
        if any(word in what for what in told for word in words.split("|")):
            return True
    pytest.fail(f"{ENOUGH} years went by, and nobody noticed; told was {told}")
