"""A household whose mailbox is at Dovecot: what a user sees in the files there is what Dovecot tells."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from connectors.mailboxes.imap import Imap
from tests.cases.home import THANKS, Home, settings
from tests.imap.programs import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.view import House
    from tests.imap.programs import Dovecot


SECRET = "password: {file: ../password}"


def at_dovecot(
    root: Path,
    server: Dovecot,
    *,
    port: int | None = None,
    more: str = "",
    rules: str = THANKS,
    name: str = "",
    secret: str = SECRET,
    settings_more: str = "",
) -> Home:
    """Somebody new, with the usual folders; `port` is where they think the server is, `more` what they say of it.

    `secret` is how they log in, `settings_more` what else their settings say.
    """
    name, maildir = server.user(name)
    home = Hasty.make(root, rules=rules)
    shutil.rmtree(home.mail)
    home.mail.symlink_to(maildir)
    password = root / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    use(home, name, port or server.port, more, secret=secret, settings_more=settings_more)
    return home


def use(home: Home, name: str, port: int, more: str = "", *, secret: str = SECRET, settings_more: str = "") -> None:
    """The settings name this user at this port."""
    said = f"imap: 127.0.0.1, port: {port}, plain: true, user: {name}, {secret}{more}"
    home.write("afterword.yaml", settings(mailbox=f"{{{said}}}", more=settings_more))


def anew(home: Home, folder: str) -> None:
    """The server numbers this folder anew, as after a repair: another UIDVALIDITY."""
    for path in (home.mail / folder).glob("dovecot*"):
        path.unlink()


class Hasty(Home):
    """Likewise, and asks again without a pause."""

    def house(self) -> House:
        house = super().house()
        assert isinstance(house.mailbox, Imap)
        house.mailbox._pause = lambda _: None
        return house
