from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.mailboxes import Fresh, MailboxSuite
from tests.connectors.mailboxes.gmail_hand import GmailBackend
from tests.google.permitted import permitted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.google.standin import Google


class TestGmail(MailboxSuite):
    conditional = False

    @pytest.fixture
    def fresh(self, google: Google, tmp_path: Path) -> Fresh:
        account = permitted(google, tmp_path)
        return lambda: GmailBackend(google, account)
