"""The entries of `calendars` in afterword.yaml: where each lies, and who writes into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from config import addresses
from config.login import AccountCertificate, AccountLocal, AccountPassword, AccountUser, user_and_password
from config.texts import Filled, checked
from rules.language import Identifier, Model
from rules.marks import Writers

OnlyMine = Annotated[
    bool,
    Field(
        description="Nobody but me writes into it: `#thanks` and `#owe` count there, whoever organised the event.",
        examples=[True],
    ),
]


class IcsCalendar(Model):
    """A calendar in iCalendar files: a file, a folder of .ics, or an http(s)/webcal address."""

    id: Identifier = Field(description="The name of the calendar in rules and messages.", examples=["work"])
    ics: Annotated[str, checked(addresses.ics)] = Field(
        description="A file, a folder of .ics files, or an http(s) or webcal address.",
        examples=["calendars/", "webcal://calendar.example/robin.ics"],
    )
    local: bool = Field(
        False,  # noqa: FBT003 - the default
        description="The address may be on this machine or in a private network.",
        examples=[True],
    )
    only_mine: OnlyMine = False

    @property
    def writers(self) -> Writers:
        """Who writes into it. Who keeps an address may name whom they like as the organiser of an event."""
        if self.only_mine:
            return Writers.ME
        return Writers.GUESTS if self.url is None else Writers.OTHERS

    @property
    def url(self) -> str | None:
        """The address to fetch, or None where `ics` is a path."""
        return addresses.feed(self.ics)

    @property
    def path(self) -> Path | None:
        """The file or folder, or None where `ics` is an address."""
        return Path(self.ics) if self.url is None else None


class CaldavCalendar(Model):
    """The calendars of an account on a CalDAV server (docs/servers.md), as one."""

    id: Identifier = Field(description="The name of the calendar in rules and messages.", examples=["cloud"])
    caldav: Annotated[str, checked(addresses.server)] = Field(
        description="The server, by its name or an address; or the address of one calendar there.",
        examples=["https://cloud.example/dav/", "caldav.icloud.com"],
    )
    user: AccountUser = None
    password: AccountPassword = None
    calendars: tuple[Filled, ...] = Field(
        (),
        min_length=1,
        description="Which calendars of the account, by their names; without it all that hold events.",
        examples=[["Work", "Private"]],
    )
    local: AccountLocal = False
    certificate: AccountCertificate = None
    only_mine: OnlyMine = False

    _together = model_validator(mode="after")(user_and_password)

    @property
    def writers(self) -> Writers:
        """Who writes into it."""
        return Writers.ME if self.only_mine else Writers.GUESTS


class GoogleCalendar(Model):
    """A Google calendar."""

    id: Identifier = Field(description="The name of the calendar in rules and messages.", examples=["work"])
    google: Annotated[str, checked(addresses.google_id)] = Field(
        description="The calendar's id at Google.", examples=["primary"]
    )
    only_mine: OnlyMine = False

    @property
    def writers(self) -> Writers:
        """Who writes into it."""
        return Writers.ME if self.only_mine else Writers.GUESTS
