"""Says of which kind a value is, where the settings take one of several: by the key that stands in it, or by a word."""

from __future__ import annotations

from pydantic import Discriminator

KIND = "kind:"
"""Marks the tags of unions in the locations of pydantic, which would else look like keys."""


def kind(*kinds: str) -> Discriminator:
    """By the one of these keys that stands in the mapping."""

    def of(value: object) -> str | None:
        if isinstance(value, dict):
            return next((KIND + one for one in kinds if one in value), None)
        return next((KIND + one for one in kinds if hasattr(value, one)), None)

    return Discriminator(of)


def word_or(word: str, mapping: str) -> Discriminator:
    """Either the word, or a mapping with this key."""
    return Discriminator(lambda value: KIND + (word if isinstance(value, str) else mapping))


def mapping_or(mapping: str, other: str) -> Discriminator:
    """Either a mapping, or something else."""
    return Discriminator(lambda value: KIND + (mapping if isinstance(value, dict) else other))
