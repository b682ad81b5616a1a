"""From a file of a calendar to a Maildir, with the real command: thanked for, promised, ticked off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.daemon.command import SETTINGS, afterword, configure

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
---
subject: Thank you, {{ person.first_name }}
---
Dear {{ person.first_name }},

I am grateful for {{ gap("the idea that stayed with me") }} above all.

{% if owed %}
I have not forgotten what I promised: {{ owed }}.

{% endif %}
{{ me.signature }}
"""
EVENT = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:coffee
DTSTAMP:20260303T120000Z
DTSTART:20260303T100000Z
DTEND:20260303T110000Z
SUMMARY:Coffee with Dana
ATTENDEE;CN=Dana Okafor;PARTSTAT=ACCEPTED:mailto:dana@acme.example
DESCRIPTION:She knows Lisbon well.<br>#thanks: the pointer to the Lisbon
  meetup<br>#owe: send the paper
END:VEVENT
END:VCALENDAR
"""


def test_what_is_marked_in_the_calendar_is_in_the_draft_and_a_promise_lasts_until_it_is_done(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config", SETTINGS, template=TEMPLATE)
    (folder / "calendars" / "coffee.ics").write_text(EVENT)
    places = ("--config", str(folder), "--state", str(tmp_path / "state"))

    def run(at: str, *arguments: str) -> object:
        told = afterword(tmp_path, *places, *arguments, "--at", f"2026-03-{at}:00+00:00", "--json")
        assert (told.code, told.err) == (0, "")
        return told.json

    def draft() -> str:
        (path,) = (folder / "Mail" / ".Drafts" / "cur").iterdir()
        return path.read_text("utf-8")

    run("03T13:30", "once")
    assert "grateful for the pointer to the Lisbon meetup above all." in draft()
    assert "what I promised: send the paper." in draft()
    assert "[[" not in draft()

    run("03T13:40", "done", "paper")
    run("03T13:45", "once")
    assert "promised" not in draft()
    told = run("03T13:50", "person", "Dana")
    assert isinstance(told, dict)
    assert told["owes"] == []
