"""`afterword status`: what runs, what is stale, and what needs the user."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from daemon import locks
from daemon.configuration import load_for_cycle
from daemon.socket_file import SocketFile
from daemon.standing import SOCKET, Standing
from daemon.ticks import Ticks
from tests.build import at
from tests.daemon.serving import answering
from tests.house import SETTINGS, event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"


def test_before_anything_has_run_it_names_the_next_command(home: Home) -> None:
    told = home.run(LATER, "status")
    assert told.code == 0
    assert "Nothing has run yet." in told.out
    assert "once --dry-run`" in told.out
    document = home.run(LATER, "status", "--json").json
    assert (document["service"], document["last_cycle"], document["sources"]) == (None, None, [])
    assert (document["waiting"], document["problems"]) == (0, [])


def test_without_a_configuration_it_sends_to_init(home: Home) -> None:
    (home.household.root / "config").rename(home.household.root / "elsewhere")
    told = home.run(LATER, "status")
    assert told.code == 0
    assert "init`" in told.out


def test_after_a_cycle_it_tells_when_that_was_what_waits_and_what_comes_next(drafted: Home) -> None:
    told = drafted.run(LATER, "status").out
    assert "does not run" in told
    assert "Tue 3 March 18:00, all well" in told
    assert "1 waits for you; 'Thank you, Dana' to Dana by Wed 4 March 16:00 (21 hours left)" in told
    assert "Thu 12 March 18:00, thank-you for Lee" in told
    document = drafted.run(LATER, "status", "--json").json
    assert document["last_cycle"] == {"at": "2026-03-03T18:00:00+00:00", "problems": []}
    assert document["sources"][0]["ok"] is True
    assert document["waiting"] == 1
    assert document["nearest_deadline"] == "2026-03-04T16:00:00+00:00"
    assert document["next"]["to"][0]["name"] == "Lee"


def test_a_calendar_that_fails_is_stale_since_its_first_failure(drafted: Home) -> None:
    (drafted.household.root / "config" / "calendar").rename(drafted.household.root / "elsewhere")
    assert drafted.run("2026-03-03 20:00", "once").code == 1
    assert drafted.run("2026-03-03 21:00", "once").code == 1
    told = drafted.run("2026-03-03 23:00", "status")
    assert "stale since Tue 3 March 20:00 (3 hours)" in told.out
    assert "What needs you" in told.out
    document = drafted.run("2026-03-03 23:00", "status", "--json").json
    (source,) = document["sources"]
    assert (source["id"], source["ok"], source["stale_since"]) == ("feed", False, "2026-03-03T20:00:00+00:00")
    assert [one["source"] for one in document["problems"]] == ["feed"]


def test_the_calendar_whose_id_is_calendar_is_not_called_so_twice(home: Home) -> None:
    home.household.write("afterword.yaml", SETTINGS.replace("id: feed", "id: calendar"))
    home.once("2026-03-03 12:00")
    assert "calendar    answered Tue 3 March 12:00" in home.run(LATER, "status").out
    for name in ("dana", "lee"):
        home.household.drop(name)
    home.once("2026-03-03 18:30")
    told = home.run(LATER, "status").out
    assert "2 events are suddenly missing from the calendar; nothing is cancelled before Wed 4 March 18:30" in told
    assert "calendar calendar" not in told


def test_an_empty_calendar_is_named_and_one_with_an_event_of_whatever_kind_is_not(home: Home) -> None:
    for name in ("dana", "lee"):
        home.household.drop(name)
    assert home.once("2026-03-03 12:00")["problems"] == []
    folder = home.household.root / "config" / "calendar"
    empty = f"calendar feed  answered Tue 3 March 12:00; it has no event: put .ics files into {folder}\n"
    assert empty in home.run("2026-03-03 12:05", "status").out
    home.household.put("alone", event("u9", "2019-03-03 15:00", title="Dentist"))
    home.once("2026-03-03 12:10")
    assert "calendar feed  answered Tue 3 March 12:10\n" in home.run("2026-03-03 12:15", "status").out


def test_a_draft_sent_since_the_last_cycle_waits_no_more(drafted: Home) -> None:
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    assert drafted.run(LATER, "status", "--json").json["waiting"] == 0


@contextmanager
def served(home: Home, standing: Standing) -> Iterator[None]:
    """A service of this process holds the state, and says this of itself."""
    state = home.household.state
    with locks.take(state, locks.SERVICE, "run", at("2026-03-03 17:00")), answering(state, standing):
        yield


def test_a_running_service_is_told_with_its_process(drafted: Home) -> None:
    standing = Standing(os.getpid(), at("2026-03-03 17:00"), "1.2.3")
    standing.began(at("2026-03-03 18:55"), "poll")
    standing.ended(at("2026-03-03 18:56"), "cycle.done", 0, Ticks())
    with served(drafted, standing):
        service = drafted.run(LATER, "status", "--json").json["service"]
        told = drafted.run(LATER, "status").out
    assert (service["pid"], service["since"], service["version"]) == (os.getpid(), "2026-03-03T17:00:00+00:00", "1.2.3")
    assert (service["answers"], service["cycle"]["outcome"], service["cycles"]) == (True, "cycle.done", 1)
    assert f"runs (process {os.getpid()}), since Tue 3 March 17:00, next cycle by Tue 3 March 19:01\n" in told
    assert "Tue 3 March 18:56, all well" in told


def test_a_service_of_another_version_than_is_installed_is_told_with_how_to_start_it_anew(drafted: Home) -> None:
    with served(drafted, Standing(os.getpid(), at("2026-03-03 17:00"), "0.0.1")):
        told = drafted.run(LATER, "status", "--json").json["problems"]
    assert [one["message"] for one in told] == [
        f"the service runs version 0.0.1, and installed is {version('afterword')}"
    ]
    assert f"kill {os.getpid()}" in told[0]["hint"] or "systemctl" in told[0]["hint"]
    with served(drafted, Standing(os.getpid(), at("2026-03-03 17:00"), version("afterword"))):
        assert drafted.run(LATER, "status", "--json").json["problems"] == []


def test_a_cycle_that_is_under_way_is_told_with_how_long(drafted: Home) -> None:
    standing = Standing(os.getpid(), at("2026-03-03 17:00"))
    standing.began(at("2026-03-03 18:55"), "poll")
    with served(drafted, standing):
        assert "17:00, a cycle has been under way for 5 minutes\n" in drafted.run(LATER, "status").out


def test_since_when_the_configuration_is_in_force_or_refused_is_told(drafted: Home) -> None:
    standing = Standing(os.getpid(), at("2026-03-03 17:00"))
    standing.configured(at("2026-03-03 17:01"), refused=False)
    with served(drafted, standing):
        assert "taken Tue 3 March 17:01" in drafted.run(LATER, "status").out
        standing.configured(at("2026-03-03 18:30"), refused=True)
        assert "refused Tue 3 March 18:30; the last good one goes on" in drafted.run(LATER, "status").out
        told = drafted.run(LATER, "status", "--json").json["service"]["configuration"]
    assert told == {"taken": "2026-03-03T17:01:00+00:00", "refused": "2026-03-03T18:30:00+00:00"}


def test_a_service_that_does_not_answer_is_told_with_what_to_do_and_the_ledger_tells_the_rest(drafted: Home) -> None:
    state = drafted.household.state
    with locks.take(state, locks.SERVICE, "run", at("2026-03-03 17:00")), closing(SocketFile(str(state / SOCKET))):
        told = drafted.run(LATER, "status")
    assert told.code == 0
    assert f"service        runs (process {os.getpid()}), but does not answer\n" in told.out
    assert f"`kill -CONT {os.getpid()}`" in told.out
    assert "1 waits for you" in told.out


def test_a_service_without_a_socket_is_told_by_its_lock(drafted: Home) -> None:
    with locks.take(drafted.household.state, locks.SERVICE, "run", at("2026-03-03 17:00")):
        told = drafted.run(LATER, "status").out
        service = drafted.run(LATER, "status", "--json").json["service"]
    assert f"runs (process {os.getpid()}), since Tue 3 March 17:00; it has no socket to tell more" in told
    assert (service["answers"], service["failures"], service["problems"], service["cycle"]) == (None, 0, [], None)


def test_a_service_that_died_does_not_run_though_its_socket_lies_there(drafted: Home) -> None:
    left = SocketFile(str(drafted.household.state / SOCKET))
    left.channel.close()
    assert drafted.run(LATER, "status", "--json").json["service"] is None


def test_a_wrong_configuration_is_what_needs_the_user_and_the_rest_is_told(drafted: Home) -> None:
    drafted.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    told = drafted.run(LATER, "status")
    assert told.code == 0
    assert "What needs you" in told.out
    assert "afterword.yaml:5" in told.out
    assert "1 waits for you" in told.out
    assert drafted.run(LATER, "status", "--json").json["problems"][0]["line"] == 5


def test_a_service_on_the_last_good_configuration_is_told_with_its_next_note(drafted: Home) -> None:
    folder, state = drafted.household.root / "config", drafted.household.state
    load_for_cycle(folder, state, service=True)
    drafted.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    stopped = drafted.run(LATER, "status").out
    assert "last good" not in stopped
    assert "next note" not in stopped
    with locks.take(state, locks.SERVICE, "run", at("2026-03-03 17:00")):
        told = drafted.run(LATER, "status").out
    assert ":00, with the last good configuration" in told
    assert "all well" not in told
    assert "Thu 12 March 18:00, thank-you for Lee" in told
    assert "afterword.yaml:5" in told


def test_a_mailbox_that_cannot_be_read_needs_the_user(drafted: Home) -> None:
    drafted.household.mail.rename(drafted.household.root / "Elsewhere")
    document = drafted.run(LATER, "status", "--json").json
    assert [one["source"] for one in document["problems"]] == ["maildir"]
    assert document["waiting"] == 1


def test_a_cycle_that_a_person_reads_of_leaves_the_calendars_as_they_answered(home: Home) -> None:
    assert home.run("2026-03-03 18:00", "once").code == 0
    (source,) = home.run(LATER, "status", "--json").json["sources"]
    assert (source["ok"], source["stale_since"]) == (True, None)


def test_a_broken_card_of_an_address_book_is_news_once_and_stays_in_the_status(home: Home) -> None:
    home.household.write("afterword.yaml", SETTINGS.replace("{people: people.yaml}", "{vcards: cards.vcf}"))
    home.household.write("cards.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dana\r\nEMAIL:nowhere\r\nEND:VCARD\r\n")
    assert home.run(LATER, "once").code == 1
    for minute in ("19:05", "19:10"):
        assert home.run(f"2026-03-03 {minute}", "once").code == 0
        assert "'nowhere' is not an email address" in home.run(LATER, "status").out


def test_an_address_that_no_message_can_carry_is_news_once_and_stays_in_the_status(home: Home) -> None:
    home.household.put("jose", event("u5", "2026-03-03 13:00", "josé@acme.example", title="Coffee with José"))
    first = home.run(LATER, "once")
    assert first.code == 1
    assert "no note for 'Coffee with José' could be made" in first.err
    for minute in ("19:05", "19:10"):
        assert home.run(f"2026-03-03 {minute}", "once", "--dry-run").code == 0
        again = home.run(f"2026-03-03 {minute}", "once")
        assert (again.code, again.err) == (0, "")
        assert "no note for 'Coffee with José' could be made" in home.run(LATER, "status").out
    home.household.put("jose", event("u5", "2026-03-03 13:00", "jose@acme.example", title="Coffee with José"))
    home.once("2026-03-03 19:15")
    assert "could be made" not in home.run("2026-03-03 19:20", "status").out
    assert len(home.household.drafts()) == 2
