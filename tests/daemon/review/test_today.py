"""Today, as a browser asks for it: the list, a draft that is opened, saved, skipped, snoozed."""

from __future__ import annotations

import html
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon import locks, not_again
from daemon.kept_words import kept_words
from daemon.ledger import Ledger
from daemon.review import draft, today
from daemon.review.keys import person_path
from daemon.review.mailing import ways
from daemon.revise import DraftNow
from rules.history import State
from tests.build import at
from tests.cases.home import coffee
from tests.daemon.review.conftest import NOW
from tests.daemon.review.visitor import ORIGIN, Visitor, room

if TYPE_CHECKING:
    from rules.history import Record
    from tests.cases.home import Home

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script> {{7*7}}'
MINE = "Dear Ana,\n\nThank you for the maps.\n\nRobin\n"


def of(home: Home, name: str = "Ana") -> Record:
    """The thank-you to this person."""
    return next(one for one in home.records() if one.to[0].name == name)


def field(page: str, name: str) -> str:
    """What stands in a field of the form of a draft."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page) or re.search(
        r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL
    )
    assert found
    return html.unescape(found[1])


def opened(visitor: Visitor, record: Record) -> str:
    """The draft in its place in the list."""
    answer = visitor.get(f"/draft/{record.id}", part=True)
    assert answer.status_code == 200
    return str(answer.text)


def typed(page: str, text: str = MINE, subject: str = "Thank you, Ana") -> dict[str, str]:
    """The form with these words in it."""
    return {"base": field(page, "base"), "subject": subject, "text": text}


def kept(home: Home, record: Record) -> str:
    """The words that are kept for a draft, and not in it."""
    with Ledger.open(home.state, write=False) as ledger:
        words = kept_words(ledger, record.id)
    return words.text if words is not None else ""


def lies(home: Home, record: Record) -> str:
    """The draft as it lies in the mailbox."""
    (path,) = [path for path in home.files(".Drafts") if record.message_id.encode() in path.read_bytes()]
    return path.read_bytes().decode()


def state(home: Home, name: str = "Ana") -> State:
    return of(home, name).state


# --- the list ------------------------------------------------------------------------------------------------


def test_the_list_tells_whom_because_of_what_and_by_when_the_nearest_first(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert re.findall(r'class="who">([^<]*)<', page) == ["Ana", "Cleo"]
    assert "on its way by Wed 11:00, in 21 h" in page
    assert "1 gap to fill" in page
    assert "2 drafts wait for you; the nearest is to be on its way by Wed 11:00, in 21 h." in page


def test_the_list_is_there_without_the_mailbox_and_the_second_look_tells_what_is_wrong(
    visitor: Visitor, home: Home
) -> None:
    (home.root / "Mail").rename(home.root / "Gone")
    page = visitor.get("/")
    assert "Thank you, Ana" in page.text
    look = visitor.get("/today/look", part=True)
    assert (look.status_code, 'class="notice"' in look.text) == (200, True)
    assert "This is what was known before." in look.text


def test_a_second_look_changes_nothing_where_nothing_has_changed_and_else_tells_it(
    visitor: Visitor, home: Home
) -> None:
    seen = re.search(r'data-seen="(\w+)"', visitor.get("/").text)
    assert seen
    assert visitor.get(f"/today/look?seen={seen[1]}", part=True).status_code == 204
    home.edit(of(home).message_id, "[[what stayed with me]]", "The maps stayed with me.")
    home.move(of(home, "Cleo").message_id, ".Sent")
    page = visitor.get(f"/today/look?seen={seen[1]}", part=True).text
    assert re.findall(r'class="who">([^<]*)<', page) == ["Ana"]
    assert "edited by you" in page
    assert "gap to fill" not in page


def test_an_empty_list_is_a_kind_word_and_what_comes_next(bare: Home) -> None:
    coffee(bare, "ana@one.example", start="2026-03-04 10:00")
    bare.cycles("2026-03-03 09:00")
    visitor = Visitor(room(bare.root, NOW))
    assert "All done" in visitor.get("/").text
    assert "Next: the thank-you to Ana, Wed 4 March 13:00." in visitor.get("/today/look", part=True).text


def test_what_is_late_stale_gone_or_snoozed_is_said_in_words(visitor: Visitor, home: Home) -> None:
    visitor.post(f"/draft/{of(home, 'Cleo').id}/snooze", {"until": "2026-03-06T09:00:00+00:00"})
    later = Visitor(room(home.root, "2026-03-05 12:00"))
    page = later.get("/").text
    assert re.findall(r'<h2 id="g-(\w+)"', page) == ["late", "snoozed"]
    assert "was to be on its way by Wed 11:00" in page
    assert "comes back Fri 09:00" in page
    home.delete(of(home).message_id)
    look = later.get("/today/look", part=True).text
    assert "gone from Drafts since 12:00: if it stays away, it counts as deleted" in look


def test_a_hostile_title_is_shown_as_text(visitor: Visitor, home: Home) -> None:
    coffee(home, "dora@four.example", start="2026-03-03 10:40", name="dora", title=f"Coffee {HOSTILE}")
    home.cycles("2026-03-03 13:45")
    for page in (visitor.get("/").text, visitor.get(f"/draft/{of(home, 'Dora').id}").text):
        assert "<img" not in page
        assert "alert(2)</script>" not in page
        assert "{{7*7}}" in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


# --- opened ----------------------------------------------------------------------------------------------------


def test_an_opened_draft_shows_its_words_and_why_it_is_there(visitor: Visitor, home: Home) -> None:
    home.deliver("ana@one.example", "2026-03-02 08:00", "See you tomorrow")
    page = opened(visitor, of(home)) + visitor.get(f"/draft/{of(home).id}/known", part=True).text
    assert field(page, "subject") == "Thank you, Ana"
    assert "Thank you for your time on Tuesday. [[what stayed with me]]" in page
    assert "2 hours after &#39;Coffee&#39; ended." in page
    assert "rules/rules.yaml:5" in page
    assert "<q>See you tomorrow</q>" in page
    assert f'href="mid:{of(home).message_id.strip("<>")}"' in page
    assert "There is no button that sends" in page
    whole = visitor.get(f"/draft/{of(home).id}").text
    assert "<h1>Thank you, Ana</h1>" in whole


def test_whatever_an_address_is_made_of_it_leads_to_the_person(visitor: Visitor, home: Home) -> None:
    odd = "o/p+q%2541@ünï.example"  # the calendar has a URI (RFC 6068): its percent stands for one
    coffee(home, odd, start="2026-03-03 10:40", name="odd")
    home.cycles("2026-03-03 13:45")
    record = next(one for one in home.records() if one.to[0].email.startswith("o/"))
    later = Visitor(room(home.root, "2026-03-03 13:46"))
    for page in (later.get(f"/draft/{record.id}").text, later.get("/health").text):
        paths = re.findall(r'href="(/people/\w[^"]*)"', page)
        assert person_path("o/p@ünï.example") in paths  # as the directory has it: without the tag
        assert {later.get(path).status_code for path in paths} == {200}


def test_a_note_on_the_person_is_kept_beside_the_draft(visitor: Visitor, home: Home) -> None:
    place = f"/draft/{of(home).id}/note"
    told = visitor.post(place, {"who": "ana@one.example", "text": "Likes <b>tea</b>"})
    assert "Likes &lt;b&gt;tea&lt;/b&gt;" in told.text
    assert visitor.post(place, {"who": "zed@nine.example", "text": "Who?"}).status_code == 404
    assert visitor.post(place, {"who": "ana@one.example", "text": " "}).status_code == 400


def test_a_draft_with_broken_letters_is_shown_to_be_read_with_the_way_out(visitor: Visitor, home: Home) -> None:
    (path,) = [path for path in home.files(".Drafts") if of(home).message_id.encode() in path.read_bytes()]
    path.write_bytes(path.read_bytes().replace(b"Dear", b"B\xc3ste").replace(b"7bit", b"8bit"))
    page = opened(visitor, of(home))
    assert "Some of its letters are broken" in page
    assert "Open it in your mail program, and change it there." in page
    assert "Thank you for your time on Tuesday." in page
    assert "<textarea" not in page.partition('class="known')[0]


def test_a_draft_that_nobody_knows_is_not_there(visitor: Visitor) -> None:
    for path in ("/draft/nothing", "/draft/nothing/snooze", "/draft/nothing/never"):
        assert visitor.get(path).status_code == 404
    for path in ("skip", "unskip", "words", "never", "again", "forget"):
        assert visitor.post(f"/draft/nothing/{path}").status_code in {400, 404}


def test_a_mail_program_is_led_to_the_draft_where_it_lies(home: Home) -> None:
    record = replace(of(home), account="robin@example.org", message_id="<a.b@example.org>")
    lies_there = DraftNow(record, "Thanks & more", "Two\nlines", (), (), "base", 0)
    (gmail,) = ways(lies_there, "gmail")
    assert gmail.href == (
        "https://mail.google.com/mail/?authuser=robin@example.org#search/in%3Adrafts%20rfc822msgid%3Aa.b%40example.org"
    )
    here, copy = ways(lies_there, "imap")
    assert here.href == "mid:a.b@example.org"
    assert copy.href == "mailto:ana@one.example?subject=Thanks%20%26%20more&body=Two%0D%0Alines"
    assert ways(None, "imap") == ()


# --- saving ----------------------------------------------------------------------------------------------------


def test_a_save_writes_into_the_mailbox_and_the_ledger_knows_whose_it_is_now(visitor: Visitor, home: Home) -> None:
    record = of(home)
    answer = visitor.post(f"/draft/{record.id}", typed(opened(visitor, record), subject="Thank you [[what for]]"))
    assert answer.status_code == 200
    assert "Saved in Drafts. 1 gap to fill." in answer.text
    assert 'id="said"' in answer.text
    assert "Thank you for the maps." in lies(home, record)
    assert state(home) is State.EDITED
    assert kept(home, record) == ""
    base = re.search(r'"base": "(\w+)"', answer.headers["HX-Trigger"])
    assert base
    again = visitor.post(f"/draft/{record.id}", {**typed(opened(visitor, of(home))), "base": base[1]})
    assert again.status_code == 200


def test_a_draft_changed_in_the_mail_program_meanwhile_is_not_written_over_unasked(
    visitor: Visitor, home: Home
) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    home.edit(record.message_id, "Dear Ana", "Ana, my dear")
    answer = visitor.post(f"/draft/{record.id}", form)
    assert answer.status_code == 409
    assert "Ana, my dear" in lies(home, record)
    text = html.unescape(re.sub(r"<[^>]+>", "", answer.text))
    assert "Ana, my dear," in text
    assert "Thank you for the maps." in text
    assert kept(home, record) == MINE
    assert "<del>" in opened(visitor, record)  # whoever opens it again finds both
    chosen = {"base": field(answer.text, "base"), "beside": field(answer.text, "beside")}
    visitor.post(f"/draft/{record.id}/words", {**form, **chosen, "text": f"{MINE}PS: soon.\n"})
    assert "<del>" in opened(visitor, record)  # also who has typed on
    over = visitor.post(f"/draft/{record.id}", {**form, "base": field(answer.text, "base")})
    assert over.status_code == 200
    assert "Thank you for the maps." in lies(home, record)
    assert kept(home, record) == ""


def test_who_takes_the_other_version_still_sees_their_own_words(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    home.edit(record.message_id, "Dear Ana", "Ana, my dear")
    visitor.post(f"/draft/{record.id}", form)
    page = visitor.post(f"/draft/{record.id}/theirs", form).text
    assert "Ana, my dear" in field(page, "text")
    assert "Thank you for the maps." in page
    assert kept(home, record) == ""


def test_who_would_take_what_cannot_be_read_keeps_their_own_words(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    visitor.post(f"/draft/{record.id}/words", form)
    (home.root / "Mail").rename(home.root / "Gone")
    later = {**form, "text": f"{MINE}And for the tea.\n"}
    for part in (True, False):
        answer = visitor.post(f"/draft/{record.id}/theirs", later, part=part)
        assert (answer.status_code, "Not saved." in answer.text) == (503, True)
        assert "The draft is shown as it lies in Drafts" not in answer.text
    assert kept(home, record) == later["text"]


def test_what_was_typed_for_a_draft_that_was_sent_meanwhile_is_kept(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    home.move(record.message_id, ".Sent")
    answer = visitor.post(f"/draft/{record.id}", form)
    assert (answer.status_code, "What you typed is kept" in answer.text) == (410, True)
    assert kept(home, record) == MINE
    assert "Thank you for the maps." in opened(visitor, record)


def test_while_a_cycle_is_at_work_the_words_are_kept_and_the_user_is_told(
    visitor: Visitor, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "PATIENCE", 0.0)
    record = of(home)
    form = typed(opened(visitor, record))
    with locks.take(home.state, locks.CYCLE, "once", at(NOW)):
        answer = visitor.post(f"/draft/{record.id}", form)
    assert (answer.status_code, 'role="alert"' in answer.text) == (503, True)
    assert "cycle is at work" in answer.text
    assert kept(home, record) == MINE
    assert visitor.post(f"/draft/{record.id}", form).status_code == 200


def test_where_nothing_can_be_kept_the_page_says_so_and_gives_the_words_back(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    ledger = home.state / "ledger.sqlite3"
    whole = ledger.read_bytes()
    ledger.write_bytes(b"no ledger at all" * 1000)
    part = visitor.post(f"/draft/{record.id}", form)
    page = visitor.post(f"/draft/{record.id}", form, part=False)
    assert (part.status_code, page.status_code) == (503, 503)
    assert ("is kept nowhere" in part.text, "will be offered to you again" in part.text) == (True, False)
    assert {name: field(page.text, name) for name in ("base", "text")} == {
        name: form[name] for name in ("base", "text")
    }
    ledger.write_bytes(whole)
    assert visitor.post(f"/draft/{record.id}", form).status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_who_may_not_write_into_the_state_of_another_user_is_given_the_words_back(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    os.chown(home.state, 65533, -1)
    page = visitor.post(f"/draft/{record.id}", form, part=False)
    assert (page.status_code, field(page.text, "text"), "belongs to" in page.text) == (503, MINE, True)
    assert "What you typed stands below." in page.text
    assert kept(home, record) == ""


def test_a_save_keeps_the_words_where_the_configuration_names_no_mailbox_any_more(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    for file in (*(home.root / "config").glob("*.yaml"), *home.state.glob("*good*")):
        file.unlink()
    answer = visitor.post(f"/draft/{record.id}", form)
    assert (answer.status_code, "What you typed is kept, and" in answer.text) == (503, True)
    assert kept(home, record) == MINE


def test_words_that_the_ledger_does_not_take_are_not_said_to_be_kept(visitor: Visitor, home: Home) -> None:
    record = of(home)
    answer = visitor.post(f"/draft/{record.id}", typed(opened(visitor, record), "x" * 1_000_001))
    assert answer.status_code == 422
    assert "What you typed is kept" not in answer.text
    assert "is kept nowhere: leave it open" in answer.text
    assert kept(home, record) == ""


def test_words_that_are_typed_are_kept_by_the_way_and_offered_again(visitor: Visitor, home: Home) -> None:
    record = of(home)
    before = lies(home, record)
    assert visitor.post(f"/draft/{record.id}/words", typed(opened(visitor, record))).status_code == 204
    assert lies(home, record) == before
    assert "words not saved yet" in visitor.get("/").text
    page = opened(visitor, record)
    assert field(page, "text") == MINE
    assert "not in the draft yet" in page
    assert visitor.post(f"/draft/{record.id}/forget").status_code == 200
    assert field(opened(visitor, record), "text") != MINE


def test_two_windows_keep_what_is_typed_in_each_and_who_opens_the_draft_finds_both(
    visitor: Visitor, home: Home
) -> None:
    record = of(home)
    place = f"/draft/{record.id}"

    def window() -> dict[str, str]:
        page = opened(visitor, record)
        return {name: field(page, name) for name in ("base", "subject", "text", "window", "over")}

    def types(form: dict[str, str], text: str) -> str:
        return str(visitor.post(f"{place}/words", {**form, "text": text}).text)

    one, other = window(), window()
    assert types(one, "In the one") == ""
    assert "another window is kept, too" in types(other, "In the other")
    types(one, "In the one, and more")
    page = opened(visitor, record)
    assert field(page, "text") == "In the one, and more"
    assert re.findall(r'<pre class="note" tabindex="0">(.*?)</pre>', page) == ["In the other"]
    third = window()  # goes on with what it was shown
    types(third, "In the third")
    assert field(opened(visitor, record), "text") == "In the third"
    assert "In the one" not in opened(visitor, record)
    assert visitor.post(place, {**third, "text": MINE}).status_code == 200
    assert "Thank you for the maps." in lies(home, record)
    assert kept(home, record) == "In the other"
    taken = visitor.post(f"{place}/theirs", window()).text
    assert (field(taken, "text"), "In the other" in taken, kept(home, record)) == (MINE, True, "")
    types(one, "In the one again")
    types(other, "In the other again")
    mark = re.search(r'name="mark" value="([^"]*)"', opened(visitor, record))
    assert mark
    visitor.post(f"{place}/forget", {"mark": html.unescape(mark[1])})
    assert field(opened(visitor, record), "text") == "In the other again"
    assert "In the one again" not in opened(visitor, record)


# --- put off, left out -----------------------------------------------------------------------------------------


def test_a_skip_is_taken_back_by_the_button_that_it_leaves(visitor: Visitor, home: Home) -> None:
    page = visitor.post(f"/draft/{of(home).id}/skip").text
    assert "Its draft goes with the next cycle." in page
    assert state(home) is State.SKIPPED
    undo = re.search(r'formaction="([^"]*)"', page)
    assert undo
    assert "Taken back" in visitor.post(undo[1]).text
    assert state(home) is State.PLACED


def test_what_stands_above_the_list_follows_at_once(visitor: Visitor, home: Home) -> None:
    sums = re.compile(r'id="sum"( hx-swap-oob="true")?>([^<;.]*)')
    ana, cleo = (f"/draft/{of(home, name).id}" for name in ("Ana", "Cleo"))
    here = {"HX-Current-URL": f"{ORIGIN}/"}
    assert sums.findall(visitor.get("/").text) == [("", "2 drafts wait for you")]
    oob = ' hx-swap-oob="true"'
    assert sums.findall(visitor.post(f"{ana}/skip", headers=here).text) == [(oob, "1 draft waits for you")]
    assert sums.findall(visitor.post(f"{ana}/unskip", headers=here).text) == [(oob, "2 drafts wait for you")]
    snoozed = visitor.post(f"{cleo}/snooze", {"until": "2026-03-06T09:00:00+00:00"}, here).text
    assert sums.findall(snoozed) == [(oob, "1 draft waits for you")]
    saved = visitor.post(ana, typed(opened(visitor, of(home))), here).text
    assert sums.findall(saved) == [(oob, "1 draft waits for you")]
    elsewhere = visitor.post(f"{cleo}/skip", headers={"HX-Current-URL": f"{ORIGIN}{cleo}"}).text
    assert sums.findall(elsewhere) == []  # there is no list on that page


def test_snooze_offers_times_that_are_not_too_late_and_refuses_those_that_are(visitor: Visitor, home: Home) -> None:
    place = f"/draft/{of(home).id}/snooze"
    page = visitor.get(place, part=True).text
    assert re.findall(r'value="(2026[^"]*)"', page) == [
        "2026-03-04T09:00:00+00:00", "2026-03-06T09:00:00+00:00", "2026-03-09T09:00:00+00:00",
    ]  # fmt: skip
    assert 'max="2026-03-10T13:00"' in page
    assert "At the latest Tue 10 March 13:00" in page
    late = visitor.post(place, {"at": "2026-03-11T09:00"})
    assert (late.status_code, "it would come too late" in late.text) == (400, True)
    assert visitor.post(place, {"at": "soon"}).status_code == 400
    told = visitor.post(place, {"at": "2026-03-05T08:30"})
    assert "Snoozed until Thu 5 March 08:30" in told.text
    assert of(home).snoozed_until == at("2026-03-05 08:30")


def test_what_is_no_longer_worth_sending_says_why_it_cannot_be_snoozed(home: Home) -> None:
    page = Visitor(room(home.root, "2026-03-11 09:00")).get(f"/draft/{of(home).id}/snooze", part=True).text
    assert ("it is no longer worth sending" in page, "<input" in page) == (True, False)


def test_not_this_person_again_is_asked_once_and_can_be_taken_back(visitor: Visitor, home: Home) -> None:
    place = f"/draft/{of(home).id}"
    assert "Nothing to Ana again?" in visitor.get(f"{place}/never", part=True).text
    assert f'formaction="{place}/again"' in visitor.post(f"{place}/never").text
    home.cycles("2026-03-03 13:40")
    assert home.to() == ["cleo@three.example"]
    visitor.post(f"{place}/again")
    home.cycles("2026-03-03 13:50")
    assert home.to() == ["ana@one.example", "cleo@three.example"]


# --- without a script ------------------------------------------------------------------------------------------


def test_a_note_to_the_user_is_asked_to_be_written_to_nobody_else(visitor: Visitor, home: Home) -> None:
    """Whose mark it would be is the user, and then nothing of theirs would be followed up."""
    home.write("templates/brief.md", "---\nsubject: Before\n---\nRead this.\n")
    home.write(
        "rules/brief.yaml",
        "rules:\n  - {id: prepare, when: {title: [coffee]}, steps: [{id: brief, template: brief, before: 1 day}]}\n",
    )
    coffee(home, "dora@four.example", start="2026-03-04 10:00", name="dora")
    home.cycles(NOW)
    record = next(one for one in home.records() if one.step == "brief")
    assert record.to_me
    assert "not again" not in visitor.get("/").text.partition(f'id="d-{record.id}"')[2].partition("</li>")[0].lower()
    for answer in (visitor.get(f"/draft/{record.id}/never"), visitor.post(f"/draft/{record.id}/never")):
        assert (answer.status_code, "note is for you" in answer.text) == (400, True)
    with Ledger.open(home.state, write=False) as ledger:
        assert not_again.marked(ledger) == {}


def test_everything_works_by_forms_alone(visitor: Visitor, home: Home) -> None:
    record = of(home)
    place = f"/draft/{record.id}"
    form = typed(visitor.get(place).text)
    saved = visitor.post(place, form, part=False)
    assert (saved.status_code, saved.headers["location"]) == (303, place)
    home.edit(record.message_id, "Dear Ana", "Ana, my dear")
    assert visitor.post(place, {**form, "text": "Mine"}, part=False).status_code == 303
    page = visitor.get(place).text
    assert "Changed in two places" in page
    assert field(page, "text") == "Mine"
    other = f"/draft/{of(home, 'Cleo').id}"
    for what in ("snooze", "never"):
        assert "<h1>Thank you, Cleo</h1>" in visitor.get(f"{other}/{what}").text
    assert visitor.post(f"{other}/skip", part=False).headers["location"] == other
    assert f'formaction="{other}/unskip"' in visitor.get(other).text
    assert "Thank you, Ana" in visitor.get("/?look=1").text


def test_no_change_is_made_without_the_token(visitor: Visitor, home: Home) -> None:
    changes = [one.path for one in today.ROUTES if "POST" in (one.methods or ())]
    assert len(changes) > 8
    for path in changes:
        answer = visitor.client.post(path.replace("{id}", of(home).id), data={"token": "x"}, headers={"Origin": ORIGIN})
        assert answer.status_code == 403
    assert state(home) is State.PLACED
