from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError
from connectors.contacts.cards import Cards, read_cards
from connectors.contacts.memory import Memory
from connectors.contacts.vcard import VCards
from tests.conformance.contacts import DANA, LATIN, LEE, QUOTED, card

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rules.model import Person


def cards(data: bytes) -> Cards:
    found = Cards()
    read_cards(data, "a.vcf", found)
    return found


def person(*properties: str) -> Person:
    (found,) = cards(card(*properties, "EMAIL:dana@acme.example")).tagged()
    return found


def emails(*properties: str) -> tuple[str, ...]:
    (found,) = cards(card("FN:Dana", *properties)).tagged()
    return found.emails


# --- properties ----------------------------------------------------------------------------------------------


def test_a_whole_card_of_version_4() -> None:
    found = person(
        "N:Okafor;Dana;;;",
        "FN:Dana Okafor",
        "ORG:Acme\\, Inc.;Research",
        "NOTE:Hiring\\nin spring\\; ask",
        "LANG;PREF=2:en",
        "LANG;PREF=1:pt-PT",
        "TZ:Europe/Lisbon",
        "CATEGORIES:network,lisbon\\, south",
        "CATEGORIES:friends",
    )
    assert (found.name, found.organisation) == ("Dana Okafor", "Acme, Inc.")
    assert found.notes == "Hiring\nin spring; ask"
    assert (found.language, found.time_zone) == ("pt-PT", "Europe/Lisbon")
    assert found.tags == ("network", "lisbon, south", "friends")


@pytest.mark.parametrize(
    ("n", "name"),
    [
        ("Okafor;Dana;;;", "Dana Okafor"),
        ("Silva,Costa;Ana;Maria;Dr.;", "Ana Maria Silva Costa"),
        (";Dana", "Dana"),
        (";;;;", ""),
    ],
)
def test_without_fn_the_name_is_put_together(n: str, name: str) -> None:
    assert person(f"N:{n}").name == name
    assert person("FN:", f"N:{n}").name == name


@pytest.mark.parametrize(
    "preferred",
    [
        "EMAIL;TYPE=INTERNET,pref:b@a.example",
        "EMAIL;type=HOME;type=pref:b@a.example",
        "EMAIL;PREF=1:b@a.example",
        "EMAIL;PREF;INTERNET:b@a.example",
        'item2.EMAIL;TYPE="home,pref":b@a.example',
        "email;pref=1:mailto:b@a.example",
        "EMAIL;PREF=1:Dana <b@a.example>",
    ],
)
def test_the_preferred_address_is_first(preferred: str) -> None:
    assert emails("EMAIL:a@a.example", preferred, "EMAIL;PREF=9:c@a.example")[0] == "b@a.example"


def test_addresses_keep_their_order_otherwise() -> None:
    assert emails("item1.EMAIL:b@a.example", "item1.X-ABLabel:_$!<Work>!$_", "EMAIL:a@a.example") == (
        "b@a.example",
        "a@a.example",
    )


@pytest.mark.parametrize(
    "zone", ["-05:00", "+0100", "EST", "Mars/Olympus", "../../etc/passwd", "Europe", "/etc/localtime", "a/\x00"]
)
def test_what_is_no_zone_by_name_is_left_out(zone: str) -> None:
    assert person(f"TZ:{zone}").time_zone == ""


def test_folded_lines_are_joined_even_within_a_letter() -> None:
    folded = "FN:Zoë Dupré\n".encode().replace(b"\xc3\xab", b"\xc3\r\n \xab")
    (found,) = cards(card("EMAIL:z@a.example").replace(b"VERSION:3.0\r\n", folded)).tagged()
    assert found.name == "Zoë Dupré"


@pytest.mark.parametrize(
    "data",
    [
        QUOTED.replace(b"Zo", b"Zo=\n"),
        b"\xef\xbb\xbf" + card("FN:Zoë", "EMAIL:z@c.example"),
        card("FN:Zoë", "EMAIL:z@c.example").replace(b"\r\n", b"\r"),
        card("FN:Zoë", "EMAIL:z@c.example").decode().encode("utf-16"),
        card("FN:Zoë", "EMAIL:z@c.example").decode().encode("latin-1"),
        b"BEGIN:vCard\nFN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Zo=EB\nEMAIL:z@c.example\nend:vcard",
    ],
)
def test_old_and_odd_encodings_are_understood(data: bytes) -> None:
    (found,) = cards(data).tagged()
    assert found.name == "Zoë"


def test_a_card_of_version_2_1_in_latin_1_is_understood() -> None:
    (found,) = cards(LATIN).tagged()
    assert (found.name, found.emails) == ("Zoë Dupré", ("zoe@c.example",))


def test_a_name_never_holds_line_ends_or_hidden_controls() -> None:
    assert person("FN:Dana\\nBcc: x@y.example\u202e\x00").name == "Dana Bcc: x@y.example"


@pytest.mark.parametrize("member", ["urn:uuid:D-1", "d-1", "mailto:Dana@acme.example"])
@pytest.mark.parametrize("kind", ["KIND:group|MEMBER", "X-ADDRESSBOOKSERVER-KIND:group|X-ADDRESSBOOKSERVER-MEMBER"])
def test_a_group_card_is_a_tag_for_its_members(kind: str, member: str) -> None:
    said, _, name = kind.partition("|")
    data = (
        card(said, "FN:Network", f"{name}:{member}")
        + card("UID:urn:uuid:d-1", "FN:Dana", "EMAIL:dana@acme.example")
        + LEE
    )
    assert [found.tags for found in cards(data).tagged()] == [("Network",), ()]


# --- faults --------------------------------------------------------------------------------------------------


def test_what_is_no_address_is_told_with_its_place_and_the_rest_is_used() -> None:
    found = cards(card("FN:Dana", "EMAIL:dana at acme", "EMAIL:dana@acme.example"))
    assert found.tagged()[0].emails == ("dana@acme.example",)
    assert [(flaw.file, flaw.line) for flaw in found.flaws] == [("a.vcf", 4)]
    assert "dana at acme" in found.flaws[0].message


def test_a_line_that_was_to_be_an_address_is_told_of_and_noise_is_not() -> None:
    found = cards(card("FN:Dana", "EMAIL dana@acme.example", "Zm9vYmFy", "EMAIL:d@a.example"))
    assert [flaw.line for flaw in found.flaws] == [4]


def test_a_card_within_a_card_is_not_its_own() -> None:
    inner = b"AGENT:\r\n" + LEE
    found = cards(DANA.replace(b"EMAIL", inner + b"EMAIL"))
    assert [one.name for one in found.tagged()] == ["Dana Okafor"]
    assert found.flaws == []


def test_a_photograph_is_passed_over_and_an_endless_name_is_told_of() -> None:
    found = cards(
        card("PHOTO:" + "A" * 2_000_000, "FN:Dana", "EMAIL:d@a.example")
        + card("FN:" + "x" * 2_000_000, "EMAIL:e@a.example")
    )
    assert [len(one.name) for one in found.tagged()] == [4, 0]
    assert len(found.flaws) == 1


@pytest.mark.parametrize(
    "line",
    [
        "EMAIL;TYPE=" + "a," * 20_000 + '"',
        "EMAIL;" + "A=b;" * 15_000 + '"',
        "EMAIL:" + "a" * 60_000,
        "N:" + ";," * 30_000,
        "EMAIL;" + '"' * 60_000,
        "NOTE:" + "\\" * 60_000,
        "EMAIL:" + "<" * 60_000,
        "EMAIL:" + "a@" * 30_000,
        "N" * 60_000,
    ],
)
def test_no_line_takes_longer_than_its_length(line: str) -> None:
    began = time.process_time()
    assert [one.name for one in cards(card(line) + LEE).tagged()] == ["Lee Chan"]
    assert time.process_time() - began < 1


# --- files ---------------------------------------------------------------------------------------------------


def test_one_file_holds_many_cards(tmp_path: Path) -> None:
    (tmp_path / "all.vcf").write_bytes(DANA + LEE)
    people, flaws = VCards(tmp_path / "all.vcf").people()
    assert [one.name for one in people] == ["Dana Okafor", "Lee Chan"]
    assert flaws == ()


def test_folders_of_a_folder_are_read_and_hidden_and_unfinished_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "friends").mkdir()
    (tmp_path / "friends" / "dana.VCF").write_bytes(DANA)
    for name in (".hidden.vcf", "lee.vcf.tmp", "notes.txt"):
        (tmp_path / name).write_bytes(LEE)
    (tmp_path / "gone.vcf").symlink_to(tmp_path / "nowhere")
    people, flaws = VCards(tmp_path).people()
    assert [one.name for one in people] == ["Dana Okafor"]
    assert flaws == ()


@pytest.mark.parametrize("ask", [VCards.tag, VCards.people])
def test_a_missing_path_is_told_with_a_remedy(tmp_path: Path, ask: Callable[[VCards], object]) -> None:
    with pytest.raises(PermanentError) as told:
        ask(VCards(tmp_path / "none"))
    assert told.value.hint
    assert told.value.file == str(tmp_path / "none")


def test_a_file_that_is_no_address_book_is_an_error_and_in_a_folder_a_flaw(tmp_path: Path) -> None:
    (tmp_path / "login.vcf").write_text("<html>Please sign in: now</html>")
    (tmp_path / "dana.vcf").write_bytes(DANA)
    with pytest.raises(PermanentError, match="no vCard"):
        VCards(tmp_path / "login.vcf").people()
    people, flaws = VCards(tmp_path).people()
    assert len(people) == len(flaws) == 1


def test_an_empty_file_and_cards_without_addresses_are_no_problem(tmp_path: Path) -> None:
    (tmp_path / "empty.vcf").write_bytes(b"")
    (tmp_path / "phone.vcf").write_bytes(card("FN:Dana", "TEL:+351"))
    assert VCards(tmp_path).people() == ((), ())
    assert VCards(tmp_path / "phone.vcf").people() == ((), ())


@pytest.mark.usefixtures("ordinary_user")
def test_a_file_that_may_not_be_read_asks_for_permission(tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_bytes(DANA)
    file.chmod(0)
    with pytest.raises(PermissionNeededError):
        VCards(file).people()


def test_a_book_in_memory_fails_on_demand() -> None:
    book = Memory()
    book.fail(ConnectorError("no"))
    with pytest.raises(ConnectorError):
        book.people()
    with pytest.raises(ConnectorError):
        book.tag()
