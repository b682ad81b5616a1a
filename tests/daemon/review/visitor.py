"""Somebody who looks at the review page: over ASGI, as a browser would ask, already let in or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from daemon.cli.call import Call
from daemon.clock import Clock
from daemon.review.application import application
from daemon.review.guard import Places
from daemon.review.room import Room
from tests.build import at

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import Response

HOST = "127.0.0.1:8377"
ORIGIN = f"http://{HOST}"
PLACES = Places(frozenset({ORIGIN, "http://localhost:8377"}), "afterword-8377")


def room(root: Path, when: str) -> Room:
    """The room of the household in `root`, its clock started at this moment (of the user's wall clock)."""
    call = Call(str(root / "config"), str(root / "state"), at(when), json=False)
    return Room(call, Clock(at(when)), PLACES)


class Visitor:
    """Asks for pages; `token` is that of the session, as the page has it."""

    def __init__(self, room: Room, *, enter: bool = True) -> None:
        self.room = room
        self.client = TestClient(application(room), base_url=ORIGIN, follow_redirects=False)
        self.token = ""
        if enter:
            assert self.get(f"/enter/{room.door.ticket(room.now())}").status_code == 200
            self.token = self.get("/health").text.partition('{"X-Afterword-Token": "')[2].partition('"')[0]
            assert self.token

    def get(self, path: str, headers: dict[str, str] | None = None, *, part: bool = False) -> Response:
        """The page; with `part` as htmx asks for it."""
        return self.client.get(path, headers={**({"HX-Request": "true"} if part else {}), **(headers or {})})

    def post(
        self, path: str, form: dict[str, Any] | None = None, headers: dict[str, str] | None = None, *, part: bool = True
    ) -> Response:
        """A change, as the page itself sends it; without `part` as a form without script does."""
        told = {"Origin": ORIGIN, "X-Afterword-Token": self.token, **({"HX-Request": "true"} if part else {})}
        return self.client.post(path, data=form or {}, headers={**told, **(headers or {})})

    def follow(self, path: str, form: dict[str, Any]) -> str:
        """A change by a form without script, and the page that it leads to."""
        answer = self.post(path, form, part=False)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"]).text
