"""Bugs planted in Google's connectors, of the kinds that years with Google are there to find."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from connectors.base import Listing
from connectors.calendars import google
from connectors.calendars.google import GoogleCalendar
from connectors.google.errors import ExpiredError, MissingError
from connectors.mailboxes.gmail_look import Survey
from connectors.mailboxes.gmail_requests import Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest


def create_repeated(patch: pytest.MonkeyPatch) -> None:
    """A draft whose making gave no answer is made again, as any question is asked again."""

    def create_draft(self: Requests, message: bytes, _: str | None) -> None:
        body = {"message": {"raw": base64.urlsafe_b64encode(message).decode()}}
        self._account.ask(self._drafts.create(userId="me", body=body, fields="id"), "the new draft")

    patch.setattr(Requests, "create_draft", create_draft)


def dead_token_is_no_news(patch: pytest.MonkeyPatch) -> None:
    """A sync token that Google has forgotten (410) is taken for a calendar in which nothing happened."""
    page = GoogleCalendar._page

    def quiet(self: GoogleCalendar, asked: Mapping[str, Any]) -> Any:
        try:
            return page(self, asked)
        except ExpiredError:
            return type(page(self, {}))()

    patch.setattr(GoogleCalendar, "_page", quiet)


def dead_token_is_an_empty_calendar(patch: pytest.MonkeyPatch) -> None:
    """A sync token that Google has forgotten (410) is taken for a calendar in which nothing is left."""

    def listed(self: GoogleCalendar, known: Mapping[str, str], note: str) -> Listing:
        memory = google._Note.read(note)
        if memory is not None and memory.token:
            try:
                self._page({"syncToken": memory.token})
            except ExpiredError:
                return Listing({})
        return self._changed(known, note) or self._all()

    patch.setattr(GoogleCalendar, "list", listed)


def lost_history_is_skipped(patch: pytest.MonkeyPatch) -> None:
    """Where the history does not reach back so far (404), the look goes on from now with what it knew."""
    follow = Survey._follow

    def skipping(self: Survey) -> None:
        try:
            follow(self)
        except MissingError:
            self.index.history = self._requests.newest_record()

    patch.setattr(Survey, "_follow", skipping)


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, int]] = {
    "drafts.create repeated": (create_repeated, "a second draft was laid beside the first", 4),
    "410 is no news": (dead_token_is_no_news, "a note that is due was not drafted|that is no longer wanted", 4),
    "410 is an empty calendar": (dead_token_is_an_empty_calendar, "although it was wanted|due was not drafted", 10),
    "404 of the history skipped": (lost_history_is_skipped, "is called", 5),
}
"""By name: how it is planted, what the simulation says of it, and in which short year.

That a calendar is suddenly empty is doubted for a day, so most years bear it.
"""
