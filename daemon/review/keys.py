"""By which word a person stands in an address of the page: their mail address is hostile text, and stays out of it."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.sight import Sight


def path_by_email(sight: Sight, email: str) -> str:
    """Where the page of whoever has this address is; empty where `sight` knows no people, and so no page of one."""
    return "" if sight.view is None else person_path(sight.view.world.directory.key(email))


def person_path(key: str) -> str:
    """Where the page of the person with this key of the directory is."""
    return f"/people/{person_word(key)}"


def person_word(key: str) -> str:
    """Letters and digits alone, the same as long as the address is."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest).decode()[:16].lower()


def email_by_word(sight: Sight, word: str) -> str:
    """The mail address of whoever has this word; where nobody has it, the word itself: it may be a name."""
    return next((one.person.email for one in sight.everybody if person_word(one.key) == word), word) if word else ""
