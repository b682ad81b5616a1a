"""A password is shown when it is asked for, to the account's own server, and in the way that the server wants it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import PermanentError, PermissionNeededError
from connectors.calendars.caldav import CaldavCalendar
from connectors.dav.auth import BASIC, DIGEST, Auth
from connectors.dav.client import Account, Client
from connectors.dav.vendors import password_hint
from tests.certificate import certified
from tests.conformance.calendars import one
from tests.dav.standin import HOME, Answer, Asked, Dav, dav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BASIC_ASKED = 'Basic realm="Cloud, of alice", charset="UTF-8"'
RFC = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.fixture
def server() -> Iterator[Dav]:
    with dav() as running:
        running.put("a.ics", one(uid="a"))
        yield running


def basic(user: str = "alice", password: str = "secret") -> Callable[[Asked], Answer | None]:
    """A server that wants this password as it is."""
    right = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def asks(asked: Asked) -> Answer | None:
        return None if asked.headers["Authorization"] == right else refusal(BASIC_ASKED)

    return asks


def digest(
    algorithm: str = "MD5",
    qop: str = "auth",
    nonces: tuple[str, ...] = ("n1",),
    who: tuple[str, str, str] = ("alice", "cloud", "secret"),
) -> Callable[[Asked], Answer | None]:
    """A server that wants a digest of it, each time for the next nonce; computed as RFC 7616 says."""
    used: list[str] = []
    kind = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5

    def hashed(*texts: str) -> str:
        return kind(":".join(texts).encode()).hexdigest()

    def asks(asked: Asked) -> Answer | None:
        said = (asked.headers["Authorization"] or "").encode("latin-1").decode()
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', said))
        nonce = nonces[min(len(used), len(nonces) - 1)]
        secret = hashed(*who)
        middle = [told.get("nc", ""), told.get("cnonce", ""), "auth"] if qop else []
        right = hashed(secret, nonce, *middle, hashed(asked.method, asked.path))
        if told.get("response") == right and (told["username"], told["realm"], told["uri"]) == (*who[:2], asked.path):
            used.append(nonce)
            return None
        stale = ", stale=true" if told else ""
        said = f', qop="{qop}"' if qop else ""
        realm = who[1].encode().decode("latin-1")
        return refusal(f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}{said}{stale}')

    return asks


def refusal(*challenges: str) -> Answer:
    return Answer(401, headers={"WWW-Authenticate": ", ".join(challenges)})


def calendar(server: Dav, password: str = "secret", user: str = "alice", **options: Any) -> CaldavCalendar:
    return CaldavCalendar("cloud", replace(server.account(user=user, password=lambda: password), **options))


def shown(server: Dav) -> list[str]:
    """How the password was shown, question by question."""
    return [(one.headers["Authorization"] or "").partition(" ")[0] for one in server.asked]


def test_nothing_is_shown_before_it_is_asked_for(server: Dav) -> None:
    assert calendar(server).list({}, "").tags
    assert set(shown(server)) == {""}


def test_a_user_without_a_password_that_is_asked_for_is_told_what_to_write(server: Dav) -> None:
    server.instead = basic()
    with pytest.raises(PermissionNeededError) as raised:
        CaldavCalendar("cloud", server.account()).list({}, "")
    assert "`password:`" in str(raised.value.hint)


@pytest.mark.parametrize(("user", "password"), [("alice", "secret"), ("zoë", "pässwörd: 🙂")])
def test_a_later_look_shows_it_at_once(server: Dav, user: str, password: str) -> None:
    server.instead = basic(user, password)
    first = calendar(server, password, user).list({}, "")
    server.questions()
    assert calendar(server, password, user).list(first.tags, first.note) == first
    assert server.questions() == [f"PROPFIND {HOME}"]


def test_the_password_itself_is_in_no_note(server: Dav) -> None:
    server.instead = basic()
    note = calendar(server).list({}, "").note
    assert "secret" not in note
    assert base64.b64encode(b"alice:secret").decode() not in note


def test_the_password_is_got_once_and_only_where_it_is_wanted(server: Dav) -> None:
    got: list[str] = []

    def password() -> str:
        got.append("secret")
        return got[-1]

    CaldavCalendar("cloud", server.account(user="alice", password=password)).list({}, "")
    assert got == []
    server.instead = basic()
    cloud = CaldavCalendar("cloud", server.account(user="alice", password=password))
    list(cloud.read(cloud.list({}, "").tags))
    assert got == ["secret"]


def test_a_wrong_password_is_tried_once(server: Dav) -> None:
    server.instead = basic()
    with pytest.raises(PermissionNeededError, match="does not take the password of alice"):
        calendar(server, "wrong").list({}, "")
    assert shown(server) == ["", "Basic"]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", ["auth", ""])
def test_a_server_that_wants_a_digest_never_sees_the_password(server: Dav, algorithm: str, qop: str) -> None:
    server.instead = digest(algorithm, qop)
    first = calendar(server).list({}, "")
    assert first.tags
    assert set(shown(server)) == {"", "Digest"}
    server.asked.clear()
    assert calendar(server).list(first.tags, first.note) == first
    assert shown(server) == ["", "Digest"]


@pytest.mark.parametrize("user", ["alice", "zoë", "Ζωή", "alice:work"])
@pytest.mark.parametrize("realm", ["cloud", "Wolke für alle", "облако"])
def test_a_digest_is_made_of_any_letters(server: Dav, user: str, realm: str) -> None:
    server.instead = digest(who=(user, realm, "pässwörd: 🙂"))
    assert calendar(server, "pässwörd: 🙂", user).list({}, "").tags


@pytest.mark.parametrize("asked", ["Negotiate", BASIC_ASKED])
def test_a_password_that_cannot_be_shown_is_not_called_wrong(server: Dav, asked: str) -> None:
    """Basic cannot: it would take a part of this user for the password (RFC 7617)."""
    server.instead = lambda _: refusal(asked)
    with pytest.raises(PermissionNeededError, match="in no way that can be answered") as raised:
        calendar(server, user="alice:work").list({}, "")
    assert "colon" in str(raised.value.hint)
    assert shown(server) == [""]


def test_a_nonce_that_has_become_stale_is_taken_anew(server: Dav) -> None:
    server.instead = digest(nonces=("n1", "n2", "n3", "n4"))
    assert calendar(server).list({}, "").tags


def test_a_digest_of_a_wrong_password_is_tried_once(server: Dav) -> None:
    server.instead = digest()
    with pytest.raises(PermissionNeededError):
        calendar(server, "wrong").list({}, "")
    assert len(server.asked) <= 3


def test_without_https_a_digest_goes_before_the_password_itself(server: Dav) -> None:
    both = digest()

    def asks(asked: Asked) -> Answer | None:
        answer = both(asked)
        return answer and refusal(BASIC_ASKED, answer.headers["WWW-Authenticate"])

    server.instead = asks
    calendar(server).list({}, "")
    assert set(shown(server)) == {"", "Digest"}


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_a_digest_is_that_of_the_standard(algorithm: str, response: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616 section 3.9.1."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
    auth = Auth("Mufasa", lambda: "Circle of Life")
    assert auth.challenged([RFC.format(algorithm)], safe=True)
    assert f'response="{response}"' in str(auth.header("GET", "http://www.example.org/dir/index.html"))


@pytest.mark.parametrize(
    ("headers", "safe", "scheme"),
    [
        (['Basic realm="x"'], True, BASIC),
        (["basic"], True, BASIC),
        ([RFC.format("MD5"), BASIC_ASKED], True, BASIC),
        ([RFC.format("MD5"), BASIC_ASKED], False, DIGEST),
        ([f"{BASIC_ASKED}, {RFC.format('SHA-256')}"], False, DIGEST),
        ([RFC.format("MD6"), RFC.format("MD5")], True, DIGEST),
        (["Negotiate", "Bearer x", 'Basic realm="a, Digest b"'], True, BASIC),
        ([RFC.format("MD6")], True, ""),
        (["Digest realm=x"], True, ""),
        ([RFC.format("MD5").replace("auth, auth-int", "auth-int")], True, ""),
        (["Negotiate", ""], True, ""),
        ([], True, ""),
    ],
)
def test_of_several_ways_the_best_that_is_known_is_taken(headers: list[str], safe: bool, scheme: str) -> None:
    auth = Auth("alice", lambda: "secret")
    assert auth.challenged(headers, safe=safe) is bool(scheme)
    assert auth.scheme == scheme


@pytest.mark.parametrize("host", ["caldav.icloud.com", "contacts.icloud.com", "p34-caldav.icloud.com"])
def test_icloud_is_told_of_its_own_passwords(host: str) -> None:
    assert "App-Specific" in password_hint(host)


def test_a_provider_is_known_by_its_own_name_alone() -> None:
    assert "Fastmail" in password_hint("carddav.fastmail.com")
    assert "Fastmail" not in password_hint("notfastmail.com")
    assert "app" not in password_hint("cloud.example").split()


# --- certificates, and where a connection may go ---------------------------------------------------------------


def test_a_certificate_that_nobody_knows_is_told_with_the_way_to_trust_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with dav(certified(tmp_path / "own.pem")) as server:
        server.put("a.ics", one())
        with pytest.raises(PermanentError, match="nobody that this machine trusts") as raised:
            calendar(server).list({}, "")
        assert "`certificate: FILE` beside the address" in str(raised.value.hint)
        assert server.asked == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "own.pem"))
        assert calendar(server).list({}, "").tags


def test_a_certificate_that_the_settings_name_is_believed_beside_the_usual_ones(tmp_path: Path) -> None:
    with dav(certified(tmp_path / "own.pem")) as server:
        server.put("a.ics", one())
        assert calendar(server, certificate=tmp_path / "own.pem").list({}, "").tags
        server.asked.clear()
        certified(tmp_path / "another.pem")
        with pytest.raises(PermanentError, match="not believed with the one in this file") as raised:
            calendar(server, certificate=tmp_path / "another.pem").list({}, "")
        assert raised.value.file == str(tmp_path / "another.pem")
        (tmp_path / "words.pem").write_text("no certificate")
        for name, why in (("gone.pem", "No such file"), ("words.pem", "no certificate in PEM")):
            with pytest.raises(PermanentError, match=why) as raised:
                calendar(server, certificate=tmp_path / name).list({}, "")
            assert raised.value.file == str(tmp_path / name)
        assert server.asked == []


def test_what_is_wrong_with_a_certificate_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "own.pem"))
    with dav(certified(tmp_path / "own.pem", days=1)) as old, pytest.raises(PermanentError, match="has expired"):
        calendar(old).list({}, "")
    with dav(certified(tmp_path / "own.pem")) as server:
        server.address = server.address.replace("127.0.0.1", "localhost")
        with pytest.raises(PermanentError, match="for another name"):
            calendar(server).list({}, "")
    with dav() as plain, pytest.raises(PermanentError, match="no safe connection"):
        CaldavCalendar("cloud", Account(plain.address.replace("http:", "https:"))).list({}, "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with dav() as plain, pytest.raises(PermanentError, match=r"gone\.pem, which REQUESTS_CA_BUNDLE names"):
        calendar(plain).list({}, "")


def test_a_redirect_away_from_https_is_told_with_the_address_that_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a Nextcloud behind a proxy that it knows nothing of."""
    with dav(certified(tmp_path / "own.pem")) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "own.pem"))
        server.put("a.ics", one())
        away = Answer(301, headers={"Location": f"http://127.0.0.1{HOME}"})
        server.instead = lambda asked: away if asked.path == "/.well-known/caldav" else None
        with pytest.raises(PermanentError, match="away from https") as raised:
            CaldavCalendar("cloud", server.account("/")).list({}, "")
        (written,) = re.findall("`(https[^`]*)`", str(raised.value.hint))
        assert written == f"{server.address}{HOME}"
        assert CaldavCalendar("cloud", Account(written)).list({}, "").tags


@pytest.mark.parametrize(
    ("address", "peer", "allowed"),
    [
        ("https://cloud.example/", "93.184.216.34", True),
        ("https://cloud.example/", "192.168.1.5", True),
        ("https://cloud.example/", "127.0.0.1", False),
        ("https://cloud.example/", "169.254.169.254", False),
        ("https://cloud.example/", "::ffff:127.0.0.1", False),
        ("http://cloud.example/", "93.184.216.34", False),
        ("http://cloud.example/", "192.168.1.5", False),
        ("http://192.168.1.5/", "192.168.1.5", True),
        ("http://nas.local/", "192.168.1.5", True),
        ("http://nas.local/", "93.184.216.34", False),
        ("http://localhost/", "127.0.0.1", True),
    ],
)
def test_without_https_no_password_leaves_this_network(address: str, peer: str, allowed: bool) -> None:
    client = Client(Account(address))
    if allowed:
        client._allow(peer)
    else:
        with pytest.raises(PermanentError, match=r"https|this machine"):
            client._allow(peer)


def test_what_the_user_says_is_local_may_be(server: Dav) -> None:
    Client(Account("http://cloud.example/", local=True))._allow("192.168.1.5")
    Client(Account("https://cloud.example/", local=True))._allow("127.0.0.1")
    with pytest.raises(PermanentError, match="without https"):
        Client(Account("http://cloud.example/", local=True))._allow("93.184.216.34")
