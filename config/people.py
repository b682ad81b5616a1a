"""people.yaml: people, tags and languages kept by hand."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.texts import Emails, Filled, checked, iana_zone
from rules.language import Model, Names
from rules.model import Person, address

_LANGUAGE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"
Zone = Annotated[str, checked(iana_zone)]


class PersonEntry(Model):
    """One person; all addresses are theirs, and the first is the one to write to."""

    name: Filled = Field(description="The name, as it stands in To.", examples=["Dana Okafor"])
    emails: Emails = Field(
        min_length=1,
        description="All addresses of the person, the one to write to first.",
        examples=[["dana@acme.example", "dana.okafor@home.example"]],
    )
    tags: Names = Field((), description="Words by which rules choose people.", examples=[["network", "lisbon"]])
    organisation: str = Field("", description="Where the person works.", examples=["Acme"])
    language: Annotated[str, Field(pattern=_LANGUAGE)] = Field(
        "",
        description="Language of notes: `thank-you.pt.md` is taken before `thank-you.md` for `pt`.",
        examples=["en", "pt", "pt-BR"],
    )
    time_zone: Zone = Field("", description="The person's time zone, by its IANA name.", examples=["Europe/Lisbon"])
    notes: str = Field("", description="What you want to remember of them.", examples=["Hiring a data lead in spring"])
    do_not_contact: bool = Field(
        False,  # noqa: FBT003 - the default
        description="Nothing is ever addressed to this person.",
        examples=[True],
    )


class PeopleBook(Model):
    """A file of people."""

    people: tuple[PersonEntry, ...] = Field(
        description="The people.", examples=[[{"name": "Dana Okafor", "emails": ["dana@acme.example"]}]]
    )


def persons(book: PeopleBook) -> tuple[Person, ...]:
    """The people as the rules know them: addresses in the form of `rules.model.address()`."""
    return tuple(
        Person(
            name=entry.name,
            emails=tuple(dict.fromkeys(address(email) for email in entry.emails)),
            tags=entry.tags,
            organisation=entry.organisation,
            language=entry.language,
            time_zone=entry.time_zone,
            notes=entry.notes,
            do_not_contact=entry.do_not_contact,
        )
        for entry in book.people
    )
