"""What the service counts, asked for by real clients of HTTP and read by another's parser of OpenMetrics."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.openmetrics import parser

from daemon import report, scrape
from daemon.failure import Failure
from daemon.figures import Figures
from daemon.metrics import Metrics
from daemon.metrics_place import Place
from daemon.standing import Standing
from daemon.ticks import Ticks
from tests.build import at
from tests.daemon.command import configure
from tests.daemon.serving import LIMIT, Running, document

NAMED = 'the "cloud" of\nC:\\home'
COUNTED = Figures(3, {NAMED: True, "feed": False})
NOW = at("2026-03-03 18:00")


def cycle(folder: Path) -> str:
    """A cycle that tells these figures."""
    (folder / "told").write_text(document(figures=COUNTED))
    return f"cat {folder / 'told'}"


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample by its name and the values of its labels; the parser refuses what is no OpenMetrics."""
    families = parser.text_string_to_metric_families(text)  # type: ignore[no-untyped-call] # it has types in part
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


def after(*cycles: tuple[str, report.Report | None]) -> dict[tuple[str, tuple[str, ...]], float]:
    standing = Standing(1, NOW, "1.2.3")
    metrics = Metrics(standing)
    for event, told in cycles:
        standing.began(NOW, "poll")
        standing.ended(NOW, event, 0, Ticks())
        metrics.ended(event, 1.25, NOW, told)
    return samples(metrics.text().decode())


def test_before_the_first_cycle_what_is_not_known_is_not_told() -> None:
    told = after()
    assert told["afterword_build_info", ("1.2.3",)] == 1
    assert told["afterword_cycles_total", ("done",)] == told["afterword_cycles_total", ("timed_out",)] == 0
    names = {name for name, _ in told}
    assert not names & {"afterword_drafts_waiting", "afterword_source_stale", "afterword_cycle_duration_seconds"}
    assert {"process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"} <= names


def test_cycles_and_drafts_are_counted_and_sources_are_told_by_the_names_that_the_user_gave_them() -> None:
    told = after(
        ("cycle.done", report.Report(300, None, placed=2, withdrawn=1, problems=4, figures=COUNTED)),
        ("cycle.done", report.Report(300, None, placed=1, problems=1, figures=COUNTED)),
        ("cycle.killed", None),
        ("configuration.wrong", None),
    )
    assert [told["afterword_cycles_total", (one,)] for one in ("done", "killed", "configuration_wrong")] == [2, 1, 1]
    assert (told["afterword_drafts_placed_total", ()], told["afterword_drafts_withdrawn_total", ()]) == (3, 1)
    assert (told["afterword_drafts_waiting", ()], told["afterword_problems", ()]) == (3, 1)
    assert (told["afterword_source_stale", (NAMED,)], told["afterword_source_stale", ("feed",)]) == (1, 0)
    assert told["afterword_cycle_duration_seconds", ()] == 1.25
    assert told["afterword_last_cycle_timestamp_seconds", ()] == NOW.timestamp()


def test_every_metric_stands_in_the_docs() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "service.md").read_text()
    told = after(("cycle.done", report.Report(300, None, placed=2, withdrawn=1, problems=4, figures=COUNTED)))
    assert len(told) > 20
    assert [name for name, _ in told if f"`{name}`" not in docs and f"`{name}{{" not in docs] == []


def test_the_figures_of_a_cycle_come_through_its_report_and_none_are_missed() -> None:
    read = report.read(document(figures=COUNTED).encode())
    assert read is not None
    assert read.figures == COUNTED
    read = report.read(document().encode())
    assert read is not None
    assert read.figures is None


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n", 200),
        ("GET /metrics?x=y HTTP/1.1\r\nHOST:  LOCALHOST:9 \r\nAccept: */*\r\n\r\n", 200),
        ("GET http://127.0.0.1:9/metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n", 404),
        ("GET /metrics/ HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n", 404),
        ("POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:9\r\nContent-Length: 3\r\n\r\nx=1", 405),
        ("GET /metrics HTTP/1.1\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost: evil.example:9\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9\r\nHost: evil.example\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:8\r\n\r\n", 400),
        ("GET /metrics HTTP/1.1\r\nHost : 127.0.0.1:9\r\n\r\n", 400),
        ("GET /metrics HTTP/2\r\nHost: 127.0.0.1:9\r\n\r\n", 400),
        ("GET /metrics\r\n\r\n", 400),
        ("\r\n\r\n", 400),
        ("\x16\x03\x01\x00" + "x" * scrape.LONGEST, 400),
        ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9\r\nX: " + "x" * scrape.LONGEST + "\r\n\r\n", 400),
    ],
)
def test_one_thing_may_be_asked_and_by_the_address_itself(words: str, status: int) -> None:
    hosts = frozenset({"127.0.0.1", "127.0.0.1:9", "localhost", "localhost:9"})
    said = scrape.answer(words.encode(), hosts, lambda: b"# EOF\n")
    assert said is not None
    assert said.startswith(f"HTTP/1.1 {status} ".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert (body == b"# EOF\n") == (status == 200)


def test_head_is_told_how_long_it_would_be_and_no_more() -> None:
    said = scrape.answer(b"HEAD /metrics HTTP/1.1\r\n\r\n", None, lambda: b"# EOF\n")
    assert said is not None
    assert said.endswith(b"Content-Length: 6\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("words", ["", "GET /metrics HTTP/1.1\r\nHost: 127", "GET"])
def test_half_a_request_is_waited_for(words: str) -> None:
    assert scrape.answer(words.encode(), None, lambda: b"") is None


@pytest.mark.parametrize(
    "where",
    ["0.0.0.0:9", "[::]:9", "192.0.2.1:9", "localhost:9", "example.org:9", "::1:9", "127.0.0.1", "9", "127.0.0.1:x",
     "127.0.0.1:65536", "[127.0.0.1]:9", "127.1:9", ":9", ""],
)  # fmt: skip
def test_a_place_that_others_reach_or_that_is_none_is_refused_with_2(tmp_path: Path, where: str) -> None:
    config = configure(tmp_path / "config")
    command = [
        sys.executable,
        "-c",
        "import sys; from daemon.cli import run_command; sys.exit(run_command(sys.argv[1:]))",
    ]
    if where == "0.0.0.0:9":
        options = ["--config", str(config), "--state", str(tmp_path / "state"), "run", "--metrics", where]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "no address of this machine alone" in done.stderr
        assert "127.0.0.1:PORT" in done.stderr
        assert not (tmp_path / "state").exists()
    with pytest.raises(Failure) as refused:
        Place(where)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_client_of_http_is_told_at_a_port_of_the_machine_itself(tmp_path: Path, host: str) -> None:
    if host == "[::1]" and not has_ipv6():
        pytest.skip("this machine has no ::1: sysctl net.ipv6.conf.lo.disable_ipv6=0")
    with Running(tmp_path, cycle(tmp_path), metrics=f"{host}:0") as service:
        where = service.until("metrics.served")["where"]
        service.until("service.ready")
        with closing(http.client.HTTPConnection(where, timeout=LIMIT)) as client:
            client.request("GET", "/metrics")
            answer = client.getresponse()
            told = samples(answer.read().decode())
        assert (answer.status, answer.getheader("Content-Type")) == (200, scrape.CONTENT_TYPE)
        assert told["afterword_build_info", ("1.2.3",)] == 1
        assert told["afterword_cycles_total", ("done",)] == told["afterword_drafts_placed_total", ()] == 1
        assert (told["afterword_drafts_waiting", ()], told["afterword_source_stale", (NAMED,)]) == (3, 1)
        assert told["afterword_next_cycle_timestamp_seconds", ()] > told["afterword_last_cycle_timestamp_seconds", ()]
        assert 1 << 20 < told["process_resident_memory_bytes", ()] < 1 << 26
        with closing(http.client.HTTPConnection(where, timeout=LIMIT)) as client:
            client.request("GET", "/metrics", headers={"Host": "rebound.example"})
            assert client.getresponse().status == 400
        with closing(http.client.HTTPConnection(where, timeout=LIMIT)) as client:
            client.request("POST", "/metrics", body=b"x" * 1_000_000)
            answer = client.getresponse()
            assert (answer.status, answer.getheader("Allow")) == (405, "GET, HEAD")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=LIMIT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def test_a_unix_socket_does_as_well_and_one_that_is_in_the_way_keeps_the_service_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    path.write_text("mine")
    with Running(tmp_path, cycle(tmp_path), metrics=str(path)) as service:
        assert service.until("metrics.unserved")["why"] == "something else lies there"
        service.until("service.ready")
        path.unlink()
        service.send(signal.SIGHUP)
        service.until("cycle.done")
        with closing(UnixConnection(path)) as client:
            client.request("HEAD", "/metrics")
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert not path.exists()


def test_a_slow_client_is_sent_away_and_holds_up_nothing(tmp_path: Path) -> None:
    with Running(tmp_path, cycle(tmp_path), metrics="127.0.0.1:0") as service:
        host, _, port = service.until("metrics.served")["where"].rpartition(":")
        with socket.create_connection((host, int(port)), LIMIT) as slow:
            slow.sendall(b"GET /met")
            service.send(signal.SIGHUP)
            service.until("configuration.read")
            assert slow.recv(1) == b""


def test_without_metrics_nothing_of_them_is_imported() -> None:
    names = ("daemon.metrics", "daemon.scrape", "daemon.metrics_place")
    code = f"import sys, daemon.service; print([one for one in {names} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_name_and_no_address_of_anybody_is_told() -> None:
    """The report of a cycle has names; what is counted of it has none."""
    told = json.loads(document(figures=COUNTED))
    told["placed"] = [{"to": [{"name": "Dana", "email": "dana@acme.example"}], "subject": "Thank you"}]
    read = report.read(json.dumps(told).encode())
    standing = Standing(1, NOW)
    metrics = Metrics(standing)
    metrics.ended("cycle.done", 1.0, NOW, read)
    text = metrics.text().decode()
    assert "afterword_drafts_placed_total 1" in text
    assert not any(word in text for word in ("Dana", "acme", "Thank you"))
