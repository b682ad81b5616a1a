"""Whether a mail came from outside, by the trace in its head."""

from __future__ import annotations

import pytest

from connectors.base import Folder
from connectors.headers import header
from tests.build import at

MX = "from mail.evil.example (mail.evil.example [192.0.2.1]) by mx.example.org (Postfix) with ESMTPS id 4A; Tue"
STORE = "from mx.example.org by store.example.org with LMTP id 9Z (envelope-from <robin@example.org>); Tue"
SUBMITTED = (
    "from [192.168.1.7] (unknown [203.0.113.4]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) "
    "(Authenticated sender: robin) by mx.example.org (Postfix) with ESMTPSA id 7B for <robin@example.org>; Tue"
)
PASSED = "mx.example.org; dkim=pass header.d=example.org; spf=pass smtp.mailfrom=example.org; dmarc=pass"


def outside(*fields: tuple[str, str]) -> bool:
    head = "".join(f"{name}: {value}\n" for name, value in fields)
    raw = f"{head}From: robin@example.org\nTo: ana@one.example\nSubject: Thanks\n\nWords\n".encode()
    now = at("2026-03-03 12:00")
    read = header(raw, folder=Folder.OTHER, ref="r", tag="t", received=now, mine=frozenset({"robin@example.org"}))
    assert read is not None
    return read.outside


def test_a_copy_that_a_mail_program_filed_has_no_trace_and_is_from_here() -> None:
    assert not outside()


@pytest.mark.parametrize("hops", [
    (MX,), (STORE, MX), (STORE, MX, SUBMITTED), (SUBMITTED, MX), (MX, MX),
    ("from mail.evil.example by mx.example.org; Tue",),
    ("from mx2.example.org by store.example.org with SMTP id 1; Tue", MX),
])  # fmt: skip
def test_one_hop_that_was_not_mine_is_enough_wherever_it_stands(hops: tuple[str, ...]) -> None:
    assert outside(*(("Received", hop) for hop in hops))


@pytest.mark.parametrize("hops", [
    (SUBMITTED,), (STORE, SUBMITTED),
    ("by store.example.org (Postfix, from userid 1000) id 3C; Tue",),
    ("by 2002:a05:6402:1::1 with SMTP id x; Tue",),
    ("from webmail.example.org ([203.0.113.4]) by mail.example.org with HTTP (HTTP/1.1 POST); Tue",),
    (SUBMITTED.replace("ESMTPSA", "UTF8SMTPSA"),), (SUBMITTED.replace("with ESMTPSA", "with\n\tesmtpsa"),),
])  # fmt: skip
def test_what_i_handed_in_under_a_password_or_on_the_machine_is_from_here(hops: tuple[str, ...]) -> None:
    assert not outside(*(("Received", hop) for hop in hops))


@pytest.mark.parametrize("name", [
    "with ESMTPSA", "x) with ESMTPSA (", "x (", "((((", "x) with ESMTPSA; Tue (", "local", "a by b with LMTP",
])  # fmt: skip
def test_a_stranger_who_calls_themselves_a_protocol_gains_nothing(name: str) -> None:
    assert outside(("Received", f"from unknown (HELO {name}) (192.0.2.1) by mx.example.org with SMTP; Tue"))
    assert outside(("Received", f"from {name} (192.0.2.1) by mx.example.org with ESMTP id 2; Tue"))


def test_results_that_passed_prove_nothing_and_one_that_failed_is_believed() -> None:
    assert outside(("Authentication-Results", PASSED), ("Received", MX))
    assert outside(("Received", SUBMITTED), ("Authentication-Results", "mx.example.org; spf=softfail"))
    assert outside(("Received", SUBMITTED), ("Authentication-Results", f"{PASSED} (p=none); dmarc = FAIL"))
    assert not outside(("Received", SUBMITTED), ("Authentication-Results", "mx.example.org; auth=pass; dkim=none"))
    assert outside(("Authentication-Results", PASSED))
    assert not outside(("Received", SUBMITTED), ("Authentication-Results", f"{PASSED} (dkim=fail was before)"))
