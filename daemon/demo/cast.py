"""Who is in the sample spring, and what stands in Robin's calendar at its beginning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = "Europe/Lisbon"
NAME = "Robin Vale"
ME = "robin@vale.example"
BEGIN, END = "2026-03-02 08:30", "2026-04-26 20:00"


def wall(text: str) -> datetime:
    """`2026-03-03 15:00` on the wall in Lisbon, as an aware time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(ZONE))


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on the list of an appointment; `kind` is a CUTYPE (RFC 5545 section 3.2.3)."""

    name: str
    email: str
    kind: str = "INDIVIDUAL"


DANA = Guest("Dana Okafor", "dana@acme.example")
MAJA = Guest("Lindqvist, Maja", "maja@nordlys.example")
TIAGO = Guest("Tiago Ferreira", "tiago@mare.example")
AMARA = Guest("Amara Diallo", "amara@baobab.example")
LUCAS = Guest("Lucas Moreau", "lucas@atelier.example")
PRIYA = Guest("Priya Nair", "priya@monsoon.example")
EWA = Guest("Ewa Kowalska", "ewa@wisla.example")
MAI = Guest("Mai Nguyen", "mai@lotus.example")
KENJI = Guest("Kenji Watanabe", "kenji@hana.example")
HASSAN = Guest("Hassan El Amrani", "hassan@kestrel.example")
NOOR = Guest("Noor Haddad", "noor@cedar.example")
VICTOR = Guest("Victor Petrov", "victor@formerly.example")
CHAD = Guest("Chad Barker", "chad@moonshot.example")
SOFIA = Guest("Sofia Rossi", "sofia@jobclub.example")
JONAS = Guest("Jonas Weber", "jonas@jobclub.example")
CORNER = Guest("Coffee corner, 3rd floor", "corner@library.example", "ROOM")


@dataclass(frozen=True, slots=True)
class Appointment:
    """An event as it stands in the calendar; `start` is wall-clock in Lisbon. Robin organised it unless said."""

    uid: str
    title: str
    start: str
    minutes: int
    guests: tuple[Guest, ...]
    place: str = ""
    organiser: Guest | None = None
    answer: str = "ACCEPTED"
    repeats: str = ""
    status: str = "CONFIRMED"
    sequence: int = 0

    def ics(self) -> str:
        """A calendar with this one event (RFC 5545)."""
        start = wall(self.start)
        end = start + timedelta(minutes=self.minutes)
        host = self.organiser or Guest(NAME, ME)
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//A sample spring//EN",
            "BEGIN:VEVENT",
            f"UID:{self.uid}@calendar.example",
            "DTSTAMP:20260228T180000Z",
            f"SEQUENCE:{self.sequence}",
            f"STATUS:{self.status}",
            f"DTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}",
            f"DTEND;TZID={ZONE}:{end:%Y%m%dT%H%M%S}",
            f"SUMMARY:{_escaped(self.title)}",
            *([f"LOCATION:{_escaped(self.place)}"] if self.place else []),
            *([f"RRULE:{self.repeats}"] if self.repeats else []),
            f'ORGANIZER;CN="{host.name}":mailto:{host.email}',
            f'ATTENDEE;CN="{NAME}";PARTSTAT={self.answer}:mailto:{ME}',
            *(
                f'ATTENDEE;CN="{one.name}";CUTYPE={one.kind};PARTSTAT=ACCEPTED:mailto:{one.email}'
                for one in self.guests
            ),
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str, width: int = 70) -> list[str]:
    """A line in pieces that no program stumbles over (RFC 5545 section 3.1); all letters here have few octets."""
    pieces = [line[at : at + width] for at in range(0, len(line), width)]
    return [pieces[0], *(f" {piece}" for piece in pieces[1:])]


COFFEE_EWA = Appointment("ewa", "Coffee with Ewa", "2026-03-17 10:00", 60, (EWA,), "Jardim da Estrela")
COFFEE_MAI = Appointment("mai", "Coffee with Mai", "2026-03-18 11:00", 60, (MAI,), "Fábrica Coffee Roasters")
CHAT_KENJI = Appointment("kenji", "Chat with Kenji", "2026-03-24 16:00", 60, (KENJI,))

CALENDAR = (
    Appointment(
        "stand-up",
        "Job club stand-up, with coffee",
        "2026-03-02 09:30",
        30,
        (SOFIA, JONAS),
        repeats="FREQ=WEEKLY;COUNT=8",
    ),
    Appointment("dana", "Coffee with Dana", "2026-03-03 15:00", 60, (DANA,), "Café A Brasileira"),
    Appointment("maja", "Chat about design systems", "2026-03-05 11:00", 45, (MAJA,), organiser=MAJA),
    Appointment("tiago", "Coffee with Tiago", "2026-03-06 10:00", 60, (TIAGO,), "LX Factory"),
    Appointment("corner", "Coffee corner, for phone calls", "2026-03-10 14:00", 60, (CORNER,)),
    Appointment("chad", "Coffee and crypto", "2026-03-11 17:00", 60, (CHAD,), organiser=CHAD, answer="DECLINED"),
    Appointment(
        "lunch", "Lunch with the climate people", "2026-03-12 13:00", 75, (AMARA, LUCAS, PRIYA), "Time Out Market"
    ),
    COFFEE_EWA,
    COFFEE_MAI,
    CHAT_KENJI,
    Appointment("hassan", "Interview: data lead", "2026-03-26 10:00", 60, (HASSAN,), "Kestrel", organiser=HASSAN),
    Appointment("victor", "Lunch with Victor", "2026-03-31 12:30", 60, (VICTOR,)),
    Appointment("noor", "Walk with Noor", "2026-04-02 16:00", 60, (NOOR,), "Miradouro da Graça"),
)

CARDS = """\
BEGIN:VCARD
VERSION:4.0
FN:Dana Okafor
N:Okafor;Dana;;;
EMAIL:dana@acme.example
ORG:Acme
NOTE:Hiring a data lead in spring
CATEGORIES:network
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Tiago Ferreira
N:Ferreira;Tiago;;;
EMAIL:tiago@mare.example
ORG:Maré
LANG:pt
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Hassan El Amrani
N:El Amrani;Hassan;;;
EMAIL;TYPE=INTERNET:hassan@kestrel.example
ORG:Kestrel
END:VCARD
"""

PEOPLE = """\
# People kept by hand; the vCards in contacts/ are asked first.
people:
  - name: Kenji Watanabe
    emails: [kenji@hana.example]
    organisation: Hana
    notes: Knows everybody who ever built a sensor

  - name: Victor Petrov
    emails: [victor@formerly.example]
    organisation: The firm I left
    do_not_contact: true
"""

TEMPLATES = {
    "thank-you.pt.md": """\
---
subject: Um agradecimento, {{ person.first_name }}
---
Olá {{ person.first_name }},

Agradeço-te o tempo que me deste {{ meeting.when }}. Gostei muito da conversa.

Não me sai da cabeça o que disseste sobre {{ gap("a ideia que me ficou") }}.

Falaste de {{ gap("algo de que precisam") }}. Se eu puder ajudar, diz-me.

{{ me.signature }}
""",
    "check-in.pt.md": """\
---
subject: Um olá de {{ me.name }}
---
Olá {{ person.first_name }},

Falámos pela última vez {{ last_contact }}. Como correu {{ gap("aquilo em que estavam a trabalhar") }}?

Por aqui, {{ gap("uma novidade minha, numa frase") }}.

Um abraço,

{{ me.signature }}
""",
}
