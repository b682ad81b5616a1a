from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.base import Folder
from connectors.headers import header
from connectors.mailboxes import files
from connectors.mailboxes.index import concerns, may_concern

DANA = frozenset({"dana@acme.example"})


@pytest.mark.parametrize(
    "field",
    [
        "dana@acme.example", "Dana <dana@acme.example>", '"Okafor, Dana" <DANA@Acme.Example>', "<dana+x@acme.example>",
        "Kim <kim@x.example>,Dana<dana@acme.example>", "friends:dana@acme.example,kim@x.example;",
        "dana@acme.example (at work)", "dana(work)@acme.example", "dana @ acme.example", '"dana"@acme.example',
        '<"dana"@acme.example>', "<@one.example,@two.example:dana@acme.example>", "\n dana@acme.example",
        "Dana <\n\tdana@acme.example\n\t>", "'dana@acme.example'", "=?utf-8?Q?D=C3=A1na?= <dana@acme.example>",
        "Dana\u00a0<dana@acme.example>", "dana@acme.example;kim@x.example", '"unclosed <dana@acme.example>',
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["From", "To", "Cc"])
def test_a_head_is_never_passed_over_in_which_the_parser_finds_somebody(name: str, field: str) -> None:
    raw = f"Received: by x.example\n{name}: {field}\nSubject: x\n\n".encode()
    mail = header(
        raw, folder=Folder.OTHER, ref="1", tag="1", received=datetime(2026, 3, 3, tzinfo=UTC), mine=frozenset()
    )
    assert mail is not None
    assert may_concern(raw, DANA) >= concerns(mail, DANA)


def test_a_head_without_the_people_asked_for_is_passed_over() -> None:
    raw = b"From: dana@acme.example.org\nTo: xdana@acme.example, kim@x.example\n\n"
    assert not may_concern(raw, DANA)
    assert not may_concern(b"From: dana@acme.example\n\n", frozenset())


@pytest.mark.parametrize(
    ("name", "unique", "flags"),
    [
        ("1772532000.M1P2.host:2,DS", "1772532000.M1P2.host", "DS"),
        ("1772532000.M1P2.host:2,", "1772532000.M1P2.host", ""),
        ("1772532000.M1P2.host", "1772532000.M1P2.host", ""),
        ("1772532000.M1P2.host,U=17:2,D", "1772532000.M1P2.host", "D"),
        ("1772532000.M1P2.host,S=120,W=130:2,Sabc", "1772532000.M1P2.host,S=120,W=130", "Sabc"),
        ("1772532000.M1P2.host;2,D", "1772532000.M1P2.host", "D"),
        ("1772532000.M1P2.host!2,D", "1772532000.M1P2.host", "D"),
        ("a:b:2,D", "a:b", "D"),
    ],
)
def test_a_file_name_is_a_unique_name_and_flags(name: str, unique: str, flags: str) -> None:
    assert (files.unique(name), files.flags(name)) == (unique, flags)
