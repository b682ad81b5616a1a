"""Who wrote a mail: a person, or a program of theirs. Only a person's own words are a contact or an answer."""

from __future__ import annotations

import re
from typing import Protocol

from rules.model import MailKind


class _Fields(Protocol):
    @property
    def items(self) -> tuple[tuple[str, str], ...]: ...

    def __contains__(self, name: str) -> bool: ...

    def get(self, name: str) -> str: ...


_AUTOMATIC_FIELDS = (
    "x-autoreply", "x-autoreply-from", "x-auto-reply", "x-autorespond", "x-autoresponse", "x-auto-response",
    "x-mail-autoreply", "x-vacation", "x-fc-machinegenerated",
)  # fmt: skip
"""Fields of autoresponders: Gmail, cPanel, Zimbra, Kerio, FirstClass. X-Auto-Response-Suppress is not among them:
Exchange and many programs put it on ordinary mail, to be spared the answers of others ([MS-OXCMAIL] section
2.1.3.2.20)."""

_LIST_FIELDS = (
    "list-id", "list-unsubscribe", "list-post", "list-help", "mailing-list", "x-mailing-list", "x-beenthere",
    "x-google-group-id",
)  # fmt: skip
"""RFC 2369 and RFC 2919; what Mailman and Google Groups write besides."""

_NOBODY = re.compile(r"(?:no|do-?not|donot)[._-]?reply(?:[._+-].*)?", re.IGNORECASE)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail-?daemon|microsoftexchange[0-9a-f]{32}", re.IGNORECASE)
_VALUE = 2000
_EMAIL = re.compile(r"[^\s<>,;\"]{1,300}@[^\s<>,;\"]{1,300}")

_AWAY = re.compile(
    r"(?:automatic reply|auto[- ]?reply|auto[- ]?response|out of office (?:auto)?reply|automatische antwort|"
    r"abwesenheitsnotiz|automatische abwesenheitsnotiz|réponse automatique|respuesta automática|resposta automática|"
    r"risposta automatica|automatisch antwoord|automatische beantwoording|autosvar|automatiskt svar|automatisk svar|"
    r"automaattinen vastaus|odpowiedź automatyczna|automatická odpověď|automatikus válasz|otomatik yan[\u0131i]t|"
    r"автоматический ответ|автоматична відповідь|αυτόματη απάντηση|自動応答|自動返信|自动答复|自動回覆|자동 회신)"
    r"\s*[:\uff1a]|auto: .{0,200}(?:is out of the office|ist (?:ausser|außer) haus|est absente?\b|returning )",
    re.IGNORECASE,
)
"""How Exchange and Outlook begin the subject of an out-of-office answer, in their languages; Notes writes `AUTO: Dana
is out of the office (returning …)`. Nobody types these."""

_OUT_OF_OFFICE = re.compile(
    r"(?:out of (?:the )?office|abwesend|absence du bureau|fuera de la oficina)\b", re.IGNORECASE
)

_INVITED = re.compile(
    r"(?:accepted|declined|tentative|tentatively accepted|new time proposed|zugesagt|abgesagt|abgelehnt|"
    r"mit vorbehalt|vorläufig zugesagt|accepté|refusé|provisoire|aceptada|aceptado|rechazada|rechazado|provisional|"
    r"aceite|aceito|recusado|provisório|accettato|rifiutato|provvisorio|geaccepteerd|geweigerd|afgewezen|voorlopig|"
    r"accepterad|accepterat|avböjt|accepteret|afvist|godtatt|avslått|hyväksytty|hylätty|zaakceptowano|odrzucono|"
    r"cancell?ed(?: event)?|accept|decline|(?:event )?invitation (?:accepted|declined|cancell?ed)|"
    r"(?:accepted|declined|tentative|cancell?ed) invitation|(?:event )?invitation reply(?: \([^)]{0,40}\))?|"
    r"meeting forward notification)"
    r"\s*[:\uff1a]",
    re.IGNORECASE,
)
"""How calendars begin the subject of an answer to an invitation."""

_GOOGLE_INVITED = re.compile(r"(?:updated )?invitation[^:]{0,40}:.* @ |cancell?ed event[^:]{0,40}:.* @ ", re.IGNORECASE)
_ITIP = re.compile(
    r"\bmethod\s*=\s*\"?(?:reply|request|cancel|counter|publish|refresh|declinecounter)\b", re.IGNORECASE
)

_FORWARD = re.compile(
    r"\[?\s*(?:fwd?|wg|tr|rv|enc|i|vb|vl|pd|ilt|i̇lt|doorst|doorgest|továbbítás|πρθ|转发|轉寄|転送)\s*[:\uff1a]",
    re.IGNORECASE,
)
"""Fwd and FW, and what mail programs write instead in German (WG), French (TR), Spanish (RV), Italian (I), …"""
_VS = re.compile(r"\s*vs\s*:", re.IGNORECASE)
"""A forwarded mail in Danish and Norwegian, an answer in Finnish."""
_VS_FORWARDS = re.compile(r"\s*(?:da|nb|nn|no)\b", re.IGNORECASE)

_RECALLED = re.compile(r"(?:recall: |message recall (?:success|failure|report): )", re.IGNORECASE)


def kind_of(fields: _Fields, sender: str, subject: str, *, mine: bool, me: frozenset[str] = frozenset()) -> MailKind:
    """Who wrote it, from the headers alone. `mine`: it comes from me, and its subject proves nothing.

    `me` are my addresses: what a rule of mine has passed on to me is what it was before.
    """
    content = fields.get("content-type").casefold()
    if not mine and _is_bounce(fields, content, sender):
        return MailKind.BOUNCE
    if _is_calendar(fields, content, sender) or (not mine and _is_invitation(fields, content, subject)):
        return MailKind.CALENDAR
    passed_on = not me.isdisjoint(_emails(fields, "resent-from", "x-ms-exchange-inbox-rules-loop"))
    if _is_automatic(fields, content, sender, passed_on=passed_on) or (not mine and _is_away(fields, sender, subject)):
        return MailKind.AUTOMATIC
    if any(name in fields for name in _LIST_FIELDS) or _precedence(fields) in {"list", "bulk"}:
        return MailKind.LIST
    # Automatic answers leave the return path empty too (RFC 3834 section 3.3); they are known by now.
    if not mine and fields.get("return-path").replace(" ", "") == "<>":
        return MailKind.BOUNCE
    return MailKind.PERSONAL


def is_forwarded(fields: _Fields, subject: str, me: frozenset[str] = frozenset()) -> bool:
    """A mail passed on is no answer: its subject says so, or it was sent again as it was (RFC 5322 section 3.6.6).

    Gmail and Outlook give a forwarded mail an In-Reply-To, so that says nothing; an answer to it begins with Re.
    What I sent on to myself (`me`), from one mailbox to another, was meant for me.
    """
    if _FORWARD.match(subject) or "x-forwarded-message-id" in fields:
        return True
    if _VS.match(subject):
        language = fields.get("content-language") or fields.get("accept-language")
        return bool(_VS_FORWARDS.match(language)) or not ("in-reply-to" in fields or "references" in fields)
    resent = any(name.startswith("resent-") for name, _ in fields.items)
    return resent and me.isdisjoint(_emails(fields, "resent-from", "resent-sender"))


def _emails(fields: _Fields, *names: str) -> frozenset[str]:
    """The addresses in these fields."""
    values = (value for name, value in fields.items if name in names)
    return frozenset(email.casefold() for value in values for email in _EMAIL.findall(value[:_VALUE]))


def _precedence(fields: _Fields) -> str:
    return (fields.get("precedence") or fields.get("x-precedence")).strip().casefold()


def _is_bounce(fields: _Fields, content: str, sender: str) -> bool:
    """RFC 3464 (delivery status), Google's X-Failed-Recipients, Exchange's mark, and who it comes from."""
    if content.startswith("multipart/report"):
        return not ("disposition-notification" in content or "feedback-report" in content)
    return (
        "x-failed-recipients" in fields
        or "x-ms-exchange-message-is-ndr" in fields
        or _DAEMON.fullmatch(sender.partition("@")[0]) is not None
    )


def _is_calendar(fields: _Fields, content: str, sender: str) -> bool:
    """IMIP (RFC 6047) as far as the top headers show it; Exchange's and Google's own marks."""
    if "text/calendar" in content or content.startswith("application/ics") or _ITIP.search(content):
        return True
    if "calendarmessage" in fields.get("content-class").casefold():
        return True
    if "ee_meetingmessage" in fields.get("x-ms-traffictypediagnostic").casefold():
        return True
    notifier = "calendar-notification@google.com"
    if sender == notifier or notifier in fields.get("sender").casefold():
        return True
    if re.fullmatch(r"<calendar-[^<>@]+@google\.com>", fields.get("message-id").strip()):
        return True
    marks = ("x-ms-exchange-calendar-", "x-ms-exchange-meetingforward-")
    return any(name.startswith(marks) for name, _ in fields.items)


def _is_invitation(fields: _Fields, content: str, subject: str) -> bool:
    """By the subject, and only of a mail with parts that answers nothing: people write `Accepted:` themselves.

    Outlook's answers refer to the invitation; where somebody types an answer, it begins their subject with RE.
    """
    if not content.startswith("multipart/") or ("in-reply-to" in fields and "thread-index" not in fields):
        return False
    return bool(_INVITED.match(subject) or _GOOGLE_INVITED.match(subject))


def _is_automatic(fields: _Fields, content: str, sender: str, *, passed_on: bool) -> bool:
    """RFC 3834 section 5, the fields that came before it, and read receipts (RFC 8098).

    Exchange writes into X-MS-Exchange-Inbox-Rules-Loop whose rule made a mail: an answer out of the sender's own
    mailbox is automatic. One that a rule of mine has `passed_on` bears the mark of a made mail, and is none.
    """
    submitted = re.split(r"[\s;(]", fields.get("auto-submitted").strip().casefold())[0]
    if submitted not in {"", "no", *(("auto-generated",) if passed_on else ())}:
        return True
    if sender in _emails(fields, "x-ms-exchange-inbox-rules-loop"):
        return True
    if "x-ms-exchange-generated-message-source" in fields and not passed_on:
        return True
    if _by_autoresponder(fields):
        return True
    if any(name in fields and fields.get(name).strip().casefold() not in {"no", "false"} for name in _AUTOMATIC_FIELDS):
        return True
    return _precedence(fields) in {"auto_reply", "auto-reply", "junk"} or content.startswith("multipart/report")


def _by_autoresponder(fields: _Fields) -> bool:
    """CommuniGate's X-Autogenerated also stands on mail passed on as it was; Mailtraq's and qmail's marks."""
    return (
        fields.get("x-autogenerated").strip().casefold() in {"reply", "letter"}
        or "autoresponder" in fields.get("x-post-messageclass").casefold()
        or fields.get("delivered-to").strip().casefold() == "autoresponder"
    )


def _is_away(fields: _Fields, sender: str, subject: str) -> bool:
    if _NOBODY.fullmatch(sender.partition("@")[0]) or _AWAY.match(subject):
        return True
    # What Outlook writes when somebody takes a mail back, or has tried to.
    if _RECALLED.match(subject) and "x-ms-tnef-correlator" in fields:
        return True
    suppressed = "oof" in fields.get("x-auto-response-suppress").casefold() or (
        fields.get("x-auto-response-suppress").strip().casefold() == "all"
    )
    return suppressed and bool(_OUT_OF_OFFICE.match(subject))
