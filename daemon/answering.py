"""Answers those who ask the service, from within its loop: never waiting, a few at a time, each for a short while."""

from __future__ import annotations

import math
import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 2.0
"""Seconds after which somebody who does not ask, or does not take the answer, is sent away."""
MOST = 8
"""How many are served at a time; others wait in the queue of the kernel."""
_REST = 1.0
"""Seconds without another try when nobody can be let in (too many open files)."""
_PIECE = 1 << 14


class Listening(Protocol):
    """A socket that listens (not blocking), and whether it can still be reached."""

    channel: socket.socket

    def at_hand(self) -> bool:
        """Whether whoever comes to its address comes to this socket."""

    def close(self) -> None:
        """Listen no more."""


class _Guest:
    """Somebody who came: until when we wait for them, what they have said, and what is still to be told to them."""

    __slots__ = ("channel", "events", "heard", "left", "until")

    def __init__(self, channel: socket.socket, until: float) -> None:
        self.channel = channel
        self.until = until
        self.heard = b""
        self.left: memoryview | None = None
        self.events = 0

    def ask(self, answer: Callable[[bytes], bytes | None]) -> None:
        """See whether what they have said is enough for an answer."""
        told = answer(self.heard)
        self.left = None if told is None else memoryview(told)


class Answering:
    """One address at which the service answers.

    `listen` makes the socket. `answer` is asked with what somebody has said so far, nothing at first: what to tell
    them, or None as long as more has to be heard. `poll` is the loop's; `failed` is called once when the socket cannot
    be made, and again when that happens after it could.
    """

    def __init__(
        self,
        poll: select.poll,
        listen: Callable[[], Listening],
        answer: Callable[[bytes], bytes | None],
        failed: Callable[[OSError], None],
    ) -> None:
        self._poll = poll
        self._listen = listen
        self._answer = answer
        self._failed = failed
        self._told_failure = False
        self._door: Listening | None = None
        self._waits = False
        self._resting_until = 0.0
        self._guests: list[_Guest] = []

    def keep(self) -> None:
        """Have a socket: made now, or anew where its file has gone. Where that fails, life goes on."""
        if self._door is not None and self._door.at_hand():
            return
        self._shut()
        try:
            self._door = self._listen()
        except OSError as error:
            if not self._told_failure:
                self._failed(error)
            self._told_failure = True
            return
        self._told_failure = False
        self._wait_at_the_door(wanted=True)

    def tend(self, monotonic: float) -> None:
        """Let in who has come, hear and tell what can be without waiting, and send away whose time is over."""
        for guest in list(self._guests):
            self._serve(guest, monotonic)
        if self._door is None:
            return
        for _ in range(MOST):  # who comes faster than that does not keep the loop from its work
            if len(self._guests) >= MOST or monotonic < self._resting_until:
                break
            try:
                channel, _ = self._door.channel.accept()
            except BlockingIOError:
                break
            except OSError:  # no more files may be opened, or they have gone already
                self._resting_until = monotonic + _REST
                break
            channel.setblocking(False)  # noqa: FBT003 - the socket's own signature
            guest = _Guest(channel, monotonic + PATIENCE)
            guest.ask(self._answer)
            self._guests.append(guest)
            self._serve(guest, monotonic)
        self._wait_at_the_door(wanted=len(self._guests) < MOST and monotonic >= self._resting_until)

    def wait(self, monotonic: float) -> float:
        """Seconds until `tend` has to be called though nothing happens; infinite where nobody is there."""
        soonest = min((guest.until for guest in self._guests), default=math.inf)
        if self._resting_until > monotonic:
            soonest = min(soonest, self._resting_until)
        return max(0.0, soonest - monotonic)

    def end(self) -> None:
        """Answer no more."""
        for guest in list(self._guests):
            self._dismiss(guest)
        self._shut()

    def _shut(self) -> None:
        door, self._door = self._door, None
        if door is not None:
            if self._waits:
                self._poll.unregister(door.channel)
                self._waits = False
            door.close()

    def _wait_at_the_door(self, *, wanted: bool) -> None:
        """A socket at which somebody waits who cannot be let in would wake the loop without end."""
        if self._door is None or wanted == self._waits:
            return
        if wanted:
            self._poll.register(self._door.channel, select.POLLIN)
        else:
            self._poll.unregister(self._door.channel)
        self._waits = wanted

    def _serve(self, guest: _Guest, monotonic: float) -> None:
        try:
            done = monotonic >= guest.until or self._further(guest)
        except BlockingIOError:
            done = False
        except OSError:  # they have gone
            done = True
        if done:
            self._dismiss(guest)
            return
        events = select.POLLOUT if guest.left else select.POLLIN
        if events != guest.events:
            self._poll.register(guest.channel, events)
            guest.events = events

    def _further(self, guest: _Guest) -> bool:
        """Hear or tell one piece, lest one of them keeps the loop; whether that was all.

        Raises:
            BlockingIOError: they say nothing, or take nothing, at this moment.
        """
        if guest.left is None:
            piece = guest.channel.recv(_PIECE)
            if not piece:
                return True
            guest.heard += piece
            guest.ask(self._answer)
        elif guest.left:
            guest.left = guest.left[guest.channel.send(guest.left) :]
            if not guest.left:
                guest.channel.shutdown(socket.SHUT_WR)
                # They may not have done with speaking: who closes on unread words takes back the answer.
                return not guest.heard
        else:
            return not guest.channel.recv(_PIECE)
        return False

    def _dismiss(self, guest: _Guest) -> None:
        self._guests.remove(guest)
        if guest.events:
            with suppress(KeyError):
                self._poll.unregister(guest.channel)
        guest.channel.close()
