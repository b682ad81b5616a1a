"""A first configuration with servers of open standards: asked, given or offered; and the password is never in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.providers import PROVIDERS
from tests.daemon.command import afterword
from tests.daemon.test_init import ROBIN, files, typed
from tests.dav.servers import PASSWORD as CLOUD_PASSWORD
from tests.dav.servers import USER, radicale
from tests.house import calendar, event
from tests.imap.programs import PASSWORD, dovecot

if TYPE_CHECKING:
    from tests.daemon.command import Told

NEXTCLOUD = "https://cloud.example/remote.php/dav/"
ACCOUNT = ("--imap", "imap.example.org", "--user", "robin")


def init(tmp_path: Path, *words: str) -> Told:
    return afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *ROBIN, *words)


def check(tmp_path: Path, *words: str) -> Told:
    return afterword(tmp_path, "--config", str(tmp_path / "c"), "check", *words)


def settings(tmp_path: Path) -> str:
    return (tmp_path / "c" / "afterword.yaml").read_text("utf-8")


def keep(tmp_path: Path, password: str, name: str = "password") -> None:
    """The user writes the password into its file."""
    (tmp_path / "c" / name).write_text(password + "\n")
    (tmp_path / "c" / name).chmod(0o600)


@pytest.mark.parametrize(
    ("address", "user", "servers"),
    [
        ("robin@fastmail.com", None, ("caldav.fastmail.com", "carddav.fastmail.com", "imap.fastmail.com")),
        ("robin@icloud.com", "robin", ("caldav.icloud.com", "contacts.icloud.com", "imap.mail.me.com")),
        ("Robin@mailbox.org", None, ("dav.mailbox.org", "dav.mailbox.org", "imap.mailbox.org")),
    ],
)
def test_for_an_address_of_a_known_provider_each_answer_is_offered(
    tmp_path: Path, address: str, user: str | None, servers: tuple[str, str, str]
) -> None:
    caldav, carddav, imap = servers
    shown = typed(tmp_path, f"Robin\n{address}\n\n\n\n\n\n\nmentoring\n".encode())
    for offered in (f"caldav:{caldav}", f"imap:{imap}", carddav, address, "file:password"):
        assert f"[{offered}]: " in shown
    secret = "password: {file: password}"
    written = settings(tmp_path)
    assert f"    caldav: {caldav}\n    user: {address}\n    {secret}" in written
    assert f"  - carddav: {carddav}\n    user: {address}\n    {secret}" in written
    assert f"mailbox:\n  imap: {imap}\n  user: {user or address}\n  {secret}" in written
    assert f"the password file {tmp_path / 'c' / 'password'} cannot be read" in shown
    assert "Next: put the password there" in shown
    assert "check --connect` tries it." in shown


def test_a_maildir_that_is_found_is_offered_before_the_servers_of_the_provider(tmp_path: Path) -> None:
    (tmp_path / "Maildir" / "cur").mkdir(parents=True)
    shown = typed(tmp_path, b"Robin\nrobin@fastmail.com\n\n\n\nnone\n\n\nmentoring\n")
    assert "[~/Maildir]" in shown
    assert "maildir: ~/Maildir" in settings(tmp_path)
    assert "carddav:" not in settings(tmp_path)


def test_for_a_gmail_address_google_is_offered(tmp_path: Path) -> None:
    typed(tmp_path, b"Robin\nrobin@gmail.com\n\n\n\n\nmentoring\n")
    assert "    google: primary\n" in settings(tmp_path)
    assert "  gmail: {}\n" in settings(tmp_path)


def test_an_address_of_ones_own_domain_is_offered_what_goes_with_the_calendar(tmp_path: Path) -> None:
    shown = typed(tmp_path, b"Robin\nrobin@vale.example\n\ncaldav:caldav.fastmail.com\n\n\n\n\nmentoring\n")
    for offered in ("calendars/", "imap:imap.fastmail.com", "carddav.fastmail.com", "robin@vale.example"):
        assert f"[{offered}]: " in shown


def test_a_server_of_ones_own_is_given_by_options_alone(tmp_path: Path) -> None:
    told = init(
        tmp_path, "--calendar", f"caldav:{NEXTCLOUD}", "--carddav", NEXTCLOUD, "--imap", "mail.cloud.example:1993",
        "--user", "robin", "--password-command", "cat password of-cloud",
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    secret = "user: robin\n{0}password: {{command: cat password of-cloud}}"
    for place, indent in (
        (f'    caldav: "{NEXTCLOUD}"', "    "),
        (f'  - carddav: "{NEXTCLOUD}"', "    "),
        ("  imap: mail.cloud.example\n  port: 1993", "  "),
    ):
        assert f"{place}\n{indent}{secret.format(indent)}" in settings(tmp_path)
    assert "All is well: " in told.out
    assert "are given the same password" not in told.out
    assert f"Next: `afterword --config {tmp_path / 'c'} check --connect` tries it" in told.out
    assert not (tmp_path / "c" / "calendars").exists()
    assert check(tmp_path).code == 0


def test_the_kind_alone_is_enough_where_the_provider_is_known(tmp_path: Path) -> None:
    told = init(tmp_path, "--calendar", "caldav", *ACCOUNT)
    assert (told.code, "write the server as well, as in caldav:cloud.example" in told.err) == (2, True)
    told = init(tmp_path, "--email", "robin@fastmail.com", "--calendar", "caldav", "--imap", "imap.fastmail.com")
    assert told.code == 0
    assert "    caldav: caldav.fastmail.com\n    user: robin@fastmail.com\n" in settings(tmp_path)


def test_a_user_that_nobody_can_tell_is_named_as_missing(tmp_path: Path) -> None:
    told = init(tmp_path, "--imap", "imap.example.org")
    assert (told.code, "these have no answer: --user\n" in told.err) == (2, True)
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--imap", "imap.example.org", "--gmail"), "--gmail and --imap exclude each other"),
        ((*ACCOUNT, "--password-file", "p", "--password-command", "cat p"), "exclude each other"),
        (("--maildir", "imap.example.org"), "did you mean imap:imap.example.org?"),
        ((*ACCOUNT, "--calendar", "cloud.example"), "did you mean caldav:cloud.example?"),
        ((*ACCOUNT, "--calendar", "caldav:https://robin@cloud.example/"), "a user does not stand in the address"),
        (("--imap", "imap.example.org:x", "--user", "robin"), "x is no port"),
        (("--maildir", "~/Mail", "--user", "robin"), "there is no server for this user"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    told = init(tmp_path, *words)
    assert (told.code, said in told.err) == (2, True)
    assert files(tmp_path) == {}


def test_a_password_in_the_place_of_a_command_is_neither_taken_nor_repeated(tmp_path: Path) -> None:
    told = init(tmp_path, *ACCOUNT, "--password-command", "hunter2")
    assert (told.code, "names no command" in told.err, "hunter2" in told.err + told.out) == (2, True, False)
    assert files(tmp_path) == {}
    shown = typed(tmp_path, b"Robin\n\nrobin@example.org\n\n\nimap:127.0.0.1\nrobin\nhunter2\ncat ~/secret\n\n", code=1)
    assert "names no command" in shown
    assert "password: {command: cat ~/secret}" in settings(tmp_path)
    assert "hunter2" not in settings(tmp_path)


def test_mail_at_another_provider_has_a_user_and_a_password_of_its_own(tmp_path: Path) -> None:
    answers = "Robin\nrobin@fastmail.com\n\ncaldav:cloud.example\n\n\nrobin\ncat cloud\n\n\nmentoring\n"
    shown = typed(tmp_path, answers.encode())
    assert "Your user at cloud.example: " in shown
    assert "Your user at imap.fastmail.com [robin@fastmail.com]: " in shown
    assert "are given the same password" not in shown
    written = settings(tmp_path)
    assert "    caldav: cloud.example\n    user: robin\n    password: {command: cat cloud}" in written
    assert "  - carddav: cloud.example\n    user: robin\n    password: {command: cat cloud}" in written
    assert "  imap: imap.fastmail.com\n  user: robin@fastmail.com\n  password: {file: mail-password}" in written


def test_the_user_of_the_calendar_is_offered_for_a_mail_server_that_nobody_knows(tmp_path: Path) -> None:
    answers = "Robin\nrobin@x.example\n\ncaldav:cloud.example\nimap:mail.example\n\nrobin\ncat cloud\n\n\nmentoring\n"
    assert "Your user at mail.example [robin]: " in typed(tmp_path, answers.encode())
    assert "  imap: mail.example\n  user: robin\n  password: {file: mail-password}" in settings(tmp_path)


def test_one_password_for_two_providers_is_told_before_anything_is_asked_of_them(tmp_path: Path) -> None:
    told = init(tmp_path, "--calendar", "caldav:cloud.example", *ACCOUNT)
    assert told.code == 0
    assert "cloud.example and imap.example.org are given the same password." in told.out


def test_the_address_of_a_caldav_server_is_not_taken_for_a_file_on_the_web_without_a_word(tmp_path: Path) -> None:
    answers = f"Robin\nrobin@vale.example\n\n{NEXTCLOUD}\ncaldav:{NEXTCLOUD}\n~/Mail\ny\n\nrobin\n\nmentoring\n"
    shown = typed(tmp_path, answers.encode())
    assert f"looks like a CalDAV server, which is written caldav:{NEXTCLOUD};" in shown
    assert f'caldav: "{NEXTCLOUD}"' in settings(tmp_path)


def test_check_tells_without_a_network_what_the_password_file_lacks(tmp_path: Path) -> None:
    init(tmp_path, *ACCOUNT, "--calendar", "caldav:dav.example.org")
    file = tmp_path / "c" / "password"
    told = check(tmp_path)
    assert (told.code, f"  calendar, imap: the password file {file} cannot be read" in told.out) == (0, True)
    file.write_text("secret\n")
    file.chmod(0o644)
    assert "can be read by others" in check(tmp_path).out
    file.chmod(0o600)
    assert "All is well: " in check(tmp_path).out


def test_a_file_called_password_in_the_current_folder_is_not_taken_for_that_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("of something else\n")
    monkeypatch.chdir(tmp_path)
    init(tmp_path, *ACCOUNT)
    assert "password: {file: password}" in settings(tmp_path)


def test_at_radicale_two_commands_are_enough(tmp_path: Path) -> None:
    (tmp_path / "Mail" / "cur").mkdir(parents=True)
    with radicale(tmp_path) as server:
        server.put("coffee.ics", calendar(event("coffee", "2026-03-03 10:00", "dana@acme.example")).encode())
        told = init(
            tmp_path, "--calendar", f"caldav:{server.url}", "--carddav", server.url, "--user", USER,
            "--maildir", "~/Mail",
        )  # fmt: skip
        assert told.code == 0
        keep(tmp_path, CLOUD_PASSWORD)
        told = check(tmp_path, "--connect")
    assert (told.code, told.err) == (0, "")
    assert "calendar: 1 event in Work\n" in told.out
    stopped = check(tmp_path, "--connect")
    assert (stopped.code, stopped.err.count("nobody answers there")) == (78, 1)
    assert f"One problem in {tmp_path / 'c'}." in stopped.err


def test_a_conversation_ends_with_the_next_two_weeks_of_a_calendar_at_a_server(tmp_path: Path) -> None:
    (tmp_path / "Mail" / "cur").mkdir(parents=True)
    (tmp_path / "secret").write_text(CLOUD_PASSWORD)
    with radicale(tmp_path) as server:
        server.put("coffee.ics", calendar(event("coffee", "2026-03-03 10:00", "dana@acme.example")).encode())
        answers = f"Robin Vale\nrobin@example.org\n\ncaldav:{server.url}\n\nnone\n{USER}\ncat {tmp_path}/secret\n\n"
        shown = typed(tmp_path, answers.encode(), "--at", "2026-03-02T09:00:00+00:00")
    assert shown.index("Asking calendar …") < shown.index("calendar: 1 event in Work") < shown.index("Thank you, Dana")
    assert not list(tmp_path.glob(".local/*/afterword"))


def test_at_an_imap_server_of_this_machine_one_line_more_is_enough(tmp_path: Path) -> None:
    with dovecot() as server:
        name, _ = server.user()
        told = init(tmp_path, "--imap", f"127.0.0.1:{server.port}", "--user", name)
        assert told.code == 0
        keep(tmp_path, PASSWORD)
        line = f"  port: {server.port}\n"
        assert line in settings(tmp_path)
        (tmp_path / "c" / "afterword.yaml").write_text(settings(tmp_path).replace(line, f"{line}  plain: true\n"))
        told = check(tmp_path, "--connect")
        shown = typed(tmp_path, b"")
    assert (told.code, told.err) == (0, "")
    drafts = "mailbox: Drafts is Drafts, Sent is Sent, Trash is Trash"
    assert f"{drafts}\n" in told.out
    assert shown.index("Asking mailbox …") < shown.index(drafts)
    stopped = typed(tmp_path, b"", code=1)
    assert "what was written stays" in stopped


def test_the_page_on_servers_names_each_server_that_is_offered() -> None:
    page = (Path(__file__).parents[2] / "docs" / "servers.md").read_text("utf-8")
    assert [server for one in PROVIDERS for server in sorted(one.hosts) if server not in page] == []
