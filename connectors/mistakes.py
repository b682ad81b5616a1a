"""What is wrong with a message that must not be laid down."""

from __future__ import annotations

from connectors.base import PermanentError


class MessageError(PermanentError):
    """A note that cannot become a message as it was meant; nothing was laid down."""
