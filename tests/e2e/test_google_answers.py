"""A token endpoint that answers with what is no token: the real command, and a server that says whatever it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from connectors.google.permission import save
from tests.cases.home import THANKS
from tests.connectors.google.raw import listening
from tests.connectors.google.test_transport import answering, says
from tests.daemon.command import afterword
from tests.e2e.test_google_cost import DANA, FAMILY, SETTINGS, TEMPLATE, Home
from tests.google.consenting import auth_google, client_file
from tests.google.permitted import consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = says(b"<html>log in first</html>")


def configure(root: Path, url: str) -> tuple[str, ...]:
    """A configuration whose Google is there; the words that name it."""
    texts = {
        "rules/soft.yaml": THANKS,
        "templates/thank-you.md": TEMPLATE,
        "afterword.yaml": SETTINGS.format(url=url, family=FAMILY),
        "google-client.json": client_file(url),
    }
    for name, text in texts.items():
        path = root / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return "--config", str(root / "config"), "--state", str(root / "state")


@pytest.mark.parametrize("answer", [says(b"[]"), LOGIN], ids=["list", "page"])
def test_auth_google_ends_with_one_error_and_keeps_nothing(tmp_path: Path, answer: bytes) -> None:
    with listening(answering(answer)) as raw:
        configure(tmp_path, raw.url)
        code, said, _ = auth_google(tmp_path, "ours")
    assert code == 75, said
    assert f"afterword: {raw.url}/token gave no permission: " in said
    assert "Try again in a few minutes." in said
    assert not (tmp_path / "state" / "google-token.json").exists()


def test_a_cycle_without_an_access_token_pauses_what_is_google_s_and_what_is_due_stays_due(tmp_path: Path) -> None:
    with Google() as google, listening(answering(LOGIN)) as raw:
        home = Home(tmp_path, google)
        google.calendar(FAMILY)
        token = consented(google, tmp_path / "state", now=datetime.now(UTC))
        home.met("Dana Okafor", DANA, 13)
        places = configure(tmp_path, raw.url)
        save(tmp_path / "state", replace(token, token_uri=f"{raw.url}/token"))
        told = afterword(tmp_path, *places, "once", "--at", "2026-03-03T18:30:00+00:00", "--json")
        assert (told.code, told.json["placed"]) == (75, []), told.err
        for source in ("work", "family", "google contacts", "gmail"):
            (message,) = {one["message"] for one in told.json["problems"] if one["source"] == source}
            assert "the question for an access token cannot be read" in message
        configure(tmp_path, google.url)
        save(tmp_path / "state", token)
        told = afterword(tmp_path, *places, "once", "--at", "2026-03-03T18:35:00+00:00", "--json")
        assert (told.code, len(told.json["placed"]), len(google.mail.drafts)) == (0, 1, 1)


def test_the_only_note_that_gmail_does_not_take_is_told_and_the_rest_of_the_cycle_is_done(tmp_path: Path) -> None:
    with Google() as google:
        home = Home(tmp_path, google)
        google.calendar(FAMILY)
        consented(google, tmp_path / "state", now=datetime.now(UTC))
        home.met("Dana Okafor", DANA, 13)
        places = configure(tmp_path, google.url)
        google.fail("POST .*/drafts$", 400, "invalidArgument")
        told = afterword(tmp_path, *places, "once", "--at", "2026-03-03T18:30:00+00:00", "--json")
        assert (told.code, told.json["placed"], len(google.mail.drafts)) == (1, [], 0), told.err
        (problem,) = told.json["problems"]
        assert problem["message"].startswith(f"the thank-you for {DANA} could not be laid down: Google did not")
        assert "mailbox could not be used" not in told.err
        for at, code, laid in (("2026-03-03T18:35", 1, 0), ("2026-03-04T18:31", 0, 1)):  # once a day is enough
            told = afterword(tmp_path, *places, "once", "--at", f"{at}:00+00:00", "--json")
            assert (told.code, len(told.json["placed"]), len(google.mail.drafts)) == (code, laid, laid), told.err
