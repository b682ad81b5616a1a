"""What `afterword service` says: what was done, how systemd has it, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config.problem import Problem
from daemon.cli.output import problem_json
from daemon.cli.wording import columns, count, shown, span, wrapped
from daemon.units import manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.cli.service_which import Which
    from daemon.units.install import Installed, Uninstalled
    from daemon.units.manager import Shown

_LINGERS = (
    "Lingering is off: your services run from when you log in until you log out. Where they should run without that, "
    "as on a server, type: afterword service install --linger"
)
_ASKS = "Shall it run while you are logged out, too, from boot on (lingering; it is so for all your services)?"
_DID = {
    "started": "{unit} runs, and starts by itself from now on.",
    "restarted": "{unit} was started anew, with what has changed.",
    "running": "{unit} runs already, and nothing has changed.",
    "laid": "{unit} starts by itself from the next {when} on; now: systemctl {scope}start {unit}",
}
_RESULTS = {
    "watchdog": "it gave no sign of life",
    "oom-kill": "there was no memory left for it",
    "timeout": "it took too long to start or to end",
    "signal": "it was killed",
    "start-limit-hit": "it was started too often in a short time",
}
_WRONG = {"2": "its command line is wrong", "77": "it may not use its state folder", "78": "the configuration is wrong"}
_MEGABYTE = 1 << 20
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Lingering:
    """Whether the user's services run without a login (None: it does not matter, or nobody knows)."""

    on: bool | None
    problem: Problem | None = None


def lingering(target: Which, wanted: bool | None, *, ask: bool) -> Lingering:  # noqa: FBT001 - three answers
    """Turn lingering on where it is wanted; where nothing was said of it and somebody is there, `ask`."""
    if target.system:
        return Lingering(None)
    on = manager.lingers()
    if wanted is None and ask and not on:
        import click  # noqa: PLC0415 - only for the question

        wanted = click.confirm(_ASKS, default=False)
    if on or not wanted:
        return Lingering(on)
    if why := manager.linger():
        hint = f"sudo loginctl enable-linger {manager.user()}"
        return Lingering(on, Problem(None, None, None, None, f"lingering could not be turned on: {why}", hint))
    return Lingering(on=True)


def installed(target: Which, done: Installed, loose: str, turned: Lingering) -> Iterator[str]:
    """What was done, and what is next."""
    for path in done.laid.written:
        yield f"Written: {shown(path)}"
    for path in done.laid.removed:
        yield f"Removed: {shown(path)}"
    scope, when = ("", "boot") if target.system else ("--user ", "login")
    yield _DID[done.did].format(unit=target.unit, when=when, scope=scope)
    if status := done.shown["StatusText"]:
        yield f"{_INDENT}{status}"
    yield from _mentions(target, done, loose, turned)
    yield "\nNext:"
    yield from columns(
        [
            (f"{_INDENT}afterword service status{target.option}", "how it stands, and what needs you"),
            (f"{_INDENT}afterword service logs -f{target.option}", "what it does, as it does it"),
            (f"{_INDENT}afterword plan" if not target.system else f"{_INDENT}ls {target.config}", _looking(target)),
        ],
        widest=60,
    )
    yield "The drafts appear in the Drafts folder of your mailbox, when they are due."


def _looking(target: Which) -> str:
    return "its configuration; an edit is taken as soon as it is saved" if target.system else "what is coming, and when"


def _mentions(target: Which, done: Installed, loose: str, turned: Lingering) -> Iterator[str]:
    for path in done.foreign:
        yield f"Your own {shown(path)} is in force, too."
    if target.system:
        return
    if loose:
        yield from wrapped(f"It may write wherever you may, since {loose}.", "")
    else:
        yield from wrapped(
            "It may write to its state and to the mailbox, and nowhere else. After an edit of `mailbox:`, `plan_ics:` "
            "or a command, type `afterword service install` again.", "",
        )  # fmt: skip
    if turned.on:
        yield "It runs while you are logged out, too (lingering is on)."
    elif turned.problem is None:
        yield from wrapped(_LINGERS, "")


def installed_json(target: Which, done: Installed, loose: str, turned: Lingering) -> dict[str, Any]:
    """The same as a document."""
    problems = [problem_json(turned.problem)] if turned.problem else None
    document: dict[str, Any] = {
        "unit": target.unit,
        "path": str(done.path),
        "written": [str(path) for path in done.laid.written],
        "removed": [str(path) for path in done.laid.removed],
        "did": done.did,
        "strict": None if target.system else not loose,
        "lingering": turned.on,
        "config": str(target.config),
        "state": str(target.state),
    }
    return {**document, "problems": problems} if problems else document


def uninstalled(target: Which, done: Uninstalled, unit: Path, foreign: list[Path]) -> Iterator[str]:
    """What was removed, and what stays."""
    if done.laid.removed or (done.ended and not target.system):
        yield f"{target.unit} was stopped, and starts no more."
        yield from (f"Removed: {shown(path)}" for path in done.laid.removed)
    if done.packaged:
        yield f"{done.packaged} stays, since a package brought it."
    elif done.laid.removed:
        pass
    elif target.system:
        yield f"{target.unit} starts no more; {unit.name} stays, for other accounts or since a package brought it."
    elif unit.exists():
        yield f"{shown(unit)} was not made by `afterword service install`, and stays."
    else:
        yield "There is nothing to remove."
    yield from (f"Your own {shown(path)} stays." for path in foreign)
    yield from (f"{what} stays: {shown(path)}" for what, path in (
        ("Your configuration", target.config), ("What it remembers", target.state)) if path.is_dir())  # fmt: skip
    if not target.system and manager.lingers():
        yield "Lingering stays on, since other services may need it; off: loginctl disable-linger"


def uninstalled_json(target: Which, done: Uninstalled) -> dict[str, Any]:
    """The same as a document."""
    return {
        "unit": target.unit,
        "ended": done.ended,
        "removed": [str(path) for path in done.laid.removed],
        "packaged": done.packaged or None,
    }


def unit_json(target: Which, unit: Shown) -> dict[str, Any]:
    """How systemd has it, as a document."""
    return {
        "name": target.unit,
        "installed": unit.loaded,
        "path": unit["FragmentPath"] or None,
        "state": unit["ActiveState"] or None,
        "enabled": unit["UnitFileState"] == "enabled",
        "status": unit["StatusText"] or None,
        "pid": unit.number("MainPID") or None,
        "restarts": unit.number("NRestarts"),
        "memory": unit.number("MemoryCurrent"),
        "result": unit["Result"] or None,
        "exit_code": unit.number("ExecMainStatus"),
        "config": str(target.config),
        "state_folder": str(target.state),
    }


def unit_lines(target: Which, unit: Shown, monotonic: float, foreign: list[Path]) -> list[str]:
    """How systemd has it, for a person; `monotonic` is that clock now, by which systemd tells since when."""
    if not unit.loaded:
        return columns([("unit", f"not installed; `afterword service install{target.option}` does")])
    rows = [("unit", f"{target.unit} {_stands(unit, monotonic)}")]
    if status := unit["StatusText"]:
        rows.append(("", status))
    login = "boot" if target.system or manager.lingers() else "login"
    rows.append(("starts", f"with each {login}" if unit["UnitFileState"] == "enabled" else "not by itself"))
    if restarts := unit.number("NRestarts"):
        rows.append(("restarts", f"{count(restarts, 'time')} since it was started"))
    if memory := unit.number("MemoryCurrent"):
        rows.append(("memory", f"{memory / _MEGABYTE:.0f} MB, a cycle included while one runs"))
    if unit["NeedDaemonReload"] == "yes":
        rows.append(("changed", "its file is another than systemd knows; `afterword service install` has it read"))
    rows += [("drop-in", shown(path)) for path in foreign]
    return columns(rows)


def _stands(unit: Shown, monotonic: float) -> str:
    state = unit["ActiveState"]
    if unit.active:
        since = unit.number("ActiveEnterTimestampMonotonic")
        lasted = f", for {span(max(0.0, monotonic - since / 1e6))}" if since else ""
        return f"runs (process {unit['MainPID']}{lasted})"
    if state == "activating" and unit["SubState"] == "auto-restart":
        return f"ended, and starts again within a minute: {_why(unit)}"
    if state == "activating":
        return "is starting"
    if state == "failed":
        return f"has failed: {_why(unit)}; `afterword service logs` tells more"
    return "does not run" if state == "inactive" else f"is {state}"


def _why(unit: Shown) -> str:
    status = unit["ExecMainStatus"]
    if unit["Result"] == "exit-code":
        return _WRONG.get(status, f"it ended with exit code {status}")
    return _RESULTS.get(unit["Result"], f"{unit['Result']}")
