"""`afterword auth google` as a user runs it, with a browser that comes back with a code at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import requests

from tests.google.emulated import free_port
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60.0


def client_file(url: str) -> str:
    """The OAuth client as Google's console gives it out, of a Google that is there."""
    places = {"auth_uri": f"{url}/auth", "token_uri": f"{url}/token"}
    return json.dumps({"installed": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **places}})


def auth_google(root: Path, code: str, *options: str) -> tuple[int, str, str]:
    """The exit code, and what was said on stderr and on stdout, with configuration and state below `root`."""
    port = free_port()
    places = ("--config", str(root / "config"), "--state", str(root / "state"))
    words = (*places, "auth", "google", "--no-browser", "--port", str(port), *options)
    with subprocess.Popen(
        [sys.executable, "-m", "daemon", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        address = next(found[1] for line in running.stderr if (found := re.match(r"  (http\S+/auth\S+)$", line)))
        state = re.search(r"[?&]state=([^&]+)", address)
        assert state is not None
        back = {"code": code, "state": state[1]}
        assert requests.get(f"http://127.0.0.1:{port}/", params=back, timeout=SECONDS).status_code == 200
        said, out = running.stderr.read(), running.stdout.read()
    assert "Traceback" not in said
    return running.returncode, said, out
