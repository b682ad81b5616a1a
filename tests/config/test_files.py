"""YAML as the configuration reads it: version 1.2, every place kept, and nothing that explodes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.files import read_yaml
from tests.thorough import examples


def data(text: str) -> object:
    document, problems = read_yaml(text, "a.yaml")
    assert problems == ()
    assert document is not None
    return document.data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("18:00", "18:00"),
        ("2026-03-03", "2026-03-03"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-3", -3),
        ("0o17", 15),
        ("0x1f", 31),
        ("1.5", 1.5),
        ("'12'", "12"),
        ('"true"', "true"),
        ("1" * 40, "1" * 40),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(text: str, value: object) -> None:
    read = data(f"key: {text}\n")

    assert read == {"key": value}
    assert type(read["key"]) is type(value)


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert data("no: 1\n2: b\ntrue: c\n") == {"no": 1, "2": "b", "true": "c"}


def test_every_key_and_value_keeps_its_place() -> None:
    document, _ = read_yaml("a: x\nb:\n  - c: [1, two]\n  - d\n", "a.yaml")

    assert document is not None
    assert document.at(("a",), key=True) == (1, 1)
    assert document.at(("a",)) == (1, 4)
    assert document.at(("b", 0, "c"), key=True) == (3, 5)
    assert document.at(("b", 0, "c", 1)) == (3, 12)
    assert document.at(("b", 1)) == (4, 5)
    assert document.at(("b", 1, "nowhere")) == (4, 5)


def test_windows_line_ends_and_a_byte_order_mark_move_no_place() -> None:
    document, _ = read_yaml("\ufeffa: 1\r\nb: 2\r\n", "a.yaml")

    assert document is not None
    assert document.data == {"a": 1, "b": 2}
    assert document.at(("a",), key=True) == (1, 1)
    assert document.at(("b",)) == (2, 4)


def test_of_a_key_that_stands_twice_the_first_is_kept_and_all_are_told() -> None:
    document, problems = read_yaml("a: 1\na: {b: 2, b: 3}\na: [4]\n", "a.yaml")

    assert document is not None
    assert document.data == {"a": 1}
    assert [(one.line, one.message) for one in problems] == [
        (2, "`a` stands twice here; the first is in line 1"),
        (3, "`a` stands twice here; the first is in line 1"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "[" * 200_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "&a " * 50_000,
        "'" * 99_999,
        "a: a\n  " * 20_000,
        'a: "\\ud800"',
        'a: "\\0"',
        'a: "\\U00110000"',
        "%TAG ! tag:x,2000:\n---\na: !x 1",
        "%YAML 99.9\n---\na: 1",
        "a: 1\n...\nb: 2",
        "? [a]\n: b",
        "a: |99\n x",
        "a: x\nb" + " " * 200_000 + "\nc: d",
    ],
)
def test_what_would_explode_is_one_problem_with_a_place(text: str) -> None:
    started = time.perf_counter()
    document, problems = read_yaml(text, "a.yaml")

    assert document is None
    assert len(problems) == 1
    assert problems[0].line is not None
    assert problems[0].hint
    assert time.perf_counter() - started < 10


PIECES = st.sampled_from(
    [
        *"abc01 \n\t:-?,[]{}#&*!|>'\"%@`~.\\\u2028\x85é\x00",
        "\n  ",
        ": ",
        "- ",
        "---\n",
        "...",
        "&a ",
        "*a",
        "!!",
        "<<: ",
    ]
)


@settings(deadline=None, derandomize=True, max_examples=examples(400))
@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80))
def test_no_text_is_too_odd_to_be_told_of(text: str) -> None:
    document, problems = read_yaml(text, "a.yaml")

    assert document is not None or problems
    for one in problems:
        assert one.line is not None
        assert one.line >= 1
        assert one.column is not None
        assert one.column >= 1
