"""A home in which the command is run, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from daemon.cli import run_command
from tests import told
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path

DANA, LEE = "dana@acme.example", "lee@ito.example"


class Told(told.Told):
    """The same, and what is looked at most."""

    @property
    def follow_ups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json["follow_ups"]
        return found


@dataclass(frozen=True)
class Home:
    """The household, and the command in it; `when` is wall-clock in Lisbon."""

    household: Household
    capsys: pytest.CaptureFixture[str]

    def run(self, when: str, *arguments: str) -> Told:
        root = self.household.root
        folders = ("--config", str(root / "config"), "--state", str(root / "state"))
        self.capsys.readouterr()
        code = run_command([*folders, *arguments, "--at", at(when).isoformat()])
        said = self.capsys.readouterr()
        return Told(code, said.out, said.err)

    def once(self, when: str) -> dict[str, Any]:
        told = self.run(when, "once", "--json")
        assert told.code == 0, told.err
        document: dict[str, Any] = told.json
        return document

    def id_of(self, when: str, step: str = "thank-you", name: str = "Dana") -> str:
        found = self.run(when, "drafts", "--all", "--json").follow_ups
        return str(next(one["id"] for one in found if one["step"] == step and one["to"][0]["name"] == name))

    def state_of(self, when: str, id_: str) -> str:
        return str(self.run(when, "show", id_, "--json").json["state"])

    def bytes(self) -> dict[str, tuple[int, bytes]]:
        """Every file and folder below the home: when it was changed, and what is in it."""
        return {
            str(path.relative_to(self.household.root)): (
                path.stat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.household.root.rglob("*"))
        }


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Home:
    """Coffee with Dana on Tuesday 3 March 2026, 15:00 to 16:00; with Lee on Thursday 12 March, at the same time.

    On a terminal that is as broad wherever the tests run.
    """
    monkeypatch.setenv("COLUMNS", "100")
    household = Household.make(tmp_path / "home")
    household.put("dana", event("u1", "2026-03-03 15:00", DANA, title="Coffee with Dana"))
    household.put("lee", event("u2", "2026-03-12 15:00", LEE, title="Coffee with Lee"))
    return Home(household, capsys)


@pytest.fixture
def drafted(home: Home) -> Home:
    """The same, with the thank-you to Dana in Drafts since Tuesday 18:00."""
    home.once("2026-03-03 12:00")
    home.once("2026-03-03 18:00")
    assert home.household.subjects() == ["Thank you, Dana"]
    return home
