"""The folder that a demo is played in: made, made anew, and never anybody else's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.init import Answers
from daemon.demo import cast
from daemon.failure import ExitCode, Failure
from daemon.setup import lay

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "demo-spring"
MARK = ".afterword-demo"
_MARK_TEXT = "Made by `afterword demo`, which may make config/, state/ and Mail/ in this folder anew.\n"
_OURS = ("config", "state", "Mail")
_MAIL = ("", ".Drafts", ".Sent", ".Trash")
_NOTIFY = "notify: none                   # nobody is there to be told of a deadline in this story\n"
RULES = ("soft-interviews", "job-interviews")


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything of a demo lies under `root`, which is absolute."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration, the calendar and the address books."""
        return self.root / "config"

    @property
    def state(self) -> Path:
        """What Afterword remembers."""
        return self.root / "state"

    @property
    def mail(self) -> Path:
        """The Maildir."""
        return self.root / "Mail"

    def event(self, appointment: cast.Appointment) -> None:
        """Write an appointment into the calendar folder, over what was there."""
        path = self.config / "calendars" / f"{appointment.uid}.ics"
        path.write_text(appointment.ics(), "utf-8", newline="")

    def prepare(self) -> None:
        """Make the folder, or clear away what an earlier demo left; then lay the household down.

        Raises:
            Failure: something that no demo made lies there (2), or it cannot be written (75, 77).
        """
        try:
            self._clear()
            self._lay()
        except OSError as error:
            code = ExitCode.PERMISSION_NEEDED if isinstance(error, PermissionError) else ExitCode.CANNOT_NOW
            message = f"the demo cannot write to {self.root}: {(error.strerror or str(error)).lower()}"
            raise Failure(code, message, "Name another folder: `afterword demo DIR`.") from None

    def _clear(self) -> None:
        if self.root.is_dir() and not (self.root / MARK).is_file() and any(self.root.iterdir()):
            raise Failure(
                ExitCode.USAGE,
                f"{self.root} is not empty, and nothing there is overwritten",
                "Name a folder that is empty or not there yet: `afterword demo DIR`.",
            )
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / MARK).write_text(_MARK_TEXT, "utf-8")
        for name in _OURS:
            place = self.root / name
            if place.is_symlink():
                place.unlink()
            elif place.exists():
                shutil.rmtree(place)

    def _lay(self) -> None:
        answers = Answers(
            name=cast.NAME,
            emails=(cast.ME,),
            time_zone=cast.ZONE,
            calendar="calendars/",
            maildir="../Mail",
            holidays="PT",
            vcards="contacts/",
            signature="Robin",
        )
        lay(self.config, answers, RULES)
        with (self.config / "afterword.yaml").open("a", encoding="utf-8") as settings:
            settings.write(_NOTIFY)
        (self.config / "contacts").mkdir()
        (self.config / "contacts" / "people.vcf").write_text(cast.CARDS, "utf-8")
        (self.config / "people.yaml").write_text(cast.PEOPLE, "utf-8")
        for name, text in cast.TEMPLATES.items():
            (self.config / "templates" / name).write_text(text, "utf-8")
        for appointment in cast.CALENDAR:
            self.event(appointment)
        for folder in _MAIL:
            for part in ("cur", "new", "tmp"):
                (self.mail / folder / part).mkdir(parents=True)
