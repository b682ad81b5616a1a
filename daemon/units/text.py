"""The text of a unit: the one that is shipped in systemd/, with the command and the folders of this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MADE_BY = "# Made by `afterword service install`"
"""How the first line of each file begins that is ours to change and to remove."""
NOTIFY_RELOAD = 253
"""The version of systemd that first knows `Type=notify-reload` (systemd.service(5))."""

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_CONTROL = frozenset(map(chr, (*range(1, 32), 127)))
_OF_HEAD = re.compile(r"^# (config|state): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a unit is to run: the command that starts the program, and its two folders, absolute."""

    program: tuple[str, ...]
    config: Path
    state: Path


def shipped(name: str) -> str:
    """A file of systemd/: beside the packages in a checkout, in `daemon/` where a wheel was installed.

    Raises:
        FileNotFoundError: it was left out of the package.
    """
    daemon = Path(__file__).resolve().parents[1]
    place = daemon / "systemd" / name
    return (place if place.exists() else daemon.parent / "systemd" / name).read_text("utf-8")


def user_unit(wanted: Wanted, version: int) -> str:
    """afterword.service for the manager of a user, of this version of systemd."""
    words = (*wanted.program, "--config", str(wanted.config), "--state", str(wanted.state), "run")
    text = _set(shipped("afterword.service"), "ExecStart", command(words))
    text = _set(text, "LoadCredential", f"afterword:{_percent(str(wanted.config / 'credentials'))}")
    return _head(wanted) + _for_version(_body(text), version)


def review_units(wanted: Wanted) -> tuple[str, str]:
    """afterword-review.socket and afterword-review.service for the manager of a user."""
    words = (*wanted.program, "--config", str(wanted.config), "--state", str(wanted.state), "review")
    text = _set(shipped("afterword-review.service"), "ExecStart", command(words))
    text = _set(text, "LoadCredential", f"afterword:{_percent(str(wanted.config / 'credentials'))}")
    head = (
        _head(wanted).replace("uninstall`", "uninstall --review`").replace("edit afterword`", "edit afterword-review`")
    )
    return head + _body(shipped("afterword-review.socket")), head + _body(text)


def strict(wanted: Wanted, writable: Sequence[Path]) -> str:
    """The drop-in that leaves nothing writable but these folders; one that is not there is no failed start."""
    places = " ".join(word(f"-{_percent(str(path))}") for path in writable)
    text = _set(shipped("strict.conf"), "ReadWritePaths", places)
    return _head(wanted) + _body(text)


def probe(wanted: Wanted, writable: Sequence[Path]) -> str:
    """A unit that ends well where strict.conf is in force: it can write to its state, and not around it.

    On some systems it is obeyed in silence by half, so it is the effect that is looked at.
    """
    test = 'test ! -w "%h" && test ! -w "%t" && test -w "$$0"'
    started = f"Type=oneshot\nExecStart=/bin/sh -c {word(test)} {word(_percent(str(wanted.state)))}"
    given = f"LoadCredential=probe:{_percent(str(wanted.state / 'none'))}\nSetCredential=probe:none"
    return strict(wanted, writable).replace("\n[Service]\n", f"\n[Service]\n{started}\n{given}\n")


def system_unit(program: Sequence[str], version: int) -> str:
    """afterword@.service for the manager of the system; its folders go by the name of the instance."""
    words = f"{command(program)} --config /etc/afterword/%i run"
    text = _set(shipped("afterword@.service"), "ExecStart", words)
    return f"{MADE_BY} --system; `afterword service uninstall --system NAME` removes it.\n" + _for_version(
        text, version
    )


def folders(text: str) -> tuple[str | None, str | None]:
    """The folders of configuration and state that the head of a unit of ours names."""
    named = dict(_OF_HEAD.findall(text))
    return named.get("config"), named.get("state")


def is_ours(text: str) -> bool:
    """Whether this program made it, and may change or remove it."""
    return text.startswith(MADE_BY)


def command(words: Sequence[str]) -> str:
    """A command line as systemd.service(5) reads it: `%` and `$` stand for themselves, quotes where they are needed.

    In the path of the program itself no variable is looked for.
    """
    program, *rest = map(_percent, words)
    return " ".join(map(word, (program, *(one.replace("$", "$$") for one in rest))))


def word(text: str) -> str:
    """One word of a line that systemd splits (systemd.syntax(7), "Quoting"). A specifier has been seen to before."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    # A control character might end the line, and begin a setting: it is written by its number.
    return '"' + "".join(f"\\x{ord(one):02x}" if one in _CONTROL else one for one in escaped) + '"'


def _percent(text: str) -> str:
    """`%` begins a specifier in nearly every setting (systemd.unit(5)); doubled it is itself."""
    return text.replace("%", "%%")


def _head(wanted: Wanted) -> str:
    return (
        f"{MADE_BY}; `afterword service uninstall` removes it.\n"
        "# What is to be otherwise goes into a file of your own beside it: `systemctl --user edit afterword`.\n"
        f"# config: {wanted.config}\n# state: {wanted.state}\n"
    )


def _body(text: str) -> str:
    """A shipped file without the words on top, which tell where it comes from."""
    return text[text.index("\n[") :]


def _set(text: str, name: str, value: str) -> str:
    """The text with this value for the one setting of that name."""
    changed, count = re.subn(rf"^{name}=.*$", lambda _: f"{name}={value}", text, flags=re.MULTILINE)
    assert count == 1, f"{name}= stands {count} times"
    return changed


def _for_version(text: str, version: int) -> str:
    """`notify-reload` tells when a reload is over; it sends SIGHUP itself."""
    if version < NOTIFY_RELOAD:
        return text
    text = re.sub(r"^# SIGHUP .*\n.*\nExecReload=.*\n|^# SIGHUP .*\nExecReload=.*\n", "", text, flags=re.MULTILINE)
    return text.replace(
        "\nType=notify\n",
        "\n# A reload is SIGHUP, and over when the configuration has been read.\nType=notify-reload\n",
    )
