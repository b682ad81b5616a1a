from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from connectors.base import TransientError
from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder
from connectors.calendars.memory import MemoryCalendar
from tests.conformance.calendars import CalendarSuite, SeveralSuite
from tests.connectors.calendars.web import reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from connectors.base import Calendar


class MemoryHand:
    several = True

    def __init__(self) -> None:
        self.it = MemoryCalendar("feed")
        self.write, self.remove = self.it.put, self.it.remove

    def calendar(self) -> Calendar:
        return self.it

    def fail(self) -> None:
        self.it.fail = TransientError("it is away")


class FolderHand:
    several = True

    def __init__(self, path: Path) -> None:
        self.path = path

    def calendar(self) -> Calendar:
        return IcsFolder("feed", self.path)

    def write(self, name: str, data: bytes) -> None:
        """As vdirsyncer writes: beside it, and then over it."""
        beside = self.path / f".{name}.tmp"
        beside.write_bytes(data)
        beside.replace(self.path / name)

    def remove(self, name: str) -> None:
        (self.path / name).unlink()

    def fail(self) -> None:
        self.path.rename(self.path.with_name("unmounted"))


class FileHand(FolderHand):
    several = False

    def calendar(self) -> Calendar:
        return IcsFile("feed", self.path / "one.ics")


class AddressHand:
    several = False

    def __init__(self, stack: ExitStack) -> None:
        self.data = b""
        self.web = stack.enter_context(serving(self.answer))

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        etag = f'"{sha256(self.data).hexdigest()}"'
        if handler.headers.get("If-None-Match") == etag:
            reply(handler, 304)
        else:
            reply(handler, 200, self.data, ETag=etag)

    def calendar(self) -> Calendar:
        return IcsAddress("feed", self.web.address, pause=lambda _: None)

    def write(self, name: str, data: bytes) -> None:  # noqa: ARG002 - an address is one whole file
        self.data = data

    def remove(self, name: str) -> None:
        raise NotImplementedError

    def fail(self) -> None:
        self.web.answer = lambda handler: reply(handler, 503)


class TestMemory(SeveralSuite):
    @pytest.fixture
    def hand(self) -> MemoryHand:
        return MemoryHand()


class TestFolder(SeveralSuite):
    @pytest.fixture
    def hand(self, tmp_path: Path) -> FolderHand:
        folder = tmp_path / "calendar"
        folder.mkdir()
        return FolderHand(folder)


class TestFile(CalendarSuite):
    @pytest.fixture
    def hand(self, tmp_path: Path) -> FileHand:
        folder = tmp_path / "calendar"
        folder.mkdir()
        return FileHand(folder)


class TestAddress(CalendarSuite):
    @pytest.fixture
    def hand(self) -> Iterator[AddressHand]:
        with ExitStack() as stack:
            yield AddressHand(stack)
