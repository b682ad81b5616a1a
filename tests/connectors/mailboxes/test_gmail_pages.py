"""Gmail with pages that are smaller than they could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Folder
from tests.connectors.mailboxes.gmail_hand import GmailBackend
from tests.google.client import mail
from tests.google.permitted import permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path


def test_a_first_look_sees_all_mails_with_a_person_page_by_page(tmp_path: Path) -> None:
    with Google() as google:
        backend = GmailBackend(google, permitted(google, tmp_path))
        for number in range(12):
            backend.user.deliver(Folder.OTHER, mail(number=number))
        google.mail.page_size = 5
        seen = backend.mailbox().look("", frozenset({"dana@example.com"})).headers
        assert {one.message_id for one in seen} == {f"<m{number}@example.com>" for number in range(12)}
