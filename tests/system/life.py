"""The life of Afterword as a service of the system, in the order in which an administrator lives through it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.system.later import SCHEMA, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.system.machine import Machine

SERVICE = "afterword@robin.service"
STATE = "/var/lib/afterword/robin"
COMMAND = f"afterword --config /etc/afterword/robin --state {STATE}"
BY_HAND = "CREDENTIALS_DIRECTORY=/etc/afterword/robin/credentials"
"""Where a command that root types finds the password that systemd gives to the service."""
DRAFTS = "/var/mail/homes/robin/Maildir/.Drafts"
PRIVATE = "/var/lib/private/afterword/robin"
"""Where systemd has the state of a service with DynamicUser."""
DYNAMIC = 61184
"""The first user id that systemd gives to such a service."""
LEAP = 30
"""Seconds by which the clock is set: less than a boot takes, after which it is right again."""
AT_ONCE = 2.0
"""Seconds within which that is noticed. The service looks by itself once a minute."""


def drafts(machine: Machine) -> list[str]:
    """To whom the drafts are that lie in the mailbox, one for each draft."""
    told = machine.out(f"grep -rhi '^To:' {DRAFTS}/cur {DRAFTS}/new || true")
    return sorted(line.rpartition("<")[2].rstrip(">").partition("@")[0] for line in told.split("\n") if line)


def ledger(machine: Machine, question: str) -> list[list[Any]]:
    """What the ledger answers to this SQL."""
    rows: list[list[Any]] = json.loads(machine.out(f'python3 /mnt/ledger.py "{question}"'))
    return rows


def cycles(machine: Machine) -> int:
    """How many cycles the ledger knows of."""
    return int(ledger(machine, "select coalesce(max(number), 0) from cycles")[0][0])


def settled(after: int) -> str:
    """A shell's condition: the service is up, a later cycle than this one has ended, and no intent is open."""
    ended = f"select count(*) from cycles where number > {after} and ended is not null"
    question = f"select ({ended}) > 0 and not exists (select 1 from intents)"
    return f'systemctl -q is-active {SERVICE} && test "$(python3 /mnt/ledger.py "{question}" 2>/dev/null)" = "[[1]]"'


def installs(machine: Machine) -> None:
    """dpkg takes the package, with nothing but what is on the disk; the command, its pages and units are there."""
    machine.run("bash /mnt/prepare.sh")
    machine.run("dpkg -i /mnt/first.deb", seconds=600)
    assert machine.out("afterword --version").startswith("afterword ")
    assert machine.out("stat -c '%a %U %G' /etc/afterword") == "700 root root"
    machine.run("systemd-analyze verify --man=no afterword@robin.service")


def places_a_draft(machine: Machine) -> None:
    """Started with a user of its own and the password as a credential, it becomes active, and one draft lies there."""
    machine.run("bash /mnt/configure.sh && bash /mnt/met.sh dana Okafor")
    told = json.loads(machine.out("afterword service install --system robin --no-start --json"))
    assert (told["unit"], told["did"], told["written"]) == (SERVICE, "laid", []), told  # the unit is the package's
    machine.run(f"systemctl start {SERVICE}")
    machine.until(f"find {DRAFTS}/cur {DRAFTS}/new -type f 2>/dev/null | grep -q .")
    assert drafts(machine) == ["dana"]
    machine.until(settled(0))
    told = json.loads(machine.out(f"{BY_HAND} {COMMAND} status --json"))
    assert told["service"]["answers"] is True, told["service"]
    assert not told["problems"], told["problems"]
    machine.until("journalctl -q -o cat AFTERWORD_EVENT=draft.placed | grep -q .")


def sees_the_clock_set(machine: Machine) -> None:
    """The kernel wakes the service when the clock is set; it says so in the journal, and goes through another cycle."""
    number = cycles(machine)
    moved = "journalctl -q -b -o json --output-fields=AFTERWORD_SECONDS AFTERWORD_EVENT=clock.moved"
    assert not machine.out(f"{moved} || true")
    begun = float(machine.out(f'cut -d " " -f 1 /proc/uptime; date -s "{LEAP} seconds" >/dev/null'))
    machine.until(f"{moved} | grep -q .")
    (entry,) = map(json.loads, machine.out(moved).splitlines())
    seconds = int(entry["__MONOTONIC_TIMESTAMP"]) / 1e6 - begun
    assert seconds <= AT_ONCE, f"noticed after {seconds:.1f} s"
    assert abs(float(entry["AFTERWORD_SECONDS"]) - LEAP) < AT_ONCE, entry
    machine.until(settled(number))
    assert drafts(machine) == ["dana"]


def can_write_nowhere_else(machine: Machine) -> None:
    """All that this user could write to, where the service is, is its state, and a /tmp of its own."""
    pid = machine.out(f"systemctl show -P MainPID {SERVICE}")
    user, group = machine.out(f"stat -c '%u %g' /proc/{pid}").split()
    assert int(user) >= DYNAMIC, user
    inside = f"nsenter -t {pid} -m -- setpriv --reuid={user} --regid={group} --clear-groups"
    kernels = "\\( -path /proc -o -path /sys -o -path /dev \\) -prune"  # no place to keep anything in
    look = f"{inside} find / {kernels} -o -type f,d -writable -print 2>/dev/null"
    found = set(machine.run(look, fails=True, seconds=300).out.splitlines())
    assert {"/tmp", "/var/tmp", PRIVATE} <= found, found
    others = {path for path in found - {"/tmp", "/var/tmp", PRIVATE} if not path.startswith(f"{PRIVATE}/")}
    assert not others, others
    machine.run(f"{inside} touch /tmp/of-its-own && ! test -e /tmp/of-its-own")
    for place in ("/", "/etc/afterword/robin", "/usr", "/var/lib", "/home", "/run", "/dev", "/dev/shm"):
        assert machine.run(f"{inside} touch {place}/mine", fails=True).code != 0, place


def upgrades(machine: Machine) -> None:
    """A later package with a migration: the ledger is copied first, the service runs anew, no second draft."""
    before = machine.out(f"systemctl show -P MainPID {SERVICE}")
    number = cycles(machine)
    (last,) = ledger(machine, "select version_num from alembic_version")
    machine.run("dpkg -i /mnt/second.deb", seconds=600)
    assert machine.out("afterword --version") == f"afterword {VERSION}"
    machine.until(f"systemctl -q is-active {SERVICE} && test -e {STATE}/backups/ledger.backup-{last[0]}-1.sqlite3")
    assert machine.out(f"systemctl show -P MainPID {SERVICE}") != before
    machine.until(settled(number))
    assert ledger(machine, "select version_num from alembic_version") == [[SCHEMA]]
    assert ledger(machine, "select count(*) from later") == [[0]]
    assert drafts(machine) == ["dana"]


def _is_cut(machine: Machine, where: str, who: str) -> None:
    """Somebody was met; the cycle is at the draft for them, and stands still there; the power goes."""
    machine.run(
        f"rm -f /run/gate.held; echo {where} >/run/gate; bash /mnt/met.sh {who} Vale; systemctl reload {SERVICE}"
    )
    machine.until("test -e /run/gate.held")
    assert ledger(machine, "select count(*) from intents") == [[1]]
    number = cycles(machine)
    machine.cut()
    machine.boot()
    machine.until(settled(number))


def survives_a_cut_before_the_draft(machine: Machine) -> None:
    """The power goes when the intent is written down and the draft is not made. It starts by itself, and makes it."""
    _is_cut(machine, "before", "priya")
    assert drafts(machine) == ["dana", "priya"]


def survives_a_cut_after_the_draft(machine: Machine) -> None:
    """The power goes when the draft lies there and nobody has written that down. It finds it, and makes no other."""
    _is_cut(machine, "after", "tiago")
    assert drafts(machine) == ["dana", "priya", "tiago"]


def leaves(machine: Machine) -> None:
    """A removal ends the service, and leaves what was written; a purge takes it; the drafts stay the user's."""
    machine.run("dpkg -r afterword", seconds=600)
    assert machine.run(f"systemctl -q is-active {SERVICE}", fails=True).code != 0
    machine.run(f"test -s {STATE}/ledger.sqlite3 && test -s /etc/afterword/robin/afterword.yaml")
    machine.run("! test -e /opt/afterword && ! test -e /usr/bin/afterword")
    machine.run("dpkg -P afterword")
    places = "/var/lib/afterword /var/lib/private/afterword /etc/afterword /etc/systemd/system/*.wants/afterword@*"
    left = machine.out(f"ls -d {places} 2>/dev/null || true")
    assert not left, left
    assert drafts(machine) == ["dana", "priya", "tiago"]


LIFE: tuple[Callable[[Machine], None], ...] = (
    installs,
    places_a_draft,
    sees_the_clock_set,
    can_write_nowhere_else,
    upgrades,
    survives_a_cut_before_the_draft,
    survives_a_cut_after_the_draft,
    leaves,
)
