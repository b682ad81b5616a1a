"""The review page behind a socket of a real manager of a user: nothing runs until somebody comes."""

from __future__ import annotations

import re
import socket
import urllib.request
from typing import TYPE_CHECKING

from tests.systemd.laid import CONFIG, LOG, STATE, UNITS
from tests.systemd.manager import PYTHON

if TYPE_CHECKING:
    from tests.systemd.laid import Laid


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def test_the_page_starts_when_somebody_comes_to_its_address_and_is_removed_again(service: Laid) -> None:
    manager, port = service.manager, free_port()
    own = f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{port}\n"
    manager.write(f"{UNITS}/afterword-review.socket.d/own.conf", own)
    log = f"[Service]\nStandardOutput=append:{LOG}-review\nStandardError=append:{LOG}-review\n"
    manager.write(f"{UNITS}/afterword-review.service.d/own.conf", log)
    told = manager.afterword("service", "install", "--review")
    assert told.code == 0, told.err
    assert "Written: ~/.config/systemd/user/afterword-review.socket\n" in told.out
    unit = manager.read(f"{UNITS}/afterword-review.service")
    assert f"ExecStart={PYTHON} -P -m daemon --config {CONFIG} --state {STATE} review\n" in unit
    state = ("is-active", "afterword-review.socket", "afterword-review.service")
    assert manager.systemctl(*state).out.split() == ["active", "inactive"]

    came = manager.afterword("review", "--listen", f"127.0.0.1:{port}")
    assert came.code == 0, came.err
    assert manager.systemctl(*state).out.split() == ["active", "active"]
    address = re.search(r"http://\S+/enter/\S+", came.out)
    assert address
    with urllib.request.urlopen(address[0], timeout=30) as answer:
        assert answer.status == 200
    assert manager.read(f"{LOG}-review") == ""

    gone = manager.afterword("service", "uninstall", "--review")
    assert gone.code == 0, gone.err
    assert gone.out.count("Removed: ") == 2
    assert manager.systemctl(*state).out.split() == ["inactive", "inactive"]
    manager.run("rm", "-r", f"{UNITS}/afterword-review.socket.d", f"{UNITS}/afterword-review.service.d")
