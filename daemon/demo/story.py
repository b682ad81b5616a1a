"""The story: what happens in the world, when, in words; and the hand that does it. It tells no results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daemon.demo import cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.demo.robin import Robin

    Deed = Callable[[Robin], None]


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that happens at `at` (wall-clock in Lisbon). `about`: whose next check-in to compare with before.

    `stands`: of whom to tell that what Robin deleted is still so. `asleep` closes the laptop: no cycle runs until
    the next beat.
    """

    at: str
    text: str
    deed: Deed | None = None
    about: cast.Guest | None = None
    stands: cast.Guest | None = None
    asleep: bool = False


def _send(guest: cast.Guest, *words: str) -> Deed:
    return lambda robin: robin.send(guest, *words)


def _thank_lunch(robin: Robin) -> None:
    robin.send(cast.AMARA, "counting rain before you model it", "I threw two of my charts away", "rain gauges")
    robin.send(cast.PRIYA, "writing the summary first", "I now do the same", "a second pair of eyes")


def _maja_writes(robin: Robin) -> None:
    robin.receive(cast.MAJA, "Re: Thanks for this morning", "That book you named is wonderful. How goes the search?")


STORY = (
    Beat("2026-03-03 16:00", "Coffee with Dana Okafor is over; it ran long, in the good way."),
    Beat(
        "2026-03-04 12:15",
        "Robin fills the gaps in the note to Dana and sends it.",
        _send(
            cast.DANA,
            "asking a team what it stopped doing",
            "I asked mine, and the list is long.",
            "a data lead who writes well",
        ),
    ),
    Beat("2026-03-05 11:45", "A chat with Maja Lindqvist about design systems."),
    Beat(
        "2026-03-05 12:20",
        "Robin cannot wait, and writes to Maja from the tram: 'Thanks for this morning'.",
        lambda robin: robin.write(cast.MAJA, "Thanks for this morning", "You gave me a whole shelf to read."),
    ),
    Beat("2026-03-06 11:00", "Coffee with Tiago Ferreira, in Portuguese."),
    Beat(
        "2026-03-06 15:30",
        "Robin fills the gaps in the note to Tiago and sends it.",
        _send(cast.TIAGO, "medir as marés antes de prometer", "um mapa melhor"),
    ),
    Beat(
        "2026-03-06 15:45",
        "Tiago's mailbox replies by itself: out of the office until Monday.",
        lambda robin: robin.receive(cast.TIAGO, "Ausente do escritório", "Regresso na segunda-feira.", automatic=True),
        about=cast.TIAGO,
    ),
    Beat("2026-03-12 14:15", "Lunch with Amara Diallo, Lucas Moreau and Priya Nair. Robin takes notes on a napkin."),
    Beat(
        "2026-03-13 09:40", "Robin sends the notes to Amara and to Priya. Lucas's can wait, Robin thinks.", _thank_lunch
    ),
    Beat(
        "2026-03-16 21:10",
        "Ewa Kowalska has a cold and cancels tomorrow's coffee.",
        lambda robin: robin.enter(replace(cast.COFFEE_EWA, status="CANCELLED", sequence=1)),
    ),
    Beat(
        "2026-03-17 18:30",
        "Mai Nguyen moves their coffee from Wednesday to Friday.",
        lambda robin: robin.enter(replace(cast.COFFEE_MAI, start="2026-03-20 11:00", sequence=1)),
    ),
    Beat("2026-03-20 12:00", "Coffee with Mai."),
    Beat(
        "2026-03-20 16:45",
        "Robin fills the gaps in the note to Mai and sends it.",
        _send(cast.MAI, "maps that admit what they do not know", "I added a grey layer.", "a quiet place to write"),
    ),
    Beat("2026-03-24 17:00", "A chat with Kenji Watanabe."),
    Beat(
        "2026-03-25 10:05",
        "They thanked each other at the door, at length: Robin deletes the note to Kenji.",
        lambda robin: robin.delete(cast.KENJI),
    ),
    Beat(
        "2026-03-25 18:00",
        "Kenji corrects the calendar: their chat ended at 16:45.",
        lambda robin: robin.enter(replace(cast.CHAT_KENJI, minutes=45, sequence=1)),
        stands=cast.KENJI,
    ),
    Beat("2026-03-26 11:00", "The interview at Kestrel, with Hassan El Amrani."),
    Beat(
        "2026-03-26 17:20",
        "Robin fills the gaps in the note to Hassan and sends it.",
        _send(
            cast.HASSAN,
            "the data lead role",
            "sensors that go quiet in winter",
            "a network of buoys I kept alive",
            "how I would begin",
            "By sitting beside the people who read the charts.",
        ),
    ),
    Beat("2026-03-31 13:30", "Lunch with Victor Petrov, from the firm that Robin left."),
    Beat("2026-04-02 17:05", "A walk with Noor Haddad. Then the laptop is shut: it is Easter.", asleep=True),
    Beat("2026-04-06 10:20", "Robin opens the laptop again."),
    Beat(
        "2026-04-06 11:00",
        "Robin fills the gaps in the note to Noor and sends it.",
        _send(cast.NOOR, "walking before deciding", "I slept on it, three nights.", "somebody who knows tide tables"),
    ),
    Beat(
        "2026-04-08 10:30",
        "Robin sends the question to Hassan.",
        _send(cast.HASSAN, "Data lead", "the data lead role", "the buoys will not leave me alone"),
    ),
    Beat(
        "2026-04-09 09:15",
        "A letter from Maja: she has read the book, and asks how the search goes.",
        _maja_writes,
        cast.MAJA,
    ),
    Beat(
        "2026-04-10 15:00",
        "Hassan answers.",
        lambda robin: robin.receive(cast.HASSAN, "Good news", "Could you come again, to meet the team?"),
    ),
    Beat(
        "2026-04-22 16:40",
        "Tiago writes before Robin has: he has moved to Porto.",
        lambda robin: robin.receive(cast.TIAGO, "Novidades do Porto", "Mudei-me! Quando vens?"),
    ),
)
