"""Mails as programs write them: by their headers alone, whether a person wrote them to me."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.base import Folder
from connectors.headers import header
from rules.model import MailKind
from tests.connectors.programs import ANSWERS, NO_ANSWERS

MINE = frozenset({"robin@example.org", "robin@work.example"})


def is_an_answer(mail: str) -> bool:
    raw = mail.format(sent="<note@example.org>", subject="Thank you, Dana").encode()
    found = header(raw, folder=Folder.OTHER, ref="", tag="", received=datetime(2026, 3, 3, tzinfo=UTC), mine=MINE)
    assert found is not None
    return found.kind is MailKind.PERSONAL and not found.forwarded


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_a_program_wrote_is_known_by_its_headers(name: str) -> None:
    assert not is_an_answer(NO_ANSWERS[name])


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_person_wrote_is_known_by_its_headers(name: str) -> None:
    assert is_an_answer(ANSWERS[name])


def test_an_out_of_office_that_a_rule_of_mine_passes_on_stays_one() -> None:
    passed_on = "Resent-From: robin@work.example\nX-MS-Exchange-Inbox-Rules-Loop: robin@work.example\n"
    assert not is_an_answer(passed_on + NO_ANSWERS["microsoft-365"])
    assert not is_an_answer(passed_on + NO_ANSWERS["dovecot-sieve"])
