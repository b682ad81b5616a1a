"""IMAP servers as programs of their own: started on a free port, and ended by their own process id."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.google.emulated import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20.0
PASSWORD = "secret"
DOVECOT = "apt-get install dovecot-imapd"
_NOBODY = "nobody"
_PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
"""The path of a socket must be short."""

# Without the listener for penalties nobody waits, 15 seconds and more, after a wrong password of another test.
_CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
auth_failure_delay = 0
mail_max_userip_connections = 1000
mail_fsync = never
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service imap {{
  service_count = 1000
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
{passdb}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/homes/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
{mailboxes}
}}
{more}
"""


_OAUTH2 = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running Dovecot, which takes any user with the one password. `port` is in the clear, `tls_port` is not."""

    root: Path
    port: int
    tls_port: int
    owner: tuple[int, int]
    _users: Iterator[int] = field(default_factory=count)

    def user(self, name: str = "") -> tuple[str, Path]:
        """Somebody new, by this name or any, and their Maildir, with the usual folders."""
        name = name or f"robin{next(self._users)}"
        maildir = self.root / "homes" / name / "Maildir"
        for folder in ("", ".Drafts", ".Sent", ".Trash"):
            self.folder(maildir / folder)
        self.give(maildir.parent)
        return name, maildir

    def folder(self, path: Path) -> None:
        """A folder as Dovecot makes it."""
        for inside in ("cur", "new", "tmp"):
            (path / inside).mkdir(parents=True, exist_ok=True)
            self.give(path / inside)
        self.give(path)

    def give(self, path: Path) -> None:
        """Let it be Dovecot's to read and write."""
        os.chown(path, *self.owner)


def special(**uses: str) -> str:
    """The mailboxes of a configuration that are for something: `special(Entwürfe="Drafts")`."""
    return "\n".join(
        f"  mailbox {_shifted(name)} {{\n    special_use = \\{use}\n    auto = no\n  }}" for name, use in uses.items()
    )


def _shifted(name: str) -> str:
    return f'"{name}"'


USUAL = special(Drafts="Drafts", Sent="Sent", Trash="Trash")

OLD = "protocol imap {\n  imap_capability = IMAP4rev1\n}"
"""What RFC 3501 has, and no more: no SPECIAL-USE, UIDPLUS, CONDSTORE or LIST-STATUS."""


@contextmanager
def dovecot(
    mailboxes: str = USUAL,
    more: str = "",
    certificate: Path | None = None,
    tls: str = "yes",
    *,
    mechanisms: str = "plain",
    tokens: str = "",
) -> Iterator[Dovecot]:
    """Start Dovecot with these mailboxes, as an unprivileged user; with a certificate it speaks TLS, too, or only.

    `tokens` is where it asks about the access tokens of OAuth: the address, to which it adds the token.
    """
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        absent("Dovecot", DOVECOT)
    assert program is not None
    is_root = os.geteuid() == 0
    account = pwd.getpwnam(_NOBODY) if is_root else pwd.getpwuid(os.geteuid())
    owner = (account.pw_uid, account.pw_gid)
    root = Path(tempfile.mkdtemp(prefix="dovecot", dir=_PLACE))
    port, tls_port = free_port(), free_port() if certificate else 0
    ssl = "no"
    if certificate is not None:
        shutil.copy(certificate, root / "certificate.pem")
        ssl = f"{tls}\nssl_cert = <{root}/certificate.pem\nssl_key = <{root}/certificate.pem"
    text = _CONFIGURATION.format(
        root=root, ssl=ssl, user=account.pw_name, group=grp.getgrgid(account.pw_gid).gr_name, port=port,
        tls_port=tls_port, password=PASSWORD, uid=owner[0], gid=owner[1], mailboxes=mailboxes, more=more,
        mechanisms=mechanisms, passdb=_OAUTH2.format(root=root) if tokens else "",
    )  # fmt: skip
    (root / "homes").mkdir()
    (root / "oauth2.conf").write_text(f"tokeninfo_url = {tokens}\nusername_attribute = email\n")
    (root / "dovecot.conf").write_text(text)
    server = Dovecot(root, port, tls_port, owner)
    for path in (root, *root.iterdir()):
        server.give(path)
    process = subprocess.Popen(
        [program, "-F", "-c", str(root / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=owner[0] if is_root else None,
        group=owner[1] if is_root else None,
        extra_groups=[] if is_root else None,
    )
    try:
        ready(process, port, root / "log")
        yield server
    finally:
        end(process)
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def pymap() -> Iterator[int]:
    """Start pymap, whose user is `demouser` with the password `demopass`; its port."""
    program = Path(sys.executable).parent / "pymap"
    if not program.exists():
        absent("pymap", "make development")
    port = free_port()
    command = [str(program), "--host", "127.0.0.1", "--port", str(port), "dict", "--demo-data"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ready(process, port, None)
        yield port
    finally:
        end(process)


def absent(name: str, install: str) -> None:
    """Skip, or fail where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is missing: {install}")
    pytest.skip(f"needs {name}: {install}")


def ready(process: subprocess.Popen[bytes], port: int, log: Path | None) -> None:
    """Wait for the greeting."""
    until = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, log.read_text() if log and log.exists() else "the server has ended"
        assert time.monotonic() < until, "the server does not answer"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            continue


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server by its own process id."""
    process.terminate()
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(SECONDS)
