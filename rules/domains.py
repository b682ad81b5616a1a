"""Mail domains: which address belongs to which organisation, and which domains belong to everybody."""

from __future__ import annotations

PUBLIC = frozenset({
    "126.com", "163.com", "aol.com", "bluewin.ch", "btinternet.com", "comcast.net", "duck.com", "fastmail.com",
    "fastmail.fm", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net",
    "googlemail.com", "hey.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr",
    "hotmail.it", "hushmail.com", "icloud.com", "inbox.lv", "laposte.net", "libero.it", "live.co.uk", "live.com",
    "live.nl", "mac.com", "mail.com", "mail.ru", "mailbox.org", "mailfence.com", "me.com", "msn.com", "naver.com",
    "orange.fr", "outlook.com", "outlook.de", "outlook.es", "outlook.fr", "outlook.pt", "pm.me", "posteo.de",
    "posteo.net", "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "riseup.net", "rocketmail.com",
    "sapo.pt", "seznam.cz", "sfr.fr", "t-online.de", "tiscali.it", "tuta.com", "tuta.io", "tutanota.com",
    "virgilio.it", "wanadoo.fr", "web.de", "wp.pl", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de",
    "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
})  # fmt: skip
"""Domains where anybody can have an address: sharing one says nothing about working together."""


def domain(email: str) -> str:
    """The part after the @."""
    return email.rpartition("@")[2]


def organisation(email: str) -> str | None:
    """The mail domain that stands for an organisation; None for a public one."""
    name = domain(email)
    return None if not name or name in PUBLIC else name
