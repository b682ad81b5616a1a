"""A password comes from where the settings say, when it is needed; without one the remedy is told, and no secret."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend

from config.login import Password
from connectors.base import PermissionNeededError
from daemon.passwords import password_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def told(said: Password, environment: dict[str, str] | None = None) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    with pytest.raises(PermissionNeededError) as caught:
        password_of(said, "robin", environment or {})()
    return caught.value.message, caught.value.hint or ""


def said(**given: object) -> Password:
    return Password.model_validate(given)


class Chain(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def chain() -> Iterator[Chain]:
    before, own = keyring.get_keyring(), Chain()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def test_a_command_is_asked_once_and_its_first_line_is_the_password(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    script = f"echo asked >> {shlex.quote(str(heard))}; printf ' s3cret \\nuser: robin\\n'"
    password = password_of(said(command=["sh", "-c", script]), "robin")
    assert not heard.exists()
    assert (password(), password()) == (" s3cret ", " s3cret ")
    assert heard.read_text() == "asked\n"


@pytest.mark.parametrize(("command", "words"), [
    (["sh", "-c", "echo 'gpg: no key' >&2; exit 2"], "should print the password, ended with exit code 2: gpg: no key"),
    (["true"], "what true printed is empty"),
    (["no-such-command"], "there is no command no-such-command, which should print the password"),
    (["printf", "a\\0b"], "the password in what printf printed has a control character in it"),
])  # fmt: skip
def test_a_command_that_prints_no_password_is_told_and_what_it_printed_is_not(command: list[str], words: str) -> None:
    message, hint = told(said(command=command))
    assert words in message
    assert shlex.join(command) in hint


def test_a_command_that_prints_without_end_is_ended_before_the_disk_is_full() -> None:
    message, _ = told(said(command=["yes"]))
    assert message == "the command yes, which should print the password, ended by signal 9: it printed without end"


def test_a_credential_is_what_systemd_gives_to_the_service(tmp_path: Path) -> None:
    (tmp_path / "cloud").write_text("s3cret\n")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert password_of(said(credential="cloud"), "robin", environment)() == "s3cret"
    message, hint = told(said(credential="mail"), environment)
    assert message == "systemd gives no credential mail: No such file or directory"
    assert "credentials/mail beside afterword.yaml" in str(hint)
    assert "this was not started with credentials" in told(said(credential="cloud"))[0]


def test_a_credential_of_the_folder_that_the_units_load_has_the_name_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "afterword_cloud").write_text("s3cret\n")
    (tmp_path / "cloud").write_text("another\n")
    assert password_of(said(credential="cloud"), "robin", {"CREDENTIALS_DIRECTORY": str(tmp_path)})() == "s3cret"


def test_a_credential_of_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "secret").write_text("s3cret\n")
    message, _ = told(said(credential="../secret"), {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert message == "`../secret` is no name of a credential"


def test_a_password_in_the_keyring_is_that_of_the_service_and_the_user(chain: Chain) -> None:
    chain.set_password("mail.example.org", "robin", "s3cret")
    assert password_of(said(keyring="mail.example.org"), "robin")() == "s3cret"
    message, hint = told(said(keyring="cloud"))
    assert message == "the keyring has no password of robin for cloud"
    assert hint == "Put it there: keyring set cloud robin"


def test_a_password_file_is_read_where_nobody_else_can(tmp_path: Path) -> None:
    path = tmp_path / "my password"
    path.write_text("s3cret\r\nnotes\n")
    path.chmod(0o600)
    assert password_of(said(file=str(path)), "robin")() == "s3cret"
    path.chmod(0o640)
    message, hint = told(said(file=str(path)))
    assert message == f"the password in {path} can be read by others (its mode is 640)"
    assert f"`chmod 600 '{path}'`" in hint
    assert "s3cret" not in message + hint
    path.unlink()
    assert told(said(file=str(path)))[0] == f"the password file {path} cannot be read: No such file or directory"
