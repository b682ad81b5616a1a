"""Which directories of a Maildir are its Drafts, Sent, Trash and the rest."""

from __future__ import annotations

import os
import shlex
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Folder, PermanentError
from connectors.mailboxes import names
from connectors.mailboxes.faults import fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSIDE = frozenset({"cur", "new", "tmp"})
_DEEPEST = 6
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Box:
    """A mail folder: `key` is its path below the Maildir (the root is ""), `name` the levels of its name.

    `folder` is None for one that is not read (spam, outbox, templates).
    """

    path: Path
    key: str
    name: tuple[str, ...]
    folder: Folder | None = Folder.OTHER


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of a Maildir, Drafts first and then Sent and Trash; `drafts` is where a draft is laid.

    The order matters: a mail that moves on while the folders are listed is seen twice, never missed.
    """

    boxes: tuple[Box, ...]
    drafts: Box
    exists: bool
    """Whether the drafts folder is there already; a fresh Maildir gets one with its first draft."""

    @property
    def inbox(self) -> Box | None:
        """Where mail comes in: a folder `INBOX` as mbsync keeps it, else the Maildir itself; None where neither is."""
        boxes = {box.key.casefold(): box for box in self.boxes if box.folder is Folder.OTHER}
        return boxes.get("inbox") or boxes.get("")


@dataclass(frozen=True, slots=True)
class Configured:
    """What the user wrote under `drafts:`, `sent:` and `trash:`."""

    drafts: str | None = None
    sent: str | None = None
    trash: str | None = None


def layout_of(root: Path, configured: Configured) -> Layout:
    """Find the folders.

    Raises:
        ConnectorError: there is no Maildir, or no drafts folder in it.
    """
    boxes = tuple(_walk(root))
    chosen = {
        folder: _chosen(boxes, typed, folder, root)
        for folder, typed in (
            (Folder.DRAFTS, configured.drafts),
            (Folder.SENT, configured.sent),
            (Folder.TRASH, configured.trash),
        )
        if typed
    }
    beside = chosen[Folder.DRAFTS].name[:-1] if Folder.DRAFTS in chosen else ()
    known = {box.path: replace(box, folder=_folder(box, beside)) for box in boxes}
    known |= {box.path: replace(box, folder=folder) for folder, box in chosen.items()}
    order = {Folder.DRAFTS: 0, Folder.SENT: 1, Folder.TRASH: 2}
    ordered = tuple(sorted(known.values(), key=lambda box: (order.get(box.folder or Folder.OTHER, 3), box.key)))
    if Folder.DRAFTS in chosen:
        return Layout(ordered, known[chosen[Folder.DRAFTS].path], exists=True)
    drafts = [box for box in ordered if box.folder is Folder.DRAFTS]
    if drafts:
        return Layout(ordered, min(drafts, key=_preference), exists=True)
    return Layout(ordered, _new_drafts(root, ordered), exists=False)


def _walk(root: Path) -> Iterator[Box]:
    """All mail folders from the root down, nearest first; a directory that links lead to again is seen once."""
    pending = deque([""])
    seen: set[tuple[int, int]] = set()
    while pending and len(seen) < _MOST:
        key = pending.popleft()
        path = root / key if key else root
        inside = _inside(path, key, seen)
        is_box = "cur" in inside
        if is_box:
            yield Box(path, key, names.parts(key))
        hidden = Path(key).name.startswith(".")
        if key.count("/") < _DEEPEST and (is_box or not hidden):
            pending += [f"{key}/{name}" if key else name for name in inside if name not in _INSIDE]


def _inside(path: Path, key: str, seen: set[tuple[int, int]]) -> list[str]:
    """The directories in a directory, in order; none for one that was seen before, or is gone.

    A `lost+found` that is closed to us is passed over; a Sent that is closed to us is not.
    """
    try:
        status = path.stat()
        here = (status.st_dev, status.st_ino)
        if here in seen:
            return []
        seen.add(here)
        return sorted(entry.name for entry in os.scandir(path) if _is_directory(entry))
    except OSError as error:
        own = (*names.DRAFTS, *names.SENT, *names.TRASH, "inbox")
        if key and (isinstance(error, FileNotFoundError) or names.usual(names.parts(key)) not in own):
            return []
        if isinstance(error, FileNotFoundError):
            raise PermanentError(
                f"there is no Maildir at {path}", f"correct `maildir:`, or make one: {make(path)}"
            ) from None
        raise fault(error, path, "read") from error


def _is_directory(entry: os.DirEntry[str]) -> bool:
    """Links count; one that leads nowhere, or to itself, does not."""
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and os.path.isdir(entry.path))  # noqa: PTH112 - never raises


def _folder(box: Box, beside: tuple[str, ...]) -> Folder | None:
    name = names.usual(box.name, beside)
    if name in names.DRAFTS:
        return Folder.DRAFTS
    if name in names.SENT:
        return Folder.SENT
    if name in names.TRASH:
        return Folder.TRASH
    return None if box.name and box.name[-1] in names.APART else Folder.OTHER


def _preference(box: Box) -> tuple[int, int, str]:
    return len(box.name), names.DRAFTS.index(box.name[-1]), box.key


def _chosen(boxes: tuple[Box, ...], typed: str, folder: Folder, root: Path) -> Box:
    """The folder that the user named, by its path or by its name."""
    path = root / Path(typed).expanduser()
    wanted = {names.parts(typed.strip("/")), names.parts("." + typed.strip("./"))}
    by_path = [box for box in boxes if box.path == path]
    by_name = [box for box in boxes if box.name in wanted]
    for box in by_path + by_name:
        return box
    if (path / "cur").is_dir():
        return Box(path, str(path), names.parts(path.name))
    raise PermanentError(
        f"there is no folder {typed!r} in {root}", f"{_there_are(boxes)}; correct `{folder}:`, or make it: {make(path)}"
    )


def _new_drafts(root: Path, boxes: tuple[Box, ...]) -> Box:
    """Where a fresh Maildir gets its drafts folder.

    Raises:
        PermanentError: it is not fresh: one of the folders may be the user's Drafts under another name.
    """
    fresh = Box(root / ".Drafts", ".Drafts", ("drafts",), Folder.DRAFTS)
    strange = [box for box in boxes if box.folder is Folder.OTHER and _may_be_drafts(box)]
    if not strange and ((root / "cur").is_dir() or not any(root.iterdir())):
        return fresh
    if not boxes:
        raise PermanentError(
            f"{root} is not a Maildir: no folder in it has a `cur`",
            "correct `maildir:` to the folder your mail lies in",
        )
    plain = fresh.path if (root / "cur").is_dir() else root / "Drafts"
    raise PermanentError(
        f"there is no drafts folder in {root}",
        f"{_there_are(boxes)}; say which with `drafts:` beside `maildir:`, or make one: {make(plain)}",
    )


def _may_be_drafts(box: Box) -> bool:
    name = names.usual(box.name)
    return bool(name and name not in names.ORDINARY) or bool(box.name and box.name[-1] in names.DRAFTS)


def _there_are(boxes: tuple[Box, ...]) -> str:
    listed = sorted(box.key or "the inbox" for box in boxes)
    more = f" and {len(listed) - 12} more" if len(listed) > 12 else ""  # noqa: PLR2004 - what fits into a sentence
    return f"there are {', '.join(listed[:12])}{more}"


def make(path: Path) -> str:
    """The command that makes a mail folder, marked as such: it stands on one line wherever it is told."""
    return f"`mkdir -p {shlex.quote(str(path))}/{{cur,new,tmp}}`"
