"""The units: what they say on each machine, and what a service may write to. In tests/systemd/ a manager reads them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.load import load
from daemon.cli.service_fit import writable_as_text
from daemon.failure import Failure
from daemon.units import files, text
from daemon.units.files import lay
from daemon.units.manager import Manager
from daemon.units.opened import open_within
from daemon.units.programs import as_root
from daemon.units.text import Wanted, command, shipped, strict, user_unit
from daemon.units.writable import password_files, why_not, writable
from tests.daemon.command import SETTINGS, afterword, configure
from tests.needed import need

if TYPE_CHECKING:
    from config.load import Configuration

ROOT = Path(__file__).parents[2]
WANTED = Wanted(
    ("/usr/bin/afterword",), Path("/home/robin/.config/afterword"), Path("/home/robin/.local/state/afterword")
)
MAILDIR = "mailbox: {maildir: Mail}"


def configured(folder: Path, *changes: tuple[str, str]) -> Configuration:
    settings = SETTINGS
    for old, new in changes:
        settings = settings.replace(old, new)
    found = load(configure(folder, settings))
    assert found.configuration is not None, found.problems
    return found.configuration


# --- what is shipped -------------------------------------------------------------------------------------------


def test_the_exposure_of_the_service_of_a_machine_is_at_most_1_3(tmp_path: Path) -> None:
    need(**{"systemd-analyze": "systemd"})
    unit = tmp_path / "afterword@.service"
    unit.write_text(shipped(unit.name))
    judge = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=13", str(unit)]
    done = subprocess.run(judge, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    unit.write_text(shipped(unit.name).replace("SystemCallFilter=", "# ").replace("PrivateUsers=yes", ""))
    assert subprocess.run(judge, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(
    "name", ["afterword.service", "afterword@.service", "afterword-review.socket", "afterword-review.service"]
)
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path, name: str) -> None:
    need(**{"systemd-analyze": "systemd"})
    unit = tmp_path / name
    for one in {name, "afterword-review.socket", "afterword-review.service"}:  # the one names the other
        text = shipped(one).replace("%h/.local/bin/afterword", "/bin/true").replace("/usr/bin/afterword", "/bin/true")
        unit.with_name(one).write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize(
    "name",
    ["afterword.service", "afterword@.service", "strict.conf", "afterword-review.socket", "afterword-review.service"],
)
def test_every_directive_has_its_why_on_a_line_above(name: str) -> None:
    section, why = "", False
    for line in shipped(name).splitlines():
        section = line if line.startswith("[") else section
        if not line or line.startswith(("[", "#")):
            why = line.startswith("#")
        elif section == "[Service]":  # what stands in the others is usual, and says what it is
            assert why or line.startswith(("SystemCall", "AmbientCapabilities=", "DevicePolicy=", "RemoveIPC=")), line
            why = False


# --- what is written -------------------------------------------------------------------------------------------


def test_a_unit_names_the_folders_and_the_command_of_this_machine() -> None:
    unit = user_unit(WANTED, 252)
    assert text.is_ours(unit)
    assert text.folders(unit) == (str(WANTED.config), str(WANTED.state))
    start = f"ExecStart=/usr/bin/afterword --config {WANTED.config} --state {WANTED.state} run\n"
    assert start in unit
    assert f"LoadCredential=afterword:{WANTED.config}/credentials\n" in unit
    assert "%h" not in unit


def test_what_systemd_would_take_for_its_own_stands_for_itself() -> None:
    assert command(("/usr/a b/afterword", "100%", "$HOME", 'a"b', "\\")) == (
        '"/usr/a b/afterword" 100%% "$$HOME" "a\\"b" "\\\\"'
    )


def test_a_reload_is_told_of_where_systemd_knows_the_word_for_it() -> None:
    older, newer = user_unit(WANTED, 252), user_unit(WANTED, 253)
    assert "Type=notify\n" in older
    assert "ExecReload=" in older
    assert "Type=notify-reload\n" in newer
    assert "ExecReload=" not in newer
    assert "SIGHUP has it read" not in newer


def test_a_line_that_this_systemd_does_not_know_is_found_in_the_unit_and_in_its_drop_in(tmp_path: Path) -> None:
    need(**{"systemd-analyze": "systemd"})
    unit = tmp_path / "afterword.service"
    drop_in = files.drop_in(unit)
    lay({unit: user_unit(replace(WANTED, program=("/bin/true",)), 252), drop_in: shipped("strict.conf")})
    assert Manager(system=True).wrong(unit) == ""
    for path in (unit, drop_in):
        good = path.read_text("utf-8")
        path.write_text(f"{good}\n[Service]\nProtectNothing=yes\n", "utf-8")
        told = Manager(system=True).wrong(unit)
        assert told.startswith(f"{path}:")
        assert "ProtectNothing" in told
        path.write_text(good, "utf-8")


def test_a_folder_whose_name_would_be_a_setting_of_its_own_stays_one_word_and_is_refused() -> None:
    hostile = Path("/home/robin/Mail\rExecStartPre=/bin/false\n[Service]\x1b")
    line = [one for one in strict(WANTED, [hostile]).splitlines() if "Mail" in one]
    assert line == ['ReadWritePaths="-/home/robin/Mail\\x0dExecStartPre=/bin/false\\x0a[Service]\\x1b"']
    with pytest.raises(Failure, match=r"a unit cannot name .*\\rNice=5"):
        writable_as_text([Path("/home/robin/Mail\rNice=5")])


def test_files_are_laid_once_and_nothing_is_laid_over_what_is_not_ours(tmp_path: Path) -> None:
    unit, strict = tmp_path / "user/afterword.service", tmp_path / "user/afterword.service.d/strict.conf"
    wanted: files.Files = {unit: f"{text.MADE_BY}\n[Service]\n", strict: f"{text.MADE_BY}\n"}
    assert lay(wanted).written == [unit, strict]
    assert not lay(wanted).changed
    assert lay({unit: wanted[unit], strict: None}).removed == [strict]
    assert not strict.parent.exists()
    unit.write_text("[Service]\n")
    with pytest.raises(Failure, match="was not made by this command"):
        lay({unit: wanted[unit], strict: wanted[strict]})
    assert unit.read_text() == "[Service]\n"
    assert not strict.exists()
    assert not lay({unit: None}).changed


def test_a_folder_of_drop_ins_with_one_of_the_users_own_stays(tmp_path: Path) -> None:
    unit = tmp_path / "afterword.service"
    strict = files.drop_in(unit)
    lay({unit: text.MADE_BY, strict: text.MADE_BY})
    own = strict.with_name("own.conf")
    own.write_text("[Service]\nNice=5\n")
    lay({unit: None, strict: None})
    assert files.foreign_drop_ins(unit) == [own]


# --- what it may write to --------------------------------------------------------------------------------------


def test_it_writes_to_its_state_the_maildir_and_beside_the_plan(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert writable(configured(tmp_path), state, None) == [state, tmp_path / "Mail"]
    planned = configured(tmp_path, (MAILDIR, f"{MAILDIR}\nplan_ics: out/plan.ics"))
    assert writable(planned, state, None) == [state, tmp_path / "Mail", tmp_path / "out"]
    imap = configured(
        tmp_path, (MAILDIR, "mailbox: {imap: mail.example.org, user: robin, password: {command: pass show m}}")
    )
    assert writable(imap, state, Path("/run/user/1")) == [state, Path.home() / ".gnupg", Path("/run/user/1/gnupg")]


@pytest.mark.parametrize(("change", "why"), [
    ((MAILDIR, MAILDIR), ""),
    ((MAILDIR, f"{MAILDIR}\nnotify: {{command: [notify-send, Afterword]}}"), ""),
    ((MAILDIR, f"{MAILDIR}\nnotify: {{command: [/home/robin/bin/tell]}}"), "nobody knows what /home/robin/bin/tell"),
    ((MAILDIR, "mailbox: {imap: m.example, user: r, password: {command: bw get password m}}"), "nobody knows what bw"),
    ((MAILDIR, "mailbox: {imap: m.example, user: r, password: {credential: m}}"), ""),
    ((MAILDIR, "mailbox: {imap: m.example, user: r, oauth: {command: [oama, access, r]}}"), "nobody knows what oama"),
    ((MAILDIR, "mailbox: {maildir: /tmp/Mail}"), "/tmp/Mail lies where"),
])  # fmt: skip
def test_it_is_strict_where_it_is_known_to_need_no_more(
    change: tuple[str, str], why: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("config")
    told = why_not(configured(folder, change), Path("/home/robin/state"), [Path("/usr/bin/afterword")])
    # Where the tests lie in such a folder themselves, that is told of the configuration.
    assert told.startswith(why) if why else not told or str(folder) in told


# --- the folder of an account ----------------------------------------------------------------------------------


def test_what_init_wrote_for_an_account_is_for_its_service_to_read_and_for_nobody_else(tmp_path: Path) -> None:
    accounts, folder = tmp_path / "afterword", tmp_path / "afterword/robin"
    made = afterword(tmp_path, "--config", str(folder), "init", "--yes", "--name=Robin", "--email=robin@example.org",
                     "--calendar=calendar/", "--imap=mail.example.org", "--user=robin")  # fmt: skip
    assert made.code == 0, made.err
    secret, tool = folder / "credentials/mail", folder / "tool"
    secret.parent.mkdir(0o700)
    key = folder / "key.json"
    for path, mode in ((secret, 0o600), (tool, 0o700), (key, 0o600)):
        path.touch(mode)
    accounts.chmod(0o755)
    (folder / "afterword.yaml").chmod(0o600)
    told = " ".join(open_within(folder, [key]))
    assert f"{accounts} was closed to everybody but root" in told
    assert re.search(rf"may now read \d+ files and folders in {folder} ", told)

    def closed(path: Path) -> bool:
        mode = path.stat().st_mode & 0o005
        return mode != 0o005 if path.is_dir() or path == tool else not mode

    assert {path for path in (folder, *folder.rglob("*")) if closed(path)} == {secret.parent, secret, key}
    assert accounts.stat().st_mode & 0o777 == 0o700
    assert open_within(folder, [key]) == []


def test_a_password_file_beside_the_configuration_is_known_since_no_other_user_may_read_it(tmp_path: Path) -> None:
    mailbox = "mailbox: {imap: m.example, user: r, password: {file: password}}"
    assert password_files(configured(tmp_path, (MAILDIR, mailbox))) == [tmp_path / "password"]
    assert password_files(configured(tmp_path, (MAILDIR, mailbox.replace("file: p", "file: /run/p")))) == []


# --- where it cannot be ----------------------------------------------------------------------------------------


def nothing_there(tmp_path: Path, **environment: str) -> dict[str, str]:
    """An environment in which no manager can be reached."""
    return {"PATH": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), **environment}


@pytest.mark.parametrize("words", [("install",), ("uninstall",), ("status",), ("logs",)])
def test_without_systemd_it_says_what_to_do_instead(tmp_path: Path, words: tuple[str, ...]) -> None:
    configure(tmp_path / ".config/afterword")
    told = afterword(tmp_path, "service", *words, **nothing_there(tmp_path))
    assert told.code == 75
    assert "there is no systemd here: systemctl is not installed" in told.err
    advice = "`afterword run` is the service all the same" in told.err.replace("\n", " ").replace("  ", " ")
    assert advice == (words != ("uninstall",)), "who takes it away wants none"
    assert ("last cycle" in told.out) == (words == ("status",))
    assert not (tmp_path / ".config/systemd").exists()


@pytest.mark.parametrize(("words", "said"), [
    (("--system", "no/name"), "cannot be the name of an account"),
    (("--system", "a" * 30), "cannot be the name of an account"),
])  # fmt: skip
def test_an_account_has_a_name_that_systemd_takes(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    told = afterword(tmp_path, "service", "install", *words)
    assert told.code == 2
    assert said in told.err


def test_a_service_of_the_machine_takes_no_folders(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--config", str(tmp_path), "service", "status", "--system", "robin")
    assert told.code == 2
    assert "has its own folders" in told.err


def test_who_is_not_root_is_given_a_command_that_can_be_typed_as_it_is() -> None:
    typed = as_root("service", "status", "--help")
    assert shlex.split(typed)[0] == "sudo"
    done = subprocess.run(shlex.split(typed)[1:], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "service status" in done.stdout


def test_with_sudo_it_would_be_the_service_of_root(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root is taken for somebody else")
    told = afterword(tmp_path, "service", "install", SUDO_USER="robin")
    assert told.code == 75
    assert "a service of root, and not of robin" in told.err
