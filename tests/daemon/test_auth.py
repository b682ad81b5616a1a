"""What `auth google` says while it waits and when it is done: the real command, with a test in the browser's place."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import requests

from tests.connectors.google.raw import listening
from tests.connectors.google.test_consent import GIVEN, LIMIT, SCOPE
from tests.connectors.google.test_transport import answering, says
from tests.daemon.command import SETTINGS, configure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITS = "Waiting for your consent, 10 minutes at most; Ctrl-C stops it, and nothing is changed."


@dataclass
class Asking:
    """The command while it waits; `told` is what it has said on stderr by then."""

    process: subprocess.Popen[str]
    told: str

    @property
    def address(self) -> str:
        found = re.search(r"^  (http\S+)$", self.told, re.MULTILINE)
        assert found, self.told
        return found[1]

    def ended(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out, err


@contextmanager
def asking(home: Path, token_uri: str, *words: str) -> Iterator[Asking]:
    """`auth google`, for a Google calendar and a Maildir, up to the line that says that it waits."""
    folder = configure(home / "c", SETTINGS.replace("ics: calendars/", "google: primary"))
    client = {"client_id": "c", "client_secret": "s", "auth_uri": "https://accounts.example", "token_uri": token_uri}
    (folder / "google-client.json").write_text(json.dumps({"installed": client}))
    command = [sys.executable, "-m", "daemon", "--config", str(folder), "--state", str(home / "s"), "auth", "google"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--no-browser", *words], stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stderr is not None
            told = ""
            while "Waiting" not in told:
                line = process.stderr.readline()
                assert line, told
                told += line
            yield Asking(process, told)
        finally:
            process.kill()


def consents(address: str) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    back = {"code": "ours", "state": asked["state"], "scope": SCOPE}
    assert requests.get(asked["redirect_uri"], params=back, timeout=LIMIT).status_code == 200


def test_it_says_that_it_waits_and_ctrl_c_ends_it_with_nothing_changed(tmp_path: Path) -> None:
    with asking(tmp_path, "http://127.0.0.1:9/token") as waits:
        assert waits.told.endswith(f"\n{WAITS}\n")
        waits.process.send_signal(signal.SIGINT)
        code, _, err = waits.ended()
    assert (code, err.strip()) == (130, "")
    assert not (tmp_path / "s" / "google-token.json").exists()


def test_when_it_is_done_it_says_where_the_permission_lies_and_what_to_run_next(tmp_path: Path) -> None:
    with listening(answering(says(GIVEN))) as google, asking(tmp_path, f"{google.url}/token") as waits:
        consents(waits.address)
        code, out, err = waits.ended()
    assert (code, err) == (0, "")
    options = f"--config {tmp_path / 'c'} --state {tmp_path / 's'}"
    assert out.endswith(
        "Google gave its permission for an account whose address is not known.\n"
        f"It is kept in {tmp_path / 's' / 'google-token.json'}, for your eyes only.\n"
        f"Next: `afterword {options} check --connect` tries it, and then `afterword {options} once --dry-run` "
        "shows what the first cycle would draft.\n"
    )


def test_as_json_the_place_of_the_permission_is_named(tmp_path: Path) -> None:
    with listening(answering(says(GIVEN))) as google, asking(tmp_path, f"{google.url}/token", "--json") as waits:
        assert waits.told.endswith(f"\n{WAITS}\n")
        consents(waits.address)
        code, out, _ = waits.ended()
    assert (code, json.loads(out)["file"]) == (0, str(tmp_path / "s" / "google-token.json"))
