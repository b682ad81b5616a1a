"""An address book on a real server: who is in it, with which tags, and what a look costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, PermanentError, TransientError
from connectors.contacts.carddav import CarddavBook, slim
from daemon.keepsake import Keepsake
from tests.conformance.contacts import card
from tests.proxy import Fault, How, nothing

if TYPE_CHECKING:
    from pathlib import Path

    from rules.model import Person
    from tests.dav.servers import Server
    from tests.proxy import Proxy, Turn

DANA = card("UID:dana", "FN:Dana Okafor", "N:Okafor;Dana;;;", "EMAIL:dana@acme.example", "CATEGORIES:network,lisbon")
LEE = card("UID:lee", "FN:Lee Chan", "N:Chan;Lee;;;", "EMAIL:lee@beta.example")
PHOTO = b"PHOTO;ENCODING=b;TYPE=JPEG:" + b"\r\n ".join([b"QUJD" * 18] * 200) + b"\r\n"


def book(server: Server, folder: Path, between: Proxy | None = None) -> CarddavBook:
    """As a new process sees it, which has what the last one kept."""
    memory = Keepsake(folder / "book.json", write=True)
    return CarddavBook(server.account(server.book, between.port if between else 0), memory)


def people(server: Server, folder: Path) -> dict[str, Person]:
    found, flaws = book(server, folder).people()
    assert flaws == ()
    return {person.name: person for person in found}


def questions(between: Proxy) -> list[str]:
    told = [" ".join(turn.asked.split(b"\r\n")[0].decode().split()[:2]) for turn in between.turns]
    between.turns.clear()
    return told


def cut_cards(turn: Turn) -> Fault | None:
    """The order that lets no card through, together with others or alone."""
    return Fault(How.CUT) if b"multiget" in turn.asked or turn.asked.startswith(b"GET") else None


def test_categories_and_groups_are_tags(server: Server, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    server.put_card("lee.vcf", LEE)
    group = card("UID:group", "FN:Friends", "N:Friends;;;;", "X-ADDRESSBOOKSERVER-KIND:group",
                 "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:lee")  # fmt: skip
    server.put_card("group.vcf", group)
    found = people(server, tmp_path)
    assert found["Dana Okafor"].tags == ("network", "lisbon")
    assert found["Lee Chan"].tags == ("Friends",)


def test_a_look_at_which_nothing_has_changed_is_one_question(server: Server, between: Proxy, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    first = book(server, tmp_path, between).tag()
    questions(between)
    again = book(server, tmp_path, between)
    assert again.tag() == first
    assert len(again.people()[0]) == 1
    assert questions(between) == [f"PROPFIND {server.book}"]


def test_of_changed_cards_those_alone_are_fetched(server: Server, between: Proxy, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    server.put_card("lee.vcf", LEE)
    first = book(server, tmp_path, between).tag()
    server.put_card("lee.vcf", LEE.replace(b"beta", b"gamma"))
    between.turns.clear()
    later = book(server, tmp_path, between)
    assert later.tag() != first
    assert sorted(person.emails[0] for person in later.people()[0]) == ["dana@acme.example", "lee@gamma.example"]
    fetched = [bytes(turn.asked) for turn in between.turns if b"multiget" in turn.asked]
    assert [(b"dana.vcf" in one, b"lee.vcf" in one) for one in fetched] == [(False, True)]


def test_who_is_deleted_is_gone(server: Server, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    server.put_card("lee.vcf", LEE)
    assert len(people(server, tmp_path)) == 2
    server.ask("DELETE", f"{server.book}dana.vcf")
    assert list(people(server, tmp_path)) == ["Lee Chan"]


def test_a_photograph_is_not_kept(server: Server, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA.replace(b"END:", PHOTO + b"END:"))
    assert list(people(server, tmp_path)) == ["Dana Okafor"]
    assert (tmp_path / "book.json").stat().st_size < 3000


def test_a_slim_card_has_everything_but_what_is_large() -> None:
    fat = DANA.replace(b"EMAIL", b"item1." + PHOTO + b"EMAIL").replace(
        b"END:", b"KEY:data\r\n more\r\nNOTE:a\r\n b\r\nEND:"
    )
    assert slim(fat) == DANA.replace(b"END:", b"NOTE:a\r\n b\r\nEND:")


def test_a_server_that_is_away_is_an_error_and_forgets_nobody(server: Server, between: Proxy, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    first = book(server, tmp_path, between).tag()
    kept = (tmp_path / "book.json").read_text()
    between.order = lambda _: Fault(How.CUT)
    with pytest.raises(ConnectorError):
        book(server, tmp_path, between).tag()
    assert (tmp_path / "book.json").read_text() == kept
    between.order = nothing
    assert book(server, tmp_path, between).tag() == first


def test_a_card_that_does_not_come_is_a_flaw_that_hides_and_comes_later(
    server: Server, between: Proxy, tmp_path: Path
) -> None:
    server.put_card("dana.vcf", DANA)
    between.order = cut_cards
    found, flaws = book(server, tmp_path, between).people()
    assert found == ()
    assert [flaw.hides for flaw in flaws] == [True]
    between.order = nothing
    assert list(people(server, tmp_path)) == ["Dana Okafor"]


def test_a_server_that_lists_several_cards_and_gives_none_is_an_error_as_one_that_is_away(
    server: Server, between: Proxy, tmp_path: Path
) -> None:
    server.put_card("dana.vcf", DANA)
    server.put_card("lee.vcf", LEE)
    between.order = cut_cards
    with pytest.raises(TransientError):
        book(server, tmp_path, between).tag()
    assert not (tmp_path / "book.json").exists()
    between.order = nothing
    assert list(people(server, tmp_path)) == ["Dana Okafor", "Lee Chan"]


def test_a_card_whose_change_does_not_come_stays_what_it_was(server: Server, between: Proxy, tmp_path: Path) -> None:
    server.put_card("dana.vcf", DANA)
    first = book(server, tmp_path, between).tag()
    server.put_card("dana.vcf", DANA.replace(b"acme", b"other"))
    between.order = cut_cards
    assert book(server, tmp_path, between).tag() == first
    between.order = nothing
    assert people(server, tmp_path)["Dana Okafor"].emails == ("dana@other.example",)


@pytest.mark.parametrize("damage", ["", "{", "null", '{"version": 1}', '{"version": 1, "note": 5}', "\x00"])
def test_a_memory_that_is_damaged_costs_one_full_look(server: Server, tmp_path: Path, damage: str) -> None:
    server.put_card("dana.vcf", DANA)
    first = book(server, tmp_path).tag()
    (tmp_path / "book.json").write_text(damage)
    assert book(server, tmp_path).tag() == first


def test_an_address_book_that_there_is_not_is_told_with_those_that_there_are(server: Server, tmp_path: Path) -> None:
    it = CarddavBook(server.account(), Keepsake(tmp_path / "book.json", write=True), ["Frends"])
    with pytest.raises(PermanentError, match="no address book `Frends`") as raised:
        it.tag()
    assert "There are:" in str(raised.value.hint)
