"""Whom to believe over TLS: the authorities that this machine knows, and the certificate of a server of one's own."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from connectors.base import PermanentError

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = frozenset({18, 19, 20, 21})
"""What OpenSSL says of a certificate that nobody it knows has signed (X509_V_ERR_…, x509_vfy.h)."""


def believing(certificate: Path | None) -> ssl.SSLContext:
    """A context that checks certificates; `certificate` is a file of some to believe beside the usual ones.

    Raises:
        PermanentError: it cannot be read, or is none.
    """
    context = ssl.create_default_context()
    if certificate is not None:
        try:
            context.load_verify_locations(certificate)
        except (OSError, ssl.SSLError) as error:
            why = "it is no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
            raise PermanentError(
                f"the certificate cannot be read: {why}",
                "Write `certificate:` as the file with the certificate of the server, which begins with -----BEGIN",
                file=str(certificate),
            ) from error
    return context


def unbelieved(server: str, certificate: Path, why: str) -> PermanentError:
    """The error of a server whose certificate is not the one in this file, nor signed by it."""
    return PermanentError(
        f"the certificate of {server} is not believed with the one in this file: {why}",
        "Put the certificate into it that the server or bridge exports now, or that of the authority which signed "
        "it. If it was right and nothing changed there, somebody may be in between.",
        file=str(certificate),
    )
