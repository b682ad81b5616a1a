"""Households for the pages Coming and People: a few people with all that can be between us, and a crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases.home import Home
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

DANA, LEE, ZOE = "dana@acme.example", "lee@ito.example", "zoe/../../etc@quiet.example"
NOW = "2026-03-03 18:30"
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
PEOPLE = f"""\
people:
  - name: Dana Okafor
    emails: [{DANA}, dana@home.example]
    tags: [network, lisbon]
    organisation: Acme
    notes: Hiring in spring
  - {{name: Zoe Quiet, emails: ["{ZOE}"]}}
"""
RULES = """\
rules:
  - id: soft
    when: {title: [coffee, chat]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: news, template: news, after: 3 days}
"""


def acquainted(root: Path) -> Home:
    """A thank-you to Dana waits, a note to her is held back by it, and Lee is met on Thursday week."""
    made = Home.make(root, rules=RULES, people=PEOPLE)
    owed = "DESCRIPTION:#owe: send the paper\r\n"
    made.put("fair", event("u0", "2025-06-12 15:00", DANA, title="The fair"))
    made.put("dana", event("u1", "2026-03-03 15:00", DANA, title="Coffee with Dana", extra=owed))
    made.put("lee", event("u2", "2026-03-12 15:00", LEE, title=f"Coffee {HOSTILE}"))
    made.cycles("2026-03-03 11:00")
    made.deliver(DANA, "2026-03-03 11:30", subject=f"That book {HOSTILE}")
    made.deliver("robin@example.org", "2026-03-03 11:40", folder=".Sent", To=DANA)
    made.cycles("2026-03-03 12:00", "2026-03-03 18:00")
    return made


def crowd(root: Path, number: int) -> Home:
    """So many people, met six a day from Sunday 1 March 2026 on."""
    made = Home.make(root)
    events = []
    for one in range(number):
        days, slot = divmod(one, 6)
        start = f"2026-0{3 + days // 28}-{days % 28 + 1:02} {9 + slot:02}:00"
        events.append(event(f"u{one}", start, f"p{one}@firm{one % 70}.example", title=f"Coffee {one}", minutes=30))
    made.put("all", *events)
    made.once("2026-02-27 12:00")
    return made
