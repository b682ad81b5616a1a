"""The words of a report: what stands here may be in it, whatever the user's own words are. A test knows it is all."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\w+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVENTS = _words("""
    clock.moved clock.unwatched configuration.asked configuration.last_good configuration.not_kept
    configuration.read configuration.refused configuration.unwatched configuration.wrong cycle.done cycle.failed
    cycle.killed cycle.not_started cycle.permission_needed cycle.put_off cycle.started cycle.timed_out
    cycle.unkillable cycle.unlimited deadline.missed deadline.near draft.failed draft.placed draft.withdrawn
    event.set_aside files.unwatched followup.changed ledger.begun_anew mailbox.heard mailbox.unheard metrics.served
    metrics.unserved plan.changed plan.gains plan.loses plan.moves rule.set_aside service.ended service.ready
    service.started service.stopping source.failed state.replaced state.taken status.unheard systemd.untold
""")
"""Of the log."""

DISTRIBUTIONS = _words("""
    alpine amzn arch centos debian endeavouros fedora gentoo linuxmint manjaro nixos opensuse pop raspbian rhel rocky
    slackware sles ubuntu void
""")
FILE_SYSTEMS = _words("""
    9p btrfs ceph cifs ecryptfs ext2 ext3 ext4 f2fs fuse nfs nfs4 overlay tmpfs vfat xfs zfs
""")
SYSTEMS = frozenset({"Linux", "Darwin", "FreeBSD"})
MACHINES = _words("aarch64 amd64 arm64 armv6l armv7l i686 ppc64le riscv64 s390x x86_64")
UNIT = {
    "LoadState": _words("loaded not-found masked error bad-setting stub merged"),
    "ActiveState": _words("active inactive failed activating deactivating reloading maintenance refreshing"),
    "SubState": _words("""
        running dead exited failed start start-pre start-post reload reload-signal reload-notify stop stop-watchdog
        stop-sigterm stop-sigkill stop-post final-sigterm final-sigkill final-watchdog auto-restart condition cleaning
        auto-restart-queued dead-before-auto-restart failed-before-auto-restart mounting
    """),
    "Result": _words("""
        success exit-code signal core-dump watchdog timeout resources protocol start-limit-hit oom-kill exec-condition
    """),
    "UnitFileState": _words("""
        enabled enabled-runtime disabled static linked linked-runtime masked indirect alias
    """),
    "Type": _words("notify notify-reload simple exec forking oneshot"),
}
"""What systemd says of a unit (systemctl(1), org.freedesktop.systemd1(5))."""
UNIT_NUMBERS = ("NRestarts", "ExecMainStatus", "TasksCurrent")
INSTALLED = frozenset({"a checkout", "pipx", "uv tool", "a Debian package", "an environment", "the system's Python"})
FILES = frozenset({"settings", "rules", "templates", "people", "tests", "a calendar's file", "other", "none"})
"""Kinds of files; never their names."""

ERRORS_BELOW = {
    "sqlalchemy.exc": _words("DBAPIError DatabaseError IntegrityError InvalidRequestError OperationalError"),
    "googleapiclient.errors": _words("HttpError UnknownApiNameOrVersion"),
    "google.auth.exceptions": _words("GoogleAuthError RefreshError TransportError"),
    "imapclient.exceptions": _words("CapabilityError IMAPClientError LoginError ProtocolError"),
    "requests.exceptions": _words("ConnectionError HTTPError ReadTimeout RequestException SSLError Timeout"),
    "jinja2.exceptions": _words("SecurityError TemplateError TemplateRuntimeError TemplateSyntaxError UndefinedError"),
    "pydantic_core._pydantic_core": _words("PydanticSerializationError ValidationError"),
    "ruamel.yaml.error": _words("MarkedYAMLError YAMLError"),
}
"""Errors of what Afterword is built on, which it may not have loaded when it tells of them."""

_TEXT = """
    failures wakeups longest Afterword bug report version Python implementation cpython pypy installed by
    operating system machine kernel distribution release SQLite systemd file encoding utf 8 ascii stdout offset
    from UTC in hours clock of the settings begun anew same as machine's dependencies missing yes no none other unknown
    never a checkout pipx uv tool Debian package an environment system's service runs unit user manager
    instances MB kB seconds minutes days ago after lasted limits open files address space state folder free its
    disk full percent read only writable owner mode configuration rules steps templates people tests calendars
    contacts mailbox kind kinds ics caldav google vcards carddav maildir imap gmail memory addresses mine tags
    holidays notify command plan keys used how often right problems line column message where what is wrong with
    force last good kept ledger there schema size sound damaged newer later busy gone error class opened locked
    corrupt LedgerError LedgerBusy LedgerCorrupt LedgerReadOnly LedgerFull LedgerNewer LedgerGone follow ups
    drafts tables rows count number planned placed edited sent answered vetoed withdrawn skipped snoozed expired
    cancelled intents under way place remove sources answers stale since problem not calendar book cycles cycle
    began unfinished finished new day mail mails out remembered texts characters backups daily hand before
    upgrade replaced restore newest settling unexpected errors at once run log events level warning info debug
    critical alembic_version flaws held resources components doubted lines journal journalctl backup household
    leap quiet Nothing here personal this was made and searched you your yours please attach it to did expected
    happened instead say beside own words numbers for names room closed others key program hindered table that
    should have our facts title true false null
"""


def tokens(text: str) -> list[str]:
    """The words of a text, without case; digits count."""
    return _TOKEN.findall(text.casefold())


def own_words() -> frozenset[str]:
    """All words that the program itself puts into a report, in the form of `tokens`."""
    from config.schema import models  # noqa: PLC0415 - pydantic, and no report is made in a hurry
    from daemon.commands import HELPS  # noqa: PLC0415 - see above
    from daemon.ledger.tables import metadata  # noqa: PLC0415 - see above
    from rules.history import State  # noqa: PLC0415 - see above

    several = [_TEXT, *EVENTS, *DISTRIBUTIONS, *FILE_SYSTEMS, *SYSTEMS, *MACHINES, *INSTALLED, *FILES, *HELPS]
    several += [*UNIT, *UNIT_NUMBERS, *(one for words in UNIT.values() for one in words)]
    several += [*metadata.tables, *(state.value for state in State), *(name for name in keys())]
    several += [name for model in models() for name in model.model_fields]
    return frozenset(token for text in several for token in tokens(text))


def keys() -> frozenset[str]:
    """The keys that a configuration may have, of whatever file."""
    from config.schema import models  # noqa: PLC0415 - see `own_words`

    return frozenset(field.alias or name for model in models() for name, field in model.model_fields.items())
