"""The ledger goes, or another takes its place, while the page is open: nothing is begun anew, and no word is lost."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from daemon.ledger import Ledger
from daemon.ledger.store import NAME
from tests.daemon.review.conftest import NOW
from tests.daemon.review.test_today import MINE, field, kept, of, opened, typed

if TYPE_CHECKING:
    from tests.cases.home import Home
    from tests.daemon.review.visitor import Visitor


def test_a_ledger_that_is_gone_is_told_no_other_is_begun_and_the_words_are_given_back(
    visitor: Visitor, home: Home
) -> None:
    record = of(home)
    place, form = f"/draft/{record.id}", typed(opened(visitor, record))
    aside = (home.state / NAME).rename(home.root / "aside")
    part = visitor.post(place, form)
    assert part.status_code == 503
    once = f"afterword --config {home.root}/config --state {home.state} once</code> begins a new one"
    for words in ("The ledger is gone from", once, "is kept nowhere: leave it open"):
        assert words in html.unescape(part.text)
    whole = visitor.post(place, form, part=False)
    assert (whole.status_code, field(whole.text, "text"), field(whole.text, "base")) == (503, MINE, form["base"])
    for what in ("words", "theirs", "skip", "unskip", "forget", "never", "again", "note"):
        answer = visitor.post(f"{place}/{what}", {**form, "who": "ana@one.example"})
        assert (answer.status_code, "ledger is gone from" in answer.text) == (503, True), what
    for page in ("/", "/today/look", place, "/people", "/health"):
        assert "edger is gone from" in visitor.get(page).text, page
    assert not (home.state / NAME).exists()
    aside.rename(home.state / NAME)
    assert visitor.post(place, form).status_code == 200


def test_where_there_are_backups_the_way_back_is_named(visitor: Visitor, home: Home) -> None:
    record = of(home)
    form = typed(opened(visitor, record))
    home.command("backup", when=NOW)
    (home.state / NAME).unlink()
    answer = html.unescape(visitor.post(f"/draft/{record.id}", form).text)
    assert "There is no ledger in" in answer
    assert f"--state {home.state} restore latest</code> puts the newest back" in answer
    assert home.command("restore", "latest", when=NOW)[0] == 0
    assert visitor.post(f"/draft/{record.id}", form).status_code == 200


def test_another_ledger_in_its_place_does_not_take_what_was_typed(visitor: Visitor, home: Home) -> None:
    record = of(home)
    place, form = f"/draft/{record.id}", typed(opened(visitor, record))
    (home.state / NAME).unlink()
    Ledger.open(home.state).close()
    part = visitor.post(place, form)
    assert (part.status_code, "does not know this draft any more" in part.text) == (410, True)
    whole = visitor.post(place, form, part=False)
    assert (whole.status_code, field(whole.text, "text")) == (410, MINE)
    assert kept(home, record) == ""
