"""Files as a user may write them, right ones and broken ones, by their kind."""

from __future__ import annotations

from typing import Any

STEP = {"id": "s", "template": "thank-you", "after": "2 hours"}
ME = {"name": "Robin", "emails": ["robin@example.org"], "time_zone": "Europe/Lisbon"}
IMAP = {"imap": "imap.example.org", "user": "robin"}
COMMAND = {"command": "pass show x"}
COFFEE = {"title": "Coffee", "with": "dana@acme.example", "ends": "2026-03-03 11:00"}
DRAFT = {"rule": "coffee", "step": "thank-you", "to": "me", "placed": "2026-03-03 11:00"}


def rule(**changed: Any) -> dict[str, Any]:
    return {"rules": [{"id": "a", "steps": [STEP], **changed}]}


def step(**said: Any) -> dict[str, Any]:
    return rule(steps=[{"id": "s", "template": "thank-you", **said}])


def configured(**changed: Any) -> dict[str, Any]:
    return {"version": 1, "me": ME, "calendars": [{"id": "c", "ics": "x/"}], "mailbox": {"maildir": "~"}, **changed}


def rule_test(**said: Any) -> dict[str, Any]:
    return {"tests": [{"name": "a", "meeting": COFFEE, "expect": "none", **said}]}


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("rules", {"rules": []}),
    ("rules", rule()),
    ("rules", rule(about="", when={"all_day": "any"}, unless={"title": "x", "all_day": True})),
    ("rules", rule(when={"title": "/a|b/", "calendar": ["feed"], "location": ["x"], "description": "#x",
                         "attendees": {"at_least": 0, "at_most": 3, "external": False},
                         "person": {"tag": "x", "email": ["*@acme.example"], "known": True},
                         "duration": {"at_least": "15m", "at_most": "1H and 30 Minutes"},
                         "organiser": "others", "recurring": True, "first_meeting": False, "all_day": False})),
    ("rules", step(after="3 Business  Days", by="1w", expires="2 months", window="Mon, Wed 9:00-24:00", to="all",
                   thread="reply", own=["x"])),
    ("rules", step(every="6 weeks", at_most=1, window="working hours", template=["thank-you", "thank-you"])),
    ("rules", step(before="1d 2h", window="every day 08:00\N{EN DASH}20:00")),
    ("people", {"people": []}),
    ("people", {"people": [{"name": "Dana", "emails": "dana@acme.example", "tags": "x", "organisation": "",
                            "language": "pt-BR", "time_zone": "Asia/Tokyo", "notes": "x", "do_not_contact": True}]}),
    ("afterword", configured()),
    ("afterword", configured(calendars=[], contacts=[], google={}, courtesy={}, notify="none")),
    ("afterword", configured(
        me={**ME, "working_hours": "weekdays 09:00-18:00", "holidays": "DE-BY", "signature": "R.\n"},
        calendars=[
            {"id": "a", "ics": "webcal://calendar.example/a.ics", "local": True},
            {"id": "b", "caldav": "cloud.example", "user": "robin", "password": {"file": "x"}, "calendars": ["W"],
             "local": False, "certificate": "c.pem"},
            {"id": "c", "google": "primary"},
        ],
        contacts=[{"vcards": "x"}, {"people": "people.yaml"}, {"google": {}},
                  {"carddav": "cloud.example", "user": "robin", "password": {"keyring": "x"}, "books": ["B"]}],
        mailbox={**IMAP, "password": {"credential": "x"}, "port": 143, "starttls": True, "certificate": "c.pem",
                 "drafts": "D", "sent": "S", "trash": "T"},
        google={"client": "c.json", "service_account": "s.json", "user": "robin@example.org",
                "endpoint": "http://127.0.0.1:8085"},
        courtesy={"min_gap": "5 days", "per_day": 1, "per_organisation": "3 a week", "one_open_draft": False},
        notify={"command": "notify-send x"}, poll="5m", plan_ics="~/p.ics", backfill="2 days")),
    ("afterword", configured(mailbox={**IMAP, "imap": "imap.gmail.com", "oauth": "google"})),
    ("afterword", configured(mailbox={**IMAP, "oauth": COMMAND, "imap": "localhost", "plain": True})),
    ("afterword", configured(mailbox={"gmail": {}})),
    ("afterword", configured(mailbox={"maildir": "~/Mail", "drafts": "D", "sent": "S", "trash": "T"})),
    ("tests", rule_test()),
    ("tests", rule_test(expect=[], because="title")),
    ("tests", rule_test(because={"coffee": ["unless title", "duration"]})),
    ("tests", {"people": [], "tests": [{"name": "a", "at": " 2026-03-03 11:00", "expect": []}]}),
    ("tests", rule_test(
        meeting={**COFFEE, "with": ["Dana O <dana@acme.example>"], "lasts": "45 minutes", "calendar": "feed",
                 "description": "", "location": "x", "organiser": "dana@acme.example", "answer": "tentative",
                 "declined": "lee@acme.example", "recurring": True, "all_day": True, "cancelled": True},
        meetings=[COFFEE], at="2026-03-05 11:00", until="2026-05-03 11:00",
        mails=[{"from": "dana@acme.example", "at": "2026-03-04 09:30", "kind": "automatic", "subject": "Away",
                "away_until": "2026-03-16 09:00"}, {"to": ["dana@acme.example"], "at": "2026-03-04 09:30"}],
        drafts=[{**DRAFT, "edited": "2026-03-03 12:00", "sent": "2026-03-03 12:00"},
                {**DRAFT, "snoozed": "2026-03-03 12:00", "until": "2026-03-05 12:00"},
                {**DRAFT, "deleted": "2026-03-03 12:00"}, {**DRAFT, "skipped": "2026-03-03 12:00"}],
        expect=[{"rule": "coffee", "step": "thank-you", "to": ["dana@acme.example", "me"], "due": "2026-03-03 12:00",
                 "by": "2026-03-03 12:00", "expires": "2026-03-03 12:00", "drafted": "2026-03-03 12:00",
                 "from": "robin@example.org", "template": "thank-you", "subject": "", "text": "x", "why": ["y"]}])),
]  # fmt: skip

BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("rules", {}),
    ("rules", {"rules": [{"id": "a"}]}),
    ("rules", rule(id="a b")),
    ("rules", rule(steps=[])),
    ("rules", rule(tittle="x")),
    ("rules", rule(when={"tittle": "x"})),
    ("rules", rule(when={"title": [1]})),
    ("rules", rule(when={"attendees": {"at_most": 0}})),
    ("rules", rule(when={"attendees": 3})),
    ("rules", rule(when={"organiser": "you"})),
    ("rules", rule(when={"recurring": "yes"})),
    ("rules", step(after=2)),
    ("rules", step(after="2 huors")),
    ("rules", step(after="soon")),
    ("rules", step(after="1h", window="office hours")),
    ("rules", step(after="1h", window="mon-fry 09:00-10:00")),
    ("rules", step(after="1h", window="weekdays")),
    ("rules", step(after="1h", template=[])),
    ("rules", step()),
    ("rules", step(after="1h", every="2w")),
    ("rules", step(every="1w", by="1d")),
    ("rules", step(after="1h", at_most=2)),
    ("rules", step(every="1w", to="all")),
    ("rules", step(every="1w", at_most=0)),
    ("rules", step(after="1h", to="everybody")),
    ("people", {"people": [{"name": "Dana"}]}),
    ("people", {"people": [{"name": " ", "emails": "dana@acme.example"}]}),
    ("people", {"people": [{"name": "Dana", "emails": ["dana"]}]}),
    ("people", {"people": [{"name": "Dana", "emails": []}]}),
    ("people", {"people": [{"name": "Dana", "emails": "a@b.example", "language": "Portuguese"}]}),
    ("people", {"people": [{"name": "Dana", "emails": "a@b.example", "do_not_contact": "yes"}]}),
    ("afterword", {"version": 1}),
    ("afterword", configured(version=2)),
    ("afterword", configured(version=True)),
    ("afterword", configured(me={**ME, "emails": "robin at example.org"})),
    ("afterword", configured(calendars=[{"id": "c"}])),
    ("afterword", configured(calendars=[{"ics": "x/"}])),
    ("afterword", configured(calendars=[{"id": "c", "caldav": "x.example", "user": "robin"}])),
    ("afterword", configured(calendars=[{"id": "c", "caldav": "x.example", "calendars": []}])),
    ("afterword", configured(calendars=[{"id": "c", "caldav": "x.example", "user": "r", "password": "secret"}])),
    ("afterword", configured(contacts=[{"carddav": "x.example", "user": "r", "password": {**COMMAND, "file": "x"}}])),
    ("afterword", configured(contacts=[{"google": "yes"}])),
    ("afterword", configured(mailbox=IMAP)),
    ("afterword", configured(mailbox={**IMAP, "password": COMMAND, "oauth": COMMAND})),
    ("afterword", configured(mailbox={**IMAP, "password": COMMAND, "port": 0})),
    ("afterword", configured(mailbox={**IMAP, "oauth": "ya29.token"})),
    ("afterword", configured(google={"user": "robin@example.org"})),
    ("afterword", configured(courtesy={"per_day": 0})),
    ("afterword", configured(courtesy={"per_organisation": "3 weekly"})),
    ("afterword", configured(notify="mail")),
    ("tests", {"tests": []}),
    ("tests", {"tests": [{"name": "a", "expect": "none"}]}),
    ("tests", {"tests": [{"name": "a", "expect": "none", "at": "2026-03-03 11:00", "because": "title"}]}),
    ("tests", rule_test(expect="nothing")),
    ("tests", rule_test(expect=[{}])),
    ("tests", rule_test(expect=[{"rule": "coffee", "stepp": "thank-you"}])),
    ("tests", rule_test(because="titel")),
    ("tests", rule_test(at="tomorrow")),
    ("tests", rule_test(meeting={**COFFEE, "answer": "maybe"})),
    ("tests", rule_test(meeting={**COFFEE, "organiser": "you"})),
    ("tests", rule_test(mails=[{"at": "2026-03-04 09:30"}])),
    ("tests", rule_test(mails=[{"at": "2026-03-04 09:30", "to": "a@b.example", "from": "a@b.example"}])),
    ("tests", rule_test(drafts=[{**DRAFT, "sent": "2026-03-03 12:00", "deleted": "2026-03-03 12:00"}])),
    ("tests", rule_test(drafts=[{**DRAFT, "snoozed": "2026-03-03 12:00"}])),
]
