"""The files that Google's console gives out: `check` tells which is missing, broken or another one, and the remedy."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.daemon.command import SETTINGS, afterword, configure
from tests.google.permitted import consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.command import Told

GOOGLE = SETTINGS.replace("ics: calendars/", "google: primary")
BY_KEY = GOOGLE + "google: {service_account: key.json, user: robin@example.org}\n"
CLIENT = {"client_id": "c", "client_secret": "s", "auth_uri": "https://a.example", "token_uri": "https://t.example"}
GOOD = json.dumps({"installed": CLIENT})
KEY = json.dumps({"type": "service_account", "private_key": "k", "client_email": "a@p.example", "token_uri": "t"})


def checked(home: Path, text: str | None, settings: str = GOOGLE, name: str = "google-client.json") -> Told:
    """`check`, where the file of the client, or of the key, has this text."""
    folder = configure(home / "c", settings)
    if text is not None:
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    return afterword(home, "--config", str(folder), "--state", str(home / "s"), "check", "--json")


def the_problem(told: Told) -> dict[str, str]:
    assert told.code == 78
    (problem,) = told.json["problems"]
    return {name: str(value) for name, value in problem.items()}


def test_a_client_that_is_missing_is_told_with_the_button_and_the_command_that_puts_it_there(tmp_path: Path) -> None:
    problem = the_problem(checked(tmp_path, None))
    file = tmp_path / "c" / "google-client.json"
    assert (problem["file"], problem["message"]) == ("google-client.json", f"there is no OAuth client in {file}")
    assert '"Download JSON"' in problem["hint"]
    assert problem["hint"].endswith(
        f"client_secret_….json; put it there: `mv ~/Downloads/client_secret_*.json {file}`."
    )


def test_a_client_that_lies_beside_under_the_name_of_its_download_is_named(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c d", GOOGLE)
    (folder / "client_secret_1.json").write_text(GOOD)
    (folder / "client_secret_2.json").write_text('{"web": {}}')
    told = afterword(tmp_path, "--config", str(folder), "check")
    assert told.code == 78
    move = f"mv '{folder}/client_secret_1.json' '{folder}/google-client.json'"
    assert f"Is it client_secret_1.json, which lies beside it? Say\n  `{move}`." in told.err


def test_of_two_clients_that_lie_beside_the_newest_is_offered_and_the_other_is_named(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c", GOOGLE)
    for number, name in enumerate(("client_secret_b.json", "client_secret_a.json")):
        (folder / name).write_text(GOOD)
        os.utime(folder / name, (number, number))
    hint = the_problem(checked(tmp_path, None))["hint"]
    assert hint.startswith("Is it client_secret_a.json, the newest of those that lie beside it (client_secret_b.json)?")
    assert f"`mv {folder}/client_secret_a.json {folder}/google-client.json`" in hint


@pytest.mark.parametrize(("text", "words", "place"), [
    ("", "is an empty file", None),
    ("<!doctype html><p>Sign in", "is no JSON but a page of the web", None),
    ('{"installed":\n  {"client_id": "a"', "is cut off in line 2, column 20", (2, 20)),
    ('{"installed":\n  {"client_id": "a}}', "is cut off in line 2, column 17", (2, 17)),
    ("{'installed': {}}", "is no JSON: the fault is in line 1, column 2", (1, 2)),
    ("[" * 50_000, "is no JSON that can be read", None),
    ("[]", "is another file, and no OAuth client of a desktop app", None),
    ('{"web": {}}', "is the OAuth client of a web application, and no OAuth client of a desktop app", None),
    (KEY, "is the key of a service account, and no OAuth client of a desktop app", None),
    (GOOD.replace("client_secret", "secret"), "has no `client_secret`", None),
    ('{"installed": "yes"}', "has no `client_id`", None),
])  # fmt: skip
def test_a_client_that_is_none_is_told_in_plain_words(
    tmp_path: Path, text: str, words: str, place: tuple[int, int] | None
) -> None:
    told = checked(tmp_path, text)
    problem = the_problem(told)
    assert problem["message"].endswith(words)
    assert str(tmp_path / "c" / "google-client.json") in problem["message"]
    assert "mv -i ~/Downloads/client_secret_*.json" in problem["hint"]
    assert (problem["line"], problem["column"]) == tuple(map(str, place or (None, None)))
    assert (f"google-client.json:{place[0]}:{place[1]}" in told.err) if place else "google-client.json  " in told.err


def test_a_long_hint_comes_in_lines_and_what_is_to_be_typed_stays_whole(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--config", str(configure(tmp_path / "c", GOOGLE)), "check").err
    lines = [line for line in told.splitlines() if line.startswith("  ")]
    assert len(lines) > 2
    assert all(len(line) <= 100 or line.startswith("  `") for line in lines)
    assert f"`mv ~/Downloads/client_secret_*.json {tmp_path / 'c' / 'google-client.json'}`." in told


def test_a_key_in_the_place_of_the_client_may_be_meant_as_one(tmp_path: Path) -> None:
    hint = the_problem(checked(tmp_path, KEY))["hint"]
    file = tmp_path / "c" / "google-client.json"
    assert "google: {service_account: google-client.json, user: " in hint
    assert f"say `chmod 600 {file}`" in hint
    aside = f"put the key aside first, `mv -n {file} {tmp_path / 'c' / 'service-account.json'}`"
    assert hint.index(aside) < hint.index("mv -i ~/Downloads/client_secret_*.json")


@pytest.mark.parametrize(("text", "words"), [
    (None, "there is no key of a service account in"),
    ("{", "is cut off in line 1, column 2"),
    (GOOD, "is an OAuth client, and no key of a service account"),
    (KEY.replace("private_key", "public_key"), "has no `private_key`"),
])  # fmt: skip
def test_a_key_of_a_service_account_that_cannot_be_used_is_told_once(
    tmp_path: Path, text: str | None, words: str
) -> None:
    problem = the_problem(checked(tmp_path, text, BY_KEY, "key.json"))
    assert (problem["file"], words in problem["message"]) == ("key.json", True)
    assert '"Create new key"' in problem["hint"]
    assert f"Say `chmod 600 {tmp_path / 'c' / 'key.json'}` when it is there" in problem["hint"]
    folder = tmp_path / "c"
    told = afterword(tmp_path, "--config", str(folder), "check", "--connect", "--json")
    assert [one["message"] for one in told.json["problems"]] == [problem["message"]]


def test_a_key_that_others_can_read_is_told_with_the_chmod(tmp_path: Path) -> None:
    assert checked(tmp_path, KEY, BY_KEY, "key.json").json == {"problems": []}
    (tmp_path / "c" / "key.json").chmod(0o644)
    told = afterword(tmp_path, "--config", str(tmp_path / "c"), "check")
    assert (told.code, f"chmod 600 {tmp_path / 'c' / 'key.json'}" in told.err) == (78, True)


def test_a_client_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (configure(tmp_path / "c", GOOGLE) / "google-client.json").mkdir()
    problem = the_problem(checked(tmp_path, None))
    assert "cannot be read: is a directory" in problem["message"]


def test_a_client_whose_name_no_file_can_have_is_told(tmp_path: Path) -> None:
    problem = the_problem(checked(tmp_path, None, f"{GOOGLE}google: {{client: {'c' * 300}.json}}\n"))
    assert "cannot be read: file name too long" in problem["message"]


@pytest.mark.parametrize("text", [GOOD, f"\ufeff{GOOD}"])
def test_a_good_client_is_no_problem_and_without_google_none_is_looked_for(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text).json == {"problems": []}
    assert checked(tmp_path, "{", SETTINGS).json == {"problems": []}


def test_a_permission_that_was_given_does_without_the_client_but_not_with_a_broken_one(tmp_path: Path) -> None:
    with Google("robin@example.org") as google:
        consented(google, tmp_path / "s")
    assert checked(tmp_path, None).json == {"problems": []}
    assert "is an empty file" in the_problem(checked(tmp_path, ""))["message"]


@pytest.mark.parametrize("google", ["", "google: {client: mine.json}\n", BY_KEY.removeprefix(GOOGLE)])
@pytest.mark.parametrize("wrong", ["poll: often\n", "", None])
def test_its_files_are_looked_at_where_the_settings_or_a_rule_are_wrong_too(
    tmp_path: Path, google: str, wrong: str | None
) -> None:
    folder = configure(tmp_path / "c", GOOGLE + google + (wrong or ""))
    if wrong == "":
        (folder / "rules" / "a.yaml").write_text("rules:\n  - id: [soft]\n")
    told = afterword(tmp_path, "--config", str(folder), "--state", str(tmp_path / "s"), "check", "--json")
    assert told.code == 78
    file = {"": "google-client.json", "google: {client: mine.json}\n": "mine.json"}.get(google, "key.json")
    files = [one["file"] for one in told.json["problems"]]
    assert (files.count(file), len(files) > 1) == (1, wrong is not None)


@pytest.mark.parametrize("google", ["google: {service_account: key.json}\n", "google: 3\n"])
def test_where_just_that_is_wrong_which_file_is_meant_no_file_is_missed(tmp_path: Path, google: str) -> None:
    folder = configure(tmp_path / "c", GOOGLE + google)
    told = afterword(tmp_path, "--config", str(folder), "--state", str(tmp_path / "s"), "check", "--json")
    assert {one["file"] for one in told.json["problems"]} == {"afterword.yaml"}
