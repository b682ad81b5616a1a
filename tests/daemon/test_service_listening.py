"""What listens for mail, for the service: started once, anew with a new configuration, and ended with it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.daemon.serving import GOOD, Running, document, lives

if TYPE_CHECKING:
    from pathlib import Path

LISTENS = f"echo '{document(3600, listens=True)}'"


def test_news_of_mail_brings_a_cycle_within_seconds(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, LISTENS, listen=f"read go < {tmp_path / 'fifo'}; printf '!'; exec sleep 1000") as service:
        service.until("cycle.done")
        (tmp_path / "fifo").write_text("go\n")
        assert service.until("cycle.started")["reason"] == "mail"
        service.until("cycle.done")
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_what_listens_ends_with_the_service(tmp_path: Path) -> None:
    tell = 'echo \'{"event": "listening", "pid": \'$$\'}\' >&2; exec sleep 1000'
    with Running(tmp_path, LISTENS, listen=f"trap '' TERM; {tell}") as service:
        pid = service.until("listening")["pid"]
        assert lives(pid)
        service.send(signal.SIGTERM)
        code, seconds = service.ended()
        assert (code, lives(pid)) == (0, False)
        assert seconds < 1


def test_what_listens_is_started_once_and_anew_with_a_new_configuration(tmp_path: Path) -> None:
    tell = 'echo \'{"event": "listening", "pid": \'$$\'}\' >&2; exec sleep 1000'
    with Running(tmp_path, LISTENS, listen=tell) as service:
        first = service.until("listening")["pid"]
        service.send(signal.SIGHUP)
        second = service.until("listening")["pid"]
        assert (lives(first), lives(second)) == (False, True)
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert sum("listening" in line for line in service.heard) == 2


def test_what_listens_is_started_anew_after_an_edit(tmp_path: Path) -> None:
    tell = 'echo \'{"event": "listening", "pid": \'$$\'}\' >&2; exec sleep 1000'
    with Running(tmp_path, LISTENS, listen=tell) as service:
        first = service.until("listening")["pid"]
        (service.config / "afterword.yaml").write_text("changed\n")
        assert service.until("cycle.started")["reason"] == "configuration"
        assert service.until("listening")["pid"] != first
        assert not lives(first)
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_with_a_new_configuration_nothing_listens_where_the_old_one_said_until_a_cycle_has_gone_well(
    tmp_path: Path,
) -> None:
    tell = 'echo \'{"event": "listening", "pid": \'$$\'}\' >&2; exec sleep 1000'
    with Running(tmp_path, f"test -e {tmp_path / 'config' / 'bad'} && exit 75; {LISTENS}", listen=tell) as service:
        first = service.until("listening")["pid"]
        (service.config / "bad").touch()
        service.send(signal.SIGHUP)
        service.until("cycle.put_off")
        assert not lives(first)
        (service.config / "bad").unlink()
        service.send(signal.SIGHUP)
        assert service.until("listening")["pid"] != first
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_nothing_listens_where_the_mailbox_cannot_tell(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD, listen='echo \'{"event": "listening"}\' >&2') as service:
        for _ in range(2):
            service.until("cycle.done")
            service.send(signal.SIGHUP)
        service.until("configuration.read")
        assert not any("listening" in line for line in service.heard)
