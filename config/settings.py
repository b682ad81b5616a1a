"""What afterword.yaml may say: the typed settings. Places, files and cross checks are for `config.load`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Tag, model_validator

from config import addresses
from config.calendars import CaldavCalendar, GoogleCalendar, IcsCalendar
from config.kinds import KIND, kind, word_or
from config.login import (
    AccountCertificate,
    AccountLocal,
    AccountPassword,
    AccountUser,
    OauthField,
    PasswordField,
    user_and_password,
)
from config.texts import Command, Email, Emails, Filled, checked, host, iana_zone
from rules.language import Courtesy, DurationField, Model, WindowField
from rules.timing import Almanac, Duration, Window

_GOOGLE = frozenset({"imap.gmail.com", "imap.googlemail.com"})
"""The names of Google's IMAP server."""


def _country(code: str) -> str:
    Almanac("UTC", code)
    return code


def _own_hours(value: Window) -> Window:
    Almanac("UTC", None, value)
    return value


class MeSettings(Model):
    """Who I am, and when I work."""

    name: Filled = Field(description="My name, as it stands in From.", examples=["Robin Vale"])
    emails: Emails = Field(
        min_length=1,
        description="All addresses that are me; From is the one that was invited, else the first.",
        examples=[["robin@example.org", "robin@work.example"]],
    )
    time_zone: Annotated[str, checked(iana_zone)] = Field(
        description="My time zone, by its IANA name.", examples=["Europe/Lisbon"]
    )
    working_hours: Annotated[WindowField, AfterValidator(_own_hours)] = Field(
        default_factory=lambda: Window.parse("weekdays 09:00-18:00"),
        description="What `window: working_hours` means in the rules.",
        examples=["weekdays 09:00-18:00"],
    )
    holidays: Annotated[str, checked(_country)] | None = Field(
        None, description="Country, or country-subdivision, whose holidays are mine.", examples=["PT", "DE-BY"]
    )
    signature: str = Field(
        "", description="What stands under a note, in place of the account's own signature.", examples=["Robin\n"]
    )


class Empty(Model):
    """`{}`: there is nothing to say yet."""


class Vcards(Model):
    """An address book in vCard files."""

    vcards: Filled = Field(description="A .vcf file, or a folder of them.", examples=["contacts/"])

    @property
    def path(self) -> Path:
        """The file or folder."""
        return Path(self.vcards)


class PeopleFile(Model):
    """People kept by hand in a YAML file."""

    people: Filled = Field(description="The file.", examples=["people.yaml"])


class Carddav(Model):
    """The address books of an account on a CardDAV server (docs/servers.md), as one."""

    carddav: Annotated[str, checked(addresses.server)] = Field(
        description="The server, by its name or an address; or the address of one address book there.",
        examples=["https://cloud.example/dav/", "contacts.icloud.com"],
    )
    user: AccountUser = None
    password: AccountPassword = None
    books: tuple[Filled, ...] = Field(
        (),
        min_length=1,
        description="Which address books of the account, by their names; without it all.",
        examples=[["Contacts"]],
    )
    local: AccountLocal = False
    certificate: AccountCertificate = None

    _together = model_validator(mode="after")(user_and_password)


class GoogleContacts(Model):
    """The address book of a Google account."""

    google: Empty = Field(description="Write `{}`.", examples=[{}])


class Maildir(Model):
    """A mailbox in a Maildir; folder names where they are not found by themselves."""

    maildir: Filled = Field(description="The folder of the mailbox.", examples=["~/Mail"])
    drafts: Filled | None = Field(None, description="The folder of drafts.", examples=["Drafts"])
    sent: Filled | None = Field(None, description="The folder of sent mail.", examples=["Sent"])
    trash: Filled | None = Field(None, description="The folder of deleted mail.", examples=["Trash"])

    @property
    def path(self) -> Path:
        """The folder of the mailbox."""
        return Path(self.maildir)


class Imap(Model):
    """A mailbox on an IMAP server (docs/servers.md); folder names where they are not found by themselves."""

    imap: Annotated[str, checked(host)] = Field(description="The host.", examples=["imap.example.org"])
    user: Filled = Field(description="The user on the server.", examples=["robin@example.org"])
    password: PasswordField | None = Field(
        None,
        description="Where the password comes from; many accounts want an app password.",
        examples=[{"command": ["pass", "show", "mail"]}],
    )
    oauth: OauthField | None = Field(
        None,
        description="In place of the password: where an access token comes from.",
        examples=[{"command": ["oama", "access", "robin@outlook.example"]}],
    )
    port: int | None = Field(None, ge=1, le=65535, description="The port.", examples=[993])
    starttls: bool = Field(
        False,  # noqa: FBT003 - the default
        description="The connection begins in the clear and is encrypted before the password is said.",
        examples=[True],
    )
    plain: bool = Field(
        False,  # noqa: FBT003 - the default
        description="The connection is not encrypted at all; only to this machine.",
        examples=[True],
    )
    certificate: Filled | None = Field(
        None, description="A file with the certificate of a server of your own.", examples=["mail.pem"]
    )
    drafts: Filled | None = Field(None, description="The folder of drafts.", examples=["Drafts"])
    sent: Filled | None = Field(None, description="The folder of sent mail.", examples=["Sent"])
    trash: Filled | None = Field(None, description="The folder of deleted mail.", examples=["Trash"])

    @model_validator(mode="after")
    def _one_login(self) -> Imap:
        if self.password is None and self.oauth is None:
            raise ValueError("a mailbox at a server has a `password` or an `oauth`, and here is neither; "
                             "add one, for example `password: {command: pass show mail}`")  # fmt: skip
        if self.password is not None and self.oauth is not None:
            raise ValueError("`password` and `oauth` exclude each other; take one of the two out")
        if self.oauth == "google" and self.imap not in _GOOGLE and self.imap not in addresses.OWN_MACHINE:
            raise ValueError("`oauth: google` opens all of your mail at Google, and is told to Google alone; "
                             "write `imap: imap.gmail.com`, or `oauth: {command: …}` for another server")  # fmt: skip
        return self

    @model_validator(mode="after")
    def _encrypted(self) -> Imap:
        if self.plain and self.starttls:
            raise ValueError("`plain` and `starttls` exclude each other: take `plain` out")
        if self.plain and self.imap not in addresses.OWN_MACHINE:
            raise ValueError("`plain: true` would say the password to the whole network; it is for this machine only")
        return self


class Gmail(Model):
    """A Gmail account."""

    gmail: Empty = Field(description="Write `{}`.", examples=[{}])


class GoogleAccount(Model):
    """How Google is asked, where anything of Google is used. One account serves all of it.

    Most people need none of this: `afterword auth google` finds `google-client.json` beside this file.
    """

    client: Filled = Field(
        "google-client.json",
        description="The file of your OAuth client, for `afterword auth google` (docs/google.md).",
        examples=["google-client.json"],
    )
    service_account: Filled | None = Field(
        None,
        description="The key file of a service account with domain-wide delegation, in place of a consent.",
        examples=["service-account.json"],
    )
    user: Email | None = Field(
        None, description="In whose name the service account asks.", examples=["robin@work.example"]
    )
    endpoint: Annotated[str, checked(addresses.loopback)] | None = Field(
        None, description="An emulator on this machine, in place of Google.", examples=["http://127.0.0.1:8085"]
    )

    @model_validator(mode="after")
    def _both_or_neither(self) -> GoogleAccount:
        if (self.service_account is None) != (self.user is None):
            raise ValueError("`service_account` and `user` go together: write both, or neither")
        return self


class Notify(Model):
    """How Afterword reaches me: deadlines near and missed, and what needs me.

    The command runs without a shell, and has ten seconds; what fails is tried again with the next turn. Without
    `notify`, deadlines come as messages into the inbox of the mailbox; where nothing can be laid there (Gmail), and
    with `notify: none`, `status` alone tells them.
    """

    command: Command = Field(
        description="The command; a line of text is appended, as one word.", examples=[["notify-send", "Afterword"]]
    )


NotifySettings = Annotated[
    Annotated[Notify, Tag(KIND + "command")] | Annotated[Literal["none"], Tag(KIND + "none")],
    word_or("none", "command"),
]


KINDS = {
    "calendars": ("ics", "caldav", "google"),
    "contacts": ("vcards", "people", "carddav", "google"),
    "mailbox": ("maildir", "imap", "gmail"),
}
"""The key that says what kind an entry is of; each entry has one."""

CalendarSettings = Annotated[
    Annotated[IcsCalendar, Tag(KIND + "ics")]
    | Annotated[CaldavCalendar, Tag(KIND + "caldav")]
    | Annotated[GoogleCalendar, Tag(KIND + "google")],
    kind(*KINDS["calendars"]),
]
ContactSettings = Annotated[
    Annotated[Vcards, Tag(KIND + "vcards")]
    | Annotated[PeopleFile, Tag(KIND + "people")]
    | Annotated[Carddav, Tag(KIND + "carddav")]
    | Annotated[GoogleContacts, Tag(KIND + "google")],
    kind(*KINDS["contacts"]),
]
MailboxSettings = Annotated[
    Annotated[Maildir, Tag(KIND + "maildir")]
    | Annotated[Imap, Tag(KIND + "imap")]
    | Annotated[Gmail, Tag(KIND + "gmail")],
    kind(*KINDS["mailbox"]),
]


def _number(value: object) -> object:
    """`true` equals 1 in Python, and is none here."""
    if isinstance(value, bool):
        raise ValueError("the version of the file is a number, and this is a truth value; write `version: 1`")  # noqa: TRY004 - pydantic
    return value


class Settings(Model):
    """afterword.yaml: who I am, calendars, address books, mailbox, courtesy."""

    version: Annotated[Literal[1], BeforeValidator(_number)] = Field(
        description="The version of this file's language.", examples=[1]
    )
    me: MeSettings = Field(
        description="My name and addresses, my time and my working hours.",
        examples=[{"name": "Robin Vale", "emails": ["robin@example.org"], "time_zone": "Europe/Lisbon"}],
    )
    calendars: tuple[CalendarSettings, ...] = Field(
        description="The calendars to watch.", examples=[[{"id": "feed", "ics": "calendars/"}]]
    )
    contacts: tuple[ContactSettings, ...] = Field(
        (),
        description="The address books; for each field the first one listed wins.",
        examples=[[{"vcards": "contacts/"}, {"people": "people.yaml"}]],
    )
    mailbox: MailboxSettings = Field(description="Where the drafts are laid.", examples=[{"maildir": "~/Mail"}])
    google: GoogleAccount = Field(
        default_factory=GoogleAccount,
        description="How Google is asked, where anything of Google is used.",
        examples=[{"client": "google-client.json"}],
    )
    courtesy: Courtesy = Field(
        default_factory=Courtesy,
        description="The limits of good manners over all rules.",
        examples=[{"min_gap": "5 days", "per_day": 8}],
    )
    notify: NotifySettings | None = Field(
        None,
        description="How Afterword tells me of deadlines, and of what needs me; or `none`.",
        examples=[{"command": ["notify-send", "Afterword"]}],
    )
    poll: DurationField = Field(
        Duration.parse("5 minutes"), description="How often the sources are looked at.", examples=["5 minutes"]
    )
    plan_ics: str | None = Field(
        None,
        min_length=1,
        description="A file in which the plan is kept as a calendar to subscribe to.",
        examples=["~/plan.ics"],
    )
    backfill: DurationField = Field(
        Duration.parse("2 days"),
        description="A new rule, or a first start, looks back this far and no further.",
        examples=["2 days"],
    )
