"""The process that listens says how it ended: whether it is worth to start it again."""

from __future__ import annotations

import json
import os

import pytest

from daemon.failure import ExitCode
from daemon.listener import main
from tests.imap.scripted import CAPABLE, GREETING, says

DONE = b"TAG OK done\r\n"
LISTS = b'* LIST () "/" INBOX\r\n'
IDLE = CAPABLE.replace(b"rev1", b"rev1 IDLE")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ((DONE, CAPABLE), ExitCode.CONFIGURATION_WRONG),
        ((DONE, IDLE, LISTS + DONE), ExitCode.CANNOT_NOW),  # Drafts may come back
        ((DONE, IDLE, b"TAG NO [UNAVAILABLE] not now\r\n"), ExitCode.CANNOT_NOW),
        ((b"TAG NO [LIMIT] too many connections\r\n",), ExitCode.CANNOT_NOW),
        ((b"TAG NO [AUTHENTICATIONFAILED] no\r\n",), ExitCode.PERMISSION_NEEDED),
    ],
)
def test_only_where_the_server_cannot_tell_it_is_of_no_use(answers: tuple[bytes, ...], code: ExitCode) -> None:
    with says(GREETING, CAPABLE, CAPABLE, *answers) as (port, _):
        told = {
            "host": "127.0.0.1", "user": "robin", "secret": "x", "oauth": False, "security": "plain", "port": port,
            "certificate": None, "folders": ["", "", ""],
        }  # fmt: skip
        read, write = os.pipe()
        os.write(write, json.dumps(told).encode())
        os.close(write)
        assert main(["--told", str(read)]) == code
