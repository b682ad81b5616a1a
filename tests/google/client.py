"""A program that asks the stand-in as Google's documentation has it, and mails to put there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import requests

from connectors.google.scopes import scopes
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.permitted import EVERYTHING

if TYPE_CHECKING:
    from tests.google.standin import Google

Answer = dict[str, Any]
ALL = [scope.address for scope in scopes(EVERYTHING)]
EVENTS = "/calendar/v3/calendars/primary/events"
MAIL = "/gmail/v1/users/me"
PEOPLE = "/v1/people/me/connections"
DAY: Answer = {"start": {"date": "2026-03-02"}, "end": {"date": "2026-03-03"}}


class Client:
    """Has its own permission, and no library between it and the stand-in."""

    def __init__(self, google: Google, granted: list[str]) -> None:
        self.url = google.url
        form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        told = requests.post(google.token_uri, {**form, "refresh_token": google.token(granted)}, timeout=9).json()
        self.heads = {"Authorization": f"Bearer {told['access_token']}"}

    def ask(self, path: str, method: str = "GET", body: object = None, **query: Any) -> requests.Response:
        return requests.request(
            method, f"{self.url}{path}", params=query, json=body, headers=self.heads, timeout=9
        )  # fmt: skip

    def get(self, path: str, **query: Any) -> Answer:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, path: str, method: str = "GET", body: object = None, **query: Any) -> tuple[int, str]:
        answer = self.ask(path, method, body, **query)
        error = answer.json()["error"]
        return answer.status_code, (error.get("details") or error.get("errors"))[0]["reason"]


def mail(subject: str = "Plan", number: int = 1, to: str = "robin@example.org", **heads: str) -> bytes:
    named = {"From": "Dana <dana@example.com>", "To": to, "Subject": subject, "Message-ID": f"<m{number}@example.com>"}
    named["Date"] = f"Mon, 02 Mar 2026 10:{number:02d}:00 +0000"
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**named, **heads}.items()]
    return "\r\n".join([*lines, "", "Hello", ""]).encode()


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
