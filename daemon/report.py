"""What a cycle in a child tells the service: the keys that `once --json --service` adds to its document."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from daemon.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Sequence


class Report:
    """The outcome of a cycle, as far as the service has to know.

    `poll` is in seconds; `next_due` the earliest instant for which something waits (a due time, the end of a
    hold, a deadline to be brought to mind), or None; `last_good` whether the cycle went on with the last good
    configuration, because what the user wrote has problems; `listens` whether the mailbox may tell of itself
    what comes; `files` are those of the configuration that lie wherever its settings say; `places` are files and
    folders of this machine in which a change of what was read shows itself (`connectors.base.Nearby`); `figures` are
    for the metrics; `status` is how things stand, in a line of plain words for whoever asks systemd, or empty.
    """

    __slots__ = (
        "figures",
        "files",
        "last_good",
        "listens",
        "next_due",
        "placed",
        "places",
        "poll",
        "problems",
        "status",
        "withdrawn",
    )

    def __init__(
        self,
        poll: float,
        next_due: datetime | None,
        *,
        last_good: bool = False,
        listens: bool = False,
        files: Sequence[str] = (),
        status: str = "",
        places: Sequence[str] = (),
        placed: int = 0,
        withdrawn: int = 0,
        problems: int = 0,
        figures: Figures | None = None,
    ) -> None:
        self.poll = poll
        self.next_due = next_due
        self.last_good = last_good
        self.listens = listens
        self.files = tuple(files)
        self.status = status
        self.places = tuple(places)
        self.placed = placed
        self.withdrawn = withdrawn
        self.problems = problems
        self.figures = figures


def keys(
    poll: float,
    next_due: datetime | None,
    *,
    last_good: bool,
    listens: bool = False,
    files: Sequence[str] = (),
    places: Sequence[str] = (),
    figures: Figures | None = None,
    status: str = "",
) -> dict[str, object]:
    """What `once --json --service` adds to its document: `{"service": {…}}`; see `Report`."""
    due = None if next_due is None else next_due.astimezone(UTC).isoformat()
    told = {"poll": poll, "next_due": due, "last_good": last_good, "listens": listens, "status": status}
    counted = None if figures is None else figures._asdict()
    return {"service": {**told, "files": list(files), "places": list(places), "figures": counted}}


def problems(document: bytes) -> list[dict[str, object]]:
    """The problems in what the child printed, as every command prints them; none where it printed no document."""
    try:
        told = json.loads(document)["problems"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [dict(one) for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def read(document: bytes) -> Report | None:
    """The report in what the child printed; None where there is none (it failed before, or was killed)."""
    try:
        told = json.loads(document)
        service = told["service"]
        due = service["next_due"]
        return Report(
            float(service["poll"]),
            None if due is None else datetime.fromisoformat(due).astimezone(UTC),
            last_good=bool(service["last_good"]),
            listens=bool(service["listens"]),
            files=[str(file) for file in service["files"]],
            status=str(service.get("status", "")),
            places=[str(place) for place in service["places"]],
            placed=len(told["placed"]),
            withdrawn=len(told["withdrawn"]),
            problems=len(told["problems"]),
            figures=Figures.read(service["figures"]) if service.get("figures") else None,
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
