"""Which folders of an IMAP account are its Drafts, Sent, Trash and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import Folder, PermanentError
from connectors.mailboxes import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.imap.session import Listed
    from connectors.mailboxes.folders import Configured

_USES = {
    "\\drafts": Folder.DRAFTS,
    "\\sent": Folder.SENT,
    "\\trash": Folder.TRASH,
    "\\junk": None,
    "\\spam": None,
    "\\flagged": None,
    "\\starred": None,
    "\\important": None,
}
"""Special uses (RFC 6154, and XLIST's). What is flagged or important lies elsewhere, too."""
_EVERYTHING = frozenset({"\\all", "\\allmail"})
_MOST = 1000
_SHOWN = 12
_INBOX = ("inbox",)
_ORDER = {Folder.DRAFTS: 0, Folder.SENT: 1, Folder.TRASH: 2}


@dataclass(frozen=True, slots=True)
class Box:
    """A folder: `name` as the server writes it, `levels` as they are compared. `folder` is None for one not read.

    `marked`: the server says what it is for.
    """

    name: str
    levels: tuple[str, ...]
    folder: Folder | None
    marked: bool = False

    @property
    def shown(self) -> str:
        """Its name as a mail program shows it."""
        return names.decoded(self.name)


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders that are read, Drafts first, then Sent, Trash and the inbox; `drafts` is where a draft is laid."""

    boxes: tuple[Box, ...]
    drafts: Box

    @property
    def inbox(self) -> str:
        """Where mail comes in: that folder has one name on every server (RFC 3501 section 5.1)."""
        return next((box.name for box in self.boxes if box.levels == _INBOX), "INBOX")

    def box(self, name: str) -> Box | None:
        """The folder of this name."""
        return next((box for box in self.boxes if box.name == name), None)


def layout_of(listed: Iterable[Listed], configured: Configured, place: str, *, archive: bool = False) -> Layout:
    """Find the folders. `place` is the server, for messages. `archive`: what is called all mail lies nowhere else.

    Raises:
        PermanentError: there is no drafts folder, or none of a name that was configured.
    """
    there = [(one, _levels(one)) for one in listed]
    said = ((Folder.DRAFTS, configured.drafts), (Folder.SENT, configured.sent), (Folder.TRASH, configured.trash))
    chosen = {_chosen(there, typed, folder, place): folder for folder, typed in said if typed}
    beside = next((levels[:-1] for one, levels in there if chosen.get(one.name) is Folder.DRAFTS), ())
    boxes = [
        Box(one.name, levels, chosen.get(one.name, _folder(one, levels, beside, archive=archive)), _marked(one))
        for one, levels in there
    ]
    named = [box for box in boxes if chosen.get(box.name) is Folder.DRAFTS]
    drafts = named or [box for box in boxes if box.folder is Folder.DRAFTS]
    if not drafts:
        raise PermanentError(
            f"there is no drafts folder at {place}",
            f"{_there_are(boxes)}; say which with `drafts:` beside `imap:`, or make one in your mail program",
        )
    read = [box for box in boxes if box.folder is not None]
    ordered = sorted(read, key=_order)
    return Layout(tuple(ordered[:_MOST]), min(drafts, key=_preference))


def _levels(one: Listed) -> tuple[str, ...]:
    pieces = one.name.split(one.delimiter) if one.delimiter else [one.name]
    return tuple(names.plain(piece) for piece in pieces if piece)


def _marked(one: Listed) -> bool:
    return not one.attributes.isdisjoint(_USES)


def _folder(one: Listed, levels: tuple[str, ...], beside: tuple[str, ...], *, archive: bool) -> Folder | None:
    for mark, folder in _USES.items():
        if mark in one.attributes:
            return folder
    if one.attributes & _EVERYTHING and not archive:
        return None
    name = names.usual(levels, beside)
    for usual, folder in ((names.DRAFTS, Folder.DRAFTS), (names.SENT, Folder.SENT), (names.TRASH, Folder.TRASH)):
        if name in usual:
            return folder
    return None if levels and levels[-1] in names.APART else Folder.OTHER


def _order(box: Box) -> tuple[int, bool, str]:
    return _ORDER.get(box.folder or Folder.OTHER, 3), box.levels != _INBOX, box.name


def _preference(box: Box) -> tuple[bool, int, int, str]:
    """What the server calls Drafts goes first, then the plainest."""
    last = box.levels[-1] if box.levels else ""
    known = names.DRAFTS.index(last) if last in names.DRAFTS else len(names.DRAFTS)
    return not box.marked, len(box.levels), known, box.name


def _chosen(there: list[tuple[Listed, tuple[str, ...]]], typed: str, folder: Folder, place: str) -> str:
    """The folder that the user named, as the server or a mail program writes it."""
    wanted = tuple(names.plain(piece) for piece in re.split(r"/", typed.strip("/")))
    for one, levels in there:
        if one.name == typed or levels == wanted or names.plain(one.name) == names.plain(typed):
            return one.name
    for one, levels in there:
        if levels[-1:] == wanted:
            return one.name
    boxes = [Box(one.name, levels, Folder.OTHER) for one, levels in there]
    raise PermanentError(
        f"there is no folder {typed!r} at {place}",
        f"{_there_are(boxes)}; correct `{folder}:`, or make it in your mail program",
    )


def _there_are(boxes: list[Box]) -> str:
    shown = sorted(box.shown for box in boxes)
    if not shown:
        return "there is no folder at all"
    if len(shown) == 1:
        return f"there is only {shown[0]}"
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return f"there are {', '.join(shown[:_SHOWN])}{more}"
