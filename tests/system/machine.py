"""A whole machine under QEMU: it is booted, asked to do something, and loses its power."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.system.image import disk

if TYPE_CHECKING:
    from types import TracebackType

    from tests.system.image import Image

BOOT = 600.0
"""Seconds that a boot may take. Without KVM the processor is played: some twenty seconds on an idle machine."""
PATIENCE = 400.0
"""Seconds that a command may take, and what it is waited for: on a machine that has much else to do."""


class MachineError(AssertionError):
    """The machine did not do what it was asked for; the text has what it said."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


class Machine:
    """One machine with one disk; between a cut and the next boot nothing of it runs."""

    def __init__(self, image: Image, brought: Path, folder: Path) -> None:
        """`brought` is a folder whose files the machine finds in /mnt; what it writes lies in `folder`."""
        self._image = image
        self._folder = folder
        self._disk = folder / "disk"
        self._brought = folder / "brought"
        self.console = folder / "console.log"
        subprocess.run(["cp", "--sparse=always", str(image.disk), str(self._disk)], check=True)
        megabytes = sum(path.stat().st_size for path in brought.rglob("*") if path.is_file()) // 2**20
        disk(brought, self._brought, f"{megabytes * 5 // 4 + 16}M")
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def boot(self) -> float:
        """Start it, and wait until it listens; the seconds that took."""
        begun = time.monotonic()
        place = self._folder / "line"
        place.unlink(missing_ok=True)
        drives = [f"file={file},format=raw,if=virtio,cache=unsafe" for file in (self._disk, self._brought)]
        with self.console.open("ab") as console:
            self._process = subprocess.Popen(
                [
                    *("qemu-system-x86_64", *_accelerated(), "-smp", "2", "-m", "1024", "-display", "none"),
                    *("-nodefaults", "-no-user-config", "-no-reboot", "-nic", "none", "-serial", "stdio"),
                    *("-drive", drives[0], "-drive", drives[1], "-device", "virtio-serial-pci"),
                    *("-chardev", f"socket,id=line,path={place},server=on,wait=off"),
                    *("-device", "virtserialport,chardev=line,name=agent", "-device", "virtio-rng-pci"),
                    *("-kernel", str(self._image.kernel), "-initrd", str(self._image.initrd)),
                    *("-append", "root=/dev/vda rw console=ttyS0 quiet panic=-1 systemd.show_status=0"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self._line = self._connected(place, begun + BOOT)
        self._answer(begun + BOOT - time.monotonic())
        return time.monotonic() - begun

    def cut(self) -> None:
        """Take the power away: what the system had not yet written to its disk is lost."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(self, command: str, *, seconds: float = PATIENCE, fails: bool = False) -> Said:
        """Have root's shell do this in there. With `fails` it is expected to end with another code than 0, or may."""
        assert self._line is not None
        self._line.sendall(json.dumps({"command": command, "seconds": seconds}).encode() + b"\n")
        answer = self._answer(seconds + 30)
        said = Said(answer["code"], answer["out"], answer["err"])
        if said.code != 0 and not fails:
            raise MachineError(f"{command}\nended with {said.code}\n{said.out}{said.err}")
        return said

    def out(self, command: str, *, seconds: float = PATIENCE) -> str:
        """What the command prints, without the last line's end."""
        return self.run(command, seconds=seconds).out.rstrip("\n")

    def until(self, condition: str, *, seconds: float = PATIENCE) -> None:
        """Wait in there until the shell finds this to be true."""
        tries = f"until {condition}; do sleep 1; done"
        command = f"timeout {seconds:.0f} bash -c {_quoted(tries)}"
        if self.run(command, seconds=seconds + 10, fails=True).code != 0:
            raise MachineError(f"not in {seconds:.0f} s: {condition}")

    def _connected(self, place: Path, until: float) -> socket.socket:
        while time.monotonic() < until:
            self._alive()
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(place))
            except OSError:
                line.close()
                time.sleep(0.05)
            else:
                return line
        raise MachineError("QEMU opened no line")

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._line is not None
        self._line.settimeout(max(seconds, 1.0))
        told = b""
        try:
            while not told.endswith(b"\n"):
                piece = self._line.recv(65_536)
                if not piece:
                    raise MachineError("the machine ended by itself")
                told += piece
        except TimeoutError:
            raise MachineError(f"the machine said nothing for {seconds:.0f} s") from None
        answer: dict[str, Any] = json.loads(told)
        return answer

    def _alive(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise MachineError(f"QEMU ended with {self._process.returncode}; see {self.console}")


def _accelerated() -> tuple[str, ...]:
    """The processor itself where it can be lent (KVM), else one that is played."""
    lends = any(word in Path("/proc/cpuinfo").read_text().split() for word in ("vmx", "svm"))
    if lends and os.access("/dev/kvm", os.R_OK | os.W_OK):
        return ("-accel", "kvm", "-cpu", "host")
    return ("-accel", "tcg,thread=multi")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
