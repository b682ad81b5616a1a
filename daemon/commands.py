"""The commands in one line each, by purpose: what `afterword --help` shows.

Imports nothing, so that help is there at once. To add a command: a line here, and a module
`daemon/cli/<name>.py` with a click command of the same name in it.
"""

from __future__ import annotations

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Begin",
        (
            ("demo", "Play a sample spring of eight weeks, and leave a Maildir to look at."),
            ("init", "Ask a few questions and write a configuration; never overwrites."),
            ("auth", "Ask Google for the permission that the configuration needs."),
            ("check", "Tell everything that is wrong with the configuration."),
            ("test", "Run the tests that you wrote for your rules."),
        ),
    ),
    (
        "Work",
        (
            ("once", "Run one cycle: read, plan, and place what is due in Drafts."),
            ("run", "Run the service, in the foreground."),
            ("service", "Have systemd run it: install, uninstall, status, logs."),
            ("status", "What runs, what is stale, and what needs you."),
        ),
    ),
    (
        "Follow-ups",
        (
            ("plan", "What is coming: when, to whom, by which rule."),
            ("explain", "A meeting or a person: each rule, each condition, and what follows."),
            ("backtest", "What the rules would have drafted in a span of the past."),
            ("review", "Read the drafts on a page of your own, make them yours, put them off."),
            ("drafts", "The follow-ups and what became of them."),
            ("show", "One follow-up, with its note."),
            ("skip", "Leave a follow-up out."),
            ("unskip", "Take a skip back."),
            ("snooze", "Put a follow-up off until a later time."),
        ),
    ),
    (
        "People",
        (
            ("people", "Everybody: last contact and next note."),
            ("person", "One person, with the history."),
            ("note", "Keep a note on a person, for the templates."),
            ("ask", "Ask somebody for a meeting, with free times from your calendars."),
            ("done", "Tick off what you owed somebody."),
            ("decide", "Tell people what you decided, a closing note each; who is not told yet."),
        ),
    ),
    (
        "Care",
        (
            ("backup", "Back up what Afterword remembers; the service does so each day."),
            ("restore", "Put a backup back."),
            ("doctor", "A report for a bug, with nothing personal in it."),
        ),
    ),
    (
        "Reference",
        (("schema", "The JSON Schema of the settings and the rule files, for your editor."),),
    ),
)

HELPS: dict[str, str] = {name: text for _, commands in GROUPS for name, text in commands}

HEAD = """\
Usage: afterword [--config DIR] [--state DIR] COMMAND [OPTIONS]

Afterword watches your calendar and leaves the right note in your Drafts folder. It never sends.
"""

OPTIONS = """\
Options:
  --config DIR  The configuration (else $AFTERWORD_CONFIG, else ~/.config/afterword).
  --state DIR   What Afterword remembers (else $AFTERWORD_STATE, else ~/.local/state/afterword).
  --version     The version.
  --help        This page; `afterword COMMAND --help` tells more.

Commands take --at TIME (as if it were then; ISO 8601 with offset), most take --json: after all of
their words, as in `afterword service status --json`.
"""


def page() -> str:
    """The text of `afterword --help`."""
    width = max(len(name) for name in HELPS)
    blocks = [HEAD]
    for title, commands in GROUPS:
        lines = [f"  {name:<{width}}  {text}" for name, text in commands]
        blocks.append("\n".join((f"{title}:", *lines, "")))
    return "\n".join((*blocks, OPTIONS))
