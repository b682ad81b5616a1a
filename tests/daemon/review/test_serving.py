"""`afterword review` as a process: where it listens, how one gets in, and how it ends."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from daemon.failure import Failure
from daemon.review.listening import listen
from tests.build import at
from tests.daemon.review.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cases.home import Home

ROOT = Path(__file__).parents[3]


def words(home: Home, *more: str) -> list[str]:
    places = ["--config", str(home.root / "config"), "--state", str(home.state)]
    return [sys.executable, "-m", "daemon", *places, "review", *more, "--at", at(NOW).isoformat()]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@contextmanager
def page(home: Home, *more: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(words(home, *more), stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0


def typed(home: Home, *more: str) -> subprocess.CompletedProcess[str]:
    command = words(home, *more)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), cwd=ROOT, timeout=60)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def opened(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_typed_again_it_prints_a_new_address_of_the_page_that_is_there_already(bare: Home) -> None:
    with page(bare, "--listen", "127.0.0.1:0") as process:
        first = first_line(process).split()[-1]
        host = first.partition("//")[2].partition("/")[0]
        again = typed(bare, "--listen", host)
        assert again.returncode == 0, again.stderr
        found = re.search(r"http://\S+", again.stdout)
        assert found
        second = found[0]
        assert second.partition("/enter/")[0] == f"http://{host}"
        assert [opened(one) for one in (second, first, first)] == [200, 200, 403]


def test_where_another_program_listens_the_user_is_told_and_no_address_is_printed(bare: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(20)
        process = subprocess.Popen(
            words(bare, "--listen", f"127.0.0.1:{other.getsockname()[1]}"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT,
        )  # fmt: skip
        with other.accept()[0] as asked:
            assert b"/here/" in asked.recv(1000)
            asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xc3\xa9\xff!")
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (75, "")
    assert "another program listens at 127.0.0.1" in err
    assert "review --listen 127.0.0.1:0`" in err


@pytest.mark.parametrize(
    "origin",
    [
        "http://x:99999", "http://x:0", "http://x:", "http://x:+9", "http://x/review", "http://x//", "http://me@x", "http://x?q",
        "http://x#a", "http://x y", "http://x,http://y", "http://", "http://.x", "http://x..y", "http://[::1", "http://[1.2]",
        "ftp://x", "x:9000", "",
    ],
)  # fmt: skip
def test_an_origin_that_no_browser_would_tell_is_refused_before_anything_listens(tmp_path: Path, origin: str) -> None:
    with pytest.raises(Failure) as refused:
        listen(str(tmp_path / "page"), [origin])
    assert refused.value.exit_code == 2
    assert refused.value.message == f"--origin: '{origin}' is no address of a page"
    assert "http://localhost:9000" in (refused.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_an_origin_is_taken_as_a_browser_writes_it() -> None:
    ear = listen(
        "127.0.0.1:0",
        [" HTTP://My-Host.example:80/", "https://[0:0::1]:443", "https://x_1.example:0443", "http://y:9000"],
    )
    ear.close()
    told = {"http://my-host.example", "https://[::1]", "https://x_1.example", "http://y:9000"}
    assert told < ear.places.origins


@pytest.mark.parametrize(
    "where", ["0.0.0.0:8377", "[::]:8377", "192.168.1.4:80", "example.org:80", "8377", "127.0.0.1:x"]
)
def test_a_place_that_others_reach_or_that_is_none_is_refused(bare: Home, where: str) -> None:
    with pytest.raises(Failure) as refused:
        listen(where)
    assert refused.value.exit_code == 2
    assert "127.0.0.1:PORT" in (refused.value.hint or "")


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is this machine without more on Linux alone")
def test_it_answers_to_the_address_that_it_was_told_to_listen_at() -> None:
    ear = listen("127.0.0.2:0")
    ear.close()
    assert ear.where in ear.places.hosts


def test_at_a_unix_socket_only_the_user_comes_in(bare: Home, tmp_path: Path) -> None:
    place = tmp_path / "page.sock"
    with page(bare, "--listen", str(place)) as process:
        assert str(place) in first_line(process)
        assert place.stat().st_mode & 0o777 == 0o600
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(place))
            asking.sendall(b"GET / HTTP/1.1\r\nHost: localhost:8377\r\nConnection: close\r\n\r\n")
            asking.settimeout(20)
            assert asking.recv(1000).startswith(b"HTTP/1.1 401")
        again = typed(bare, "--listen", str(place))
        assert "/enter/" in again.stdout
    assert not place.exists()


def test_a_client_that_never_says_the_rest_does_not_hold_up_the_end(bare: Home) -> None:
    """Nor is it told of in the terminal."""
    process = subprocess.Popen(
        words(bare, "--listen", "127.0.0.1:0"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT,
    )  # fmt: skip
    address = urlsplit(first_line(process).split()[-1])
    entering = http.client.HTTPConnection(address.netloc, timeout=20)
    entering.request("GET", address.path)
    cookie = (entering.getresponse().getheader("Set-Cookie") or "").partition(";")[0]
    entering.close()
    head = f"Host: {address.netloc}\r\nOrigin: http://{address.netloc}\r\nCookie: {cookie}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as slow:
        slow.sendall(f"POST /draft/x/words HTTP/1.1\r\n{head}{kind}\r\n".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 100")  # the guard waits for the form now
        slow.sendall(b"text=Dear")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_a_socket_that_systemd_has_opened_is_used_and_nothing_is_printed(bare: Home) -> None:
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        number = ours.fileno()
        start = f'exec 3<&{number}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        command = ["bash", "-c", start, "bash", *words(bare)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT, pass_fds=[number]
        )
        host = f"127.0.0.1:{ours.getsockname()[1]}"
        again = typed(bare, "--listen", host)
        found = re.search(r"http://\S+", again.stdout)
        assert found, again.stderr
        assert opened(found[0]) == 200
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")


def test_a_socket_that_others_reach_is_refused_though_systemd_opened_it(bare: Home) -> None:
    with socket.socket() as ours:
        ours.bind(("0.0.0.0", 0))
        start = f'exec 3<&{ours.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        done = subprocess.run(
            ["bash", "-c", start, "bash", *words(bare)],
            capture_output=True, text=True, check=False, env=environment(), cwd=ROOT, pass_fds=[ours.fileno()],
        )  # fmt: skip
    assert done.returncode == 78
    assert "other machines reach" in done.stderr
