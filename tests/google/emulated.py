"""The emulator of Google as a program of its own, and a browser in which a user consents."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACE = Path(__file__).parent / "emulator"
INSTALL = "make peers (it needs Node.js 20 and npm: apt-get install nodejs npm)"
SECONDS = 20.0
CLIENT = {"client_id": "afterword.apps.example", "client_secret": "GOCSPX-not-a-secret"}


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Emulator:
    """A running emulator. `ports` are those to which its client lets a browser come back, each once."""

    url: str
    ports: list[int]

    def client_file(self) -> str:
        """The OAuth client as Google's console gives it out."""
        places = {"auth_uri": f"{self.url}/o/oauth2/v2/auth", "token_uri": f"{self.url}/oauth2/token"}
        return json.dumps({"installed": {**CLIENT, **places, "redirect_uris": ["http://localhost"]}})

    def asked(self, method: str, path: str, token: str, **given: Any) -> Any:
        """What its own API says, as another program of the user asks it."""
        answer = requests.request(
            method, f"{self.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS, **given
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def emulator(seed: Mapping[str, Any]) -> Iterator[Emulator]:
    """Start it with these users, mails and events, and end it by its own process id."""
    if not (PLACE / "node_modules").is_dir() or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"the emulator of Google is missing: {INSTALL}")
        pytest.skip(f"needs the emulator of Google: {INSTALL}")
    port, *back = {free_port() for _ in range(6)}
    client = {**CLIENT, "name": "Afterword", "redirect_uris": [f"http://127.0.0.1:{one}/" for one in back]}
    process = subprocess.Popen(
        ["node", "serve.mjs", str(port)], cwd=PLACE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    late = Timer(SECONDS, process.kill)
    late.start()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({**seed, "oauth_clients": [client]}) + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "ready"
        late.cancel()
        yield Emulator(f"http://127.0.0.1:{port}", back)
    finally:
        late.cancel()
        process.kill()
        process.communicate(timeout=SECONDS)


def consent(address: str, user: str) -> str:
    """Open the address as a browser does, choose the user, and follow to where that leads; the page at its end."""
    page = requests.get(address, timeout=SECONDS)
    page.raise_for_status()
    forms = re.findall(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", page.text, re.DOTALL)
    for action, inside in forms:
        fields = {name: unescape(value) for name, value in _fields(inside)}
        if fields.get("email") == user:
            done = requests.post(urljoin(page.url, unescape(action)), data=fields, timeout=SECONDS)
            done.raise_for_status()
            return done.text
    raise AssertionError(f"nobody is called {user} on this page: {page.text}")


def _fields(form: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            yield unescape(name[1]), value[1]
