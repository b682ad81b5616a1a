"""What lets a user in at a server, as the settings say it: where it comes from. No secret stands in the file itself."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import BeforeValidator, Field, Tag, model_validator

from config.kinds import KIND, word_or
from config.texts import Command, Filled
from rules.language import Model


def _plain(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError("a password does not stand in the file; write where it comes from, "  # noqa: TRY004 - pydantic
                         "as in `password: {command: pass show mail}` (a command that prints it), or with "
                         "`credential`, `keyring` or `file`")  # fmt: skip
    return value


def _no_token(value: object) -> object:
    if isinstance(value, str) and value != "google":
        raise ValueError("an access token does not stand in the file; write `oauth: google`, or `oauth: {command: …}` "
                         "with a command that prints one")  # fmt: skip
    return value


class Password(Model):
    """Where a password comes from; exactly one of these. It never stands in the file itself."""

    command: Command | None = Field(None, description="A command that prints it.", examples=["pass show cloud"])
    credential: Filled | None = Field(None, description="The name of a systemd credential.", examples=["cloud"])
    keyring: Filled | None = Field(None, description="The service name in the keyring.", examples=["afterword"])
    file: Filled | None = Field(None, description="A file of mode 0600 that holds it.", examples=["~/.cloud-password"])

    @model_validator(mode="after")
    def _exactly_one(self) -> Password:
        if len(self.model_fields_set) != 1:
            which = "keep one of them" if self.model_fields_set else "write one, as in `{command: pass show mail}`"
            raise ValueError(f"a password has exactly one of `command`, `credential`, `keyring` and `file`; {which}")
        return self


class Oauth(Model):
    """Where an access token comes from, for a server that takes one in place of a password (OAuth 2.0).

    `google` in place of the mapping is the permission of `afterword auth google`, for `imap: imap.gmail.com`.
    """

    command: Command = Field(
        description="A command that prints an access token; it is run anew for each connection, since a token ends "
        "within hours.",
        examples=["oama access robin@outlook.example"],
    )


PasswordField = Annotated[Password, BeforeValidator(_plain)]

# The keys of an account at a CalDAV or CardDAV server.
AccountUser = Annotated[Filled | None, Field(description="The user on the server.", examples=["robin"])]
AccountPassword = Annotated[
    PasswordField | None,
    Field(description="Where the password comes from.", examples=[{"command": ["pass", "show", "cloud"]}]),
]
AccountLocal = Annotated[
    bool,
    Field(
        description="The server may be on this machine or in a private network, and be asked without https.",
        examples=[True],
    ),
]
AccountCertificate = Annotated[
    Filled | None,
    Field(description="A file with the certificate of a server of your own.", examples=["cloud.pem"]),
]
OauthField = Annotated[
    Annotated[
        Annotated[Literal["google"], Tag(KIND + "google")] | Annotated[Oauth, Tag(KIND + "command")],
        word_or("google", "command"),
    ],
    BeforeValidator(_no_token),
]


class WithLogin(Protocol):
    """An entry of the settings that may say how to log in."""

    @property
    def user(self) -> str | None: ...

    @property
    def password(self) -> Password | None: ...


Login = TypeVar("Login", bound=WithLogin)


def user_and_password(one: Login) -> Login:
    """Both are there, or neither is.

    Raises:
        ValueError: only one of them is.
    """
    if (one.user is None) != (one.password is None):
        raise ValueError("`user` and `password` go together: write both, or neither")
    return one
