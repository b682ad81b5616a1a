"""Whole mails as programs write them, in our own words: what comes back to a note that was sent to Dana.

`{sent}` stands for the Message-ID of the note, `{subject}` for its subject. All come from dana@acme.example (but for
bounces) to robin@example.org, and are read as bytes of UTF-8.
"""

from __future__ import annotations

NO_ANSWERS: dict[str, str] = {}
"""What no person wrote to me just now."""
ANSWERS: dict[str, str] = {}
"""Their near neighbours that are answers."""


def _mail(head: str, body: str = "Words.", *, sender: str = "Dana Okafor <dana@acme.example>") -> str:
    head = head.strip("\n")
    own = "" if "\nMessage-ID:" in f"\n{head}" else "Message-ID: <5f1c-77@acme.example>\n"
    return (
        f"From: {sender}\nTo: Robin Vale <robin@example.org>\nDate: Tue, 03 Mar 2026 20:40:00 +0000\n{own}"
        f"MIME-Version: 1.0\n{head}\n\n{body}\n"
    )


# --- automatic answers -----------------------------------------------------------------------------------------

NO_ANSWERS["gmail-vacation"] = _mail(
    """
Subject: Away until Monday Re: {subject}
In-Reply-To: {sent}
References: {sent}
Message-ID: <CAJ7x+5=vacation@mail.gmail.com>
Auto-Submitted: auto-replied
X-Autoreply: yes
Precedence: bulk
X-Received: by 2002:a05:6402:1e8c:b0:5e4 with SMTP id 4fb4d7f45d1cf; Tue, 03 Mar 2026 12:40:00 -0800 (PST)
Content-Type: multipart/alternative; boundary="000000000000a1b2"
""",
    """--000000000000a1b2
Content-Type: text/plain; charset="UTF-8"

I am on holiday.

--000000000000a1b2
Content-Type: text/html; charset="UTF-8"

<div dir="ltr">I am on holiday.</div>

--000000000000a1b2--""",
)

NO_ANSWERS["microsoft-365"] = _mail(
    """
Subject: Automatic reply: {subject}
Thread-Topic: {subject}
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
In-Reply-To: {sent}
References: {sent}
Message-ID: <dd81f0a66d0b4a2b@DB9PR01MB7777.eurprd01.prod.exchangelabs.com>
Accept-Language: en-GB, en-US
Content-Language: en-GB
X-MS-Has-Attach:
X-Auto-Response-Suppress: All
X-MS-Exchange-Inbox-Rules-Loop: dana@acme.example
X-MS-TNEF-Correlator:
x-ms-exchange-parent-message-id: {sent}
auto-submitted: auto-generated
x-ms-exchange-generated-message-source: Mailbox Rules Agent
Content-Type: multipart/alternative; boundary="_000_dd81f0_"
""",
    """--_000_dd81f0_
Content-Type: text/plain; charset="us-ascii"

I am out of the office.

--_000_dd81f0_
Content-Type: text/html; charset="us-ascii"

<html><body><p>I am out of the office.</p></body></html>

--_000_dd81f0_--""",
)

NO_ANSWERS["exchange-2010-without-marks"] = _mail(
    """
Subject: Automatische Antwort: {subject}
Thread-Index: AczJ+q4yI8t0hFhQQ0uV==
X-MS-Has-Attach:
X-Auto-Response-Suppress: All
X-MS-TNEF-Correlator:
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable
""",
    "Ich bin nicht im B=FCro.",
)

NO_ANSWERS["outlook-rule-with-a-template"] = _mail(
    """
Subject: Thank you for your mail
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
X-MS-Exchange-Inbox-Rules-Loop: dana@acme.example
X-MS-Has-Attach:
Content-Type: text/plain; charset="utf-8"
""",
    "I read my mail twice a day.",
)

NO_ANSWERS["exchange-2003"] = _mail(
    """
Subject: Out of Office AutoReply: {subject}
Thread-Topic: {subject}
Thread-Index: AcnJ+q4yI8t0hFhQQ0uV==
X-MimeOLE: Produced By Microsoft Exchange V6.5
Content-class: urn:content-classes:message
Content-Type: text/plain; charset="iso-8859-1"
""",
    "I am out of the office.",
)

NO_ANSWERS["dovecot-sieve"] = _mail(
    """
Return-Path: <>
Subject: Auto: {subject}
In-Reply-To: {sent}
References: {sent}
Message-ID: <dovecot-sieve-1772570400-337613-0@mx.acme.example>
X-Sieve: Pigeonhole Sieve 0.5.20
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
X-Auto-Response-Suppress: All
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
""",
    "I am away.",
)

NO_ANSWERS["zimbra"] = _mail(
    """
Subject: Re: {subject}
In-Reply-To: {sent}
Auto-Submitted: auto-replied (zimbra; vacation)
Precedence: bulk
Message-ID: <1120434.881.1772570400.JavaMail.zimbra@acme.example>
Content-Type: text/plain; charset=utf-8
""",
    "I am away.",
)

NO_ANSWERS["notes"] = _mail(
    """
Subject: AUTO: Dana Okafor is out of the office (returning 16/03/2026)
In-Reply-To: {sent}
Auto-Submitted: auto-generated
X-Mailer: Lotus Domino Release 9.0.1
Message-ID: <OF1A2B3C4D.5E6F7081-ON802588A0.00711111@acme.example>
Content-Type: text/plain; charset=US-ASCII
""",
    "I am out of the office until 16/03/2026.",
)

NO_ANSWERS["notes-without-the-mark"] = _mail(
    """
Subject: AUTO: Dana Okafor is out of the office (returning 16/03/2026)
X-Mailer: Lotus Domino Release 6.5.4
Content-Type: text/plain; charset=US-ASCII
""",
    "I am out of the office until 16/03/2026.",
)

NO_ANSWERS["icloud-and-other-rfc-3834"] = _mail(
    """
Return-Path: <>
Subject: Re: {subject}
In-Reply-To: {sent}
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=us-ascii
""",
    "I am away.",
)

NO_ANSWERS["unix-vacation"] = _mail(
    """
Subject: away from my mail
In-Reply-To: {sent}
Precedence: bulk
""",
    "I will read your mail when I am back.",
)

NO_ANSWERS["cpanel"] = _mail("""
Subject: Away
Auto-Submitted: auto-replied
X-Autorespond: {subject}
X-Precedence: auto_reply
""")

NO_ANSWERS["communigate"] = _mail("""
Subject: Re: {subject}
X-Autogenerated: Reply
X-Mailer: CommuniGate Pro Rules
""")

NO_ANSWERS["firstclass"] = _mail("""
Subject: Re: {subject}
X-FC-MachineGenerated: true
""")

NO_ANSWERS["qmail"] = _mail("""
Delivered-To: Autoresponder
Subject: Re: {subject}
""")

NO_ANSWERS["helpdesk-acknowledges"] = _mail(
    """
Subject: [#48213] We have received your mail
In-Reply-To: {sent}
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
Precedence: bulk
""",
    "Your request is now ticket 48213.",
)

# --- bounces, delays, receipts ---------------------------------------------------------------------------------

_REPORT = """--report
Content-Type: text/plain; charset=us-ascii

The mail could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; dana@acme.example
Action: {action}
Status: {status}

--report
Content-Type: text/rfc822-headers

Message-ID: {{sent}}
Subject: {{subject}}

--report--"""


def _report(head: str, action: str = "failed", status: str = "5.1.1", *, sender: str) -> str:
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="report"'
    return _mail(f"{head.strip()}\n{kind}", _REPORT.format(action=action, status=status), sender=sender)


POSTFIX = "Mail Delivery System <MAILER-DAEMON@mx.acme.example>"
NO_ANSWERS["postfix"] = _report(
    """
Return-Path: <>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
In-Reply-To: {sent}
""",
    sender=POSTFIX,
)
NO_ANSWERS["postfix-delays"] = _report(
    """
Return-Path: <>
Subject: Delayed Mail (still being retried)
Auto-Submitted: auto-replied
""",
    "delayed",
    "4.4.1",
    sender=POSTFIX,
)
NO_ANSWERS["exim"] = _mail(
    """
Return-path: <>
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied
X-Failed-Recipients: dana@acme.example
References: {sent}
""",
    "This message was created automatically.",
    sender="Mail Delivery System <Mailer-Daemon@mx.acme.example>",
)
NO_ANSWERS["gmail-bounces"] = _report(
    """
Return-Path: <>
Subject: Delivery Status Notification (Failure)
Auto-Submitted: auto-replied
X-Failed-Recipients: dana@acme.example
In-Reply-To: {sent}
References: {sent}
""",
    sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
)
NO_ANSWERS["microsoft-365-bounces"] = _report(
    """
Subject: Undeliverable: {subject}
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
In-Reply-To: {sent}
References: {sent}
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
""",
    sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.example>",
)
NO_ANSWERS["their-own-address-says-it-bounced"] = _report(
    """
Return-Path: <>
Subject: Mail could not be delivered
""",
    sender="dana@acme.example",
)
NO_ANSWERS["an-old-bounce-under-their-name"] = _mail(
    """
Return-Path: <>
Subject: failure notice
""",
    "Sorry, no mailbox here by that name.",
)
NO_ANSWERS["read-receipt"] = _mail(
    """
Subject: Read: {subject}
In-Reply-To: {sent}
References: {sent}
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
Content-Type: multipart/report; report-type=disposition-notification; boundary="report"
""",
    """--report
Content-Type: text/plain

Your message was read on Tuesday, 3 March 2026.

--report
Content-Type: message/disposition-notification

Disposition: manual-action/MDN-sent-manually; displayed

--report--""",
)
NO_ANSWERS["outlook-recalls"] = _mail(
    """
Subject: Recall: {subject}
Thread-Topic: {subject}
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
X-MS-Has-Attach:
X-MS-TNEF-Correlator: <recall@acme.example>
Content-Type: multipart/mixed; boundary="r"
""",
    "--r\nContent-Type: text/plain\n\nDana Okafor would like to recall the message.\n\n--r--",
)

# --- calendars -------------------------------------------------------------------------------------------------

_ICS = """--c
Content-Type: text/plain; charset=utf-8

Dana Okafor has accepted.

--c
Content-Type: text/calendar; method=REPLY; charset=utf-8

BEGIN:VCALENDAR
METHOD:REPLY
END:VCALENDAR

--c--"""
NO_ANSWERS["google-calendar-accepts"] = _mail(
    """
Reply-To: Dana Okafor <dana@acme.example>
Sender: Google Calendar <calendar-notification@google.com>
Auto-Submitted: auto-generated
Message-ID: <calendar-4bd2-11aa@google.com>
Subject: Accepted: Coffee @ Tue 10 Mar 2026 15:00 - 16:00 (WET) (Robin Vale)
Content-Type: multipart/mixed; boundary="c"
""",
    _ICS,
)
NO_ANSWERS["outlook-accepts"] = _mail(
    """
Subject: Accepted: Coffee
Thread-Topic: Coffee
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
In-Reply-To: <invitation@example.org>
References: <invitation@example.org>
X-MS-Has-Attach:
X-MS-TNEF-Correlator:
Content-Type: multipart/alternative; boundary="c"
""",
    _ICS,
)
NO_ANSWERS["outlook-declines-with-its-marks"] = _mail(
    """
Subject: Abgelehnt: Kaffee
X-MS-TrafficTypeDiagnostic: DB9PR01MB7777:EE_MeetingMessage
X-MS-Exchange-Calendar-Originator-Id: 1234;/o=ExchangeLabs
Content-Type: multipart/alternative; boundary="c"
""",
    _ICS,
)
NO_ANSWERS["microsoft-365-holds-a-time"] = _mail("""
Subject: Coffee
X-MS-TrafficTypeDiagnostic: DB9PR01MB7777:EE_MeetingMessage
Content-Type: application/ms-tnef; name="winmail.dat"
""")
NO_ANSWERS["outlook-passes-an-invitation-on"] = _mail(
    """
Subject: Meeting Forward Notification: Coffee
X-MS-Exchange-MeetingForward-Message: Forward
Content-Type: multipart/alternative; boundary="c"
""",
    _ICS,
)
NO_ANSWERS["apple-accepts"] = _mail(
    """
Subject: Accepted: Coffee
X-Mailer: iCloud Calendar
Content-Type: multipart/alternative; boundary="c"
""",
    _ICS,
)
NO_ANSWERS["thunderbird-accepts"] = _mail(
    """
Subject: Invitation Reply (Accepted): Coffee
Content-Type: text/calendar; method=REPLY; charset=UTF-8
""",
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR",
)

# --- lists -----------------------------------------------------------------------------------------------------

NO_ANSWERS["mailman"] = _mail("""
Subject: [talk] Next meeting
Precedence: list
List-Id: Talk <talk.lists.example>
List-Unsubscribe: <https://lists.example/talk>
X-BeenThere: talk@lists.example
X-Mailman-Version: 2.1.39
""")
NO_ANSWERS["google-groups"] = _mail("""
Subject: Next meeting
Precedence: list
Mailing-list: list talk@googlegroups.com; contact talk+owners@googlegroups.com
List-ID: <talk.googlegroups.com>
X-Google-Group-Id: 123456789
""")
NO_ANSWERS["newsletter"] = _mail("""
Subject: News from Acme
List-Unsubscribe: <https://news.example/u/1>, <mailto:u@news.example>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Precedence: bulk
""")

# --- passed on -------------------------------------------------------------------------------------------------

for name, mark in {
    "gmail": "Fwd",
    "outlook": "FW",
    "german": "WG",
    "french": "TR",
    "spanish": "RV",
    "portuguese": "ENC",
    "italian": "I",
    "swedish": "VB",
    "polish": "PD",
}.items():
    NO_ANSWERS[f"forwarded-{name}"] = _mail(
        f"""
Subject: {mark}: {{subject}}
In-Reply-To: {{sent}}
References: {{sent}}
""",
        "Look what Robin wrote.",
    )
NO_ANSWERS["forwarded-danish"] = _mail("""
Subject: VS: {subject}
In-Reply-To: {sent}
Accept-Language: da-DK, en-US
Content-Language: da-DK
""")
NO_ANSWERS["thunderbird-forwards"] = _mail("""
Subject: Fwd: {subject}
X-Forwarded-Message-Id: {sent}
""")
NO_ANSWERS["sent-again-by-somebody-else"] = _mail("""
Subject: Lunch
Resent-From: lee@acme.example
Resent-To: robin@example.org
Resent-Date: Tue, 03 Mar 2026 20:41:00 +0000
""")

# --- the neighbours that are answers ---------------------------------------------------------------------------

ANSWERS["plain"] = _mail(
    """
Subject: Re: {subject}
In-Reply-To: {sent}
References: {sent}
""",
    "It was good to see you!",
)
ANSWERS["a-new-mail"] = _mail("Subject: Lunch next week?")
ANSWERS["about-being-out-of-office"] = _mail(
    """
Subject: Out of office next week, lunch after?
""",
    "I am out of the office until 16 March.",
)
ANSWERS["outlook"] = _mail(
    """
Subject: RE: {subject}
Thread-Topic: {subject}
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
In-Reply-To: {sent}
References: {sent}
Accept-Language: en-GB, en-US
Content-Language: en-GB
X-MS-Has-Attach: yes
X-MS-TNEF-Correlator:
X-MS-TrafficTypeDiagnostic: DB9PR01MB7777:EE_
Content-Type: multipart/alternative; boundary="o"
""",
    "--o\nContent-Type: text/plain\n\nThank you too!\n\n--o--",
)
ANSWERS["asks-to-be-spared-automatic-answers"] = _mail("""
Subject: RE: {subject}
In-Reply-To: {sent}
X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply
""")
ANSWERS["asks-to-be-spared-all-of-them"] = _mail("""
Subject: Out for a walk, and thinking of our talk
X-Auto-Response-Suppress: All
""")
ANSWERS["answers-an-automatic-answer"] = _mail(
    """
Subject: RE: Automatic reply: {subject}
In-Reply-To: <auto@acme.example>
References: {sent} <auto@acme.example>
""",
    "I am back.\n\n> Automatic reply: I am out of the office.",
)
ANSWERS["says-that-it-is-not-automatic"] = _mail("""
Subject: Re: {subject}
Auto-Submitted: no
X-Autoreply: no
""")
ANSWERS["answers-a-forwarded-mail"] = _mail("Subject: Re: Fwd: {subject}\nIn-Reply-To: {sent}")
ANSWERS["finnish-outlook"] = _mail("""
Subject: VS: {subject}
In-Reply-To: {sent}
References: {sent}
Accept-Language: fi-FI, en-US
Content-Language: fi-FI
""")
ANSWERS["finnish-without-a-language"] = _mail("Subject: VS: {subject}\nIn-Reply-To: {sent}")
ANSWERS["types-accepted"] = _mail("Subject: Accepted: your offer of coffee")
ANSWERS["answers-an-invitation-in-words"] = _mail(
    """
Subject: RE: Accepted: Coffee
Thread-Index: AQHbjF0t2nq0vJ0kE0e0J0aS2cQ==
In-Reply-To: <accepted@acme.example>
Content-Type: multipart/alternative; boundary="o"
""",
    "--o\nContent-Type: text/plain\n\nSee you!\n\n--o--",
)
ANSWERS["types-recall"] = _mail("Subject: Recall: what you said about maps")
ANSWERS["my-mailbox-passes-it-on"] = _mail("""
Subject: RE: {subject}
In-Reply-To: {sent}
Resent-From: <robin@work.example>
X-MS-Exchange-Inbox-Rules-Loop: robin@work.example
X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent
Auto-Submitted: auto-generated
""")
ANSWERS["communigate-redirects"] = _mail("Subject: Re: {subject}\nX-Autogenerated: Redirect")
ANSWERS["gmail-with-a-list-address-in-copy"] = _mail("""
Cc: talk@lists.example
Subject: Re: {subject}
In-Reply-To: {sent}
X-Gm-Message-State: AOJu0Yx
""")
