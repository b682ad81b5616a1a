"""The disk of the machine: a small Debian with a kernel and Dovecot, made once and kept beside this file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE / ".cache"
SUITE = "bookworm"
PACKAGES = ("systemd", "systemd-sysv", "udev", "dbus", "python3", "linux-image-cloud-amd64", "dovecot-imapd", "procps")
MODULES = ("virtio_pci", "virtio_blk", "virtio_console", "ext4", "crc32c_generic")
"""All that the kernel needs before it has its disk, and to talk to us."""
SIZE = "1800M"
IDLE = (
    *("dovecot.service", "dovecot.socket", "systemd-timesyncd.service", "getty@tty1.service", "e2scrub_reap.service"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"),
    *("serial-getty@ttyS0.service", "networking.service", "systemd-networkd.service", "systemd-logind.service"),
)
"""What a machine for a test need not start."""
AGENT = """\
[Unit]
Description=Does what the test outside asks for
[Service]
ExecStartPre=/bin/mount -o ro /dev/vdb /mnt
ExecStart=/usr/bin/python3 /mnt/agent.py
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
"""
NEEDED = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "dpkg-deb": "dpkg",
}
"""Programs, and the Debian packages that bring them."""


@dataclass(frozen=True, slots=True)
class Image:
    """A disk with a system on it, and what it is booted with."""

    disk: Path
    kernel: Path
    initrd: Path


def missing() -> str:
    """The line that installs what is missing here; empty where nothing is."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where mke2fs is
    packages = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    return f"apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


def image() -> Image:
    """The disk that is kept; made anew when what is written here has changed."""
    recipe = repr((SUITE, PACKAGES, MODULES, SIZE, IDLE, AGENT))
    folder = KEPT / hashlib.sha256(recipe.encode()).hexdigest()[:12]
    if not folder.is_dir():
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir()
        with tempfile.TemporaryDirectory(prefix="afterword-image-") as place:
            _make(Path(place))
            shutil.move(Path(place) / "image", folder)
    return Image(folder / "disk", folder / "kernel", folder / "initrd")


def _make(place: Path) -> None:
    target, root = place / "image", place / "root"
    target.mkdir()
    (place / "agent.service").write_text(AGENT)
    (place / "modules").write_text("\n".join((*MODULES, "")))
    (place / "list.conf").write_text("MODULES=list\nCOMPRESS=gzip\n")
    tools = "etc/initramfs-tools"
    units = "etc/systemd/system"
    masks = " ".join(f"ln -sf /dev/null $1/{units}/{unit};" for unit in IDLE)
    subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"),
            f"--essential-hook=mkdir -p $1/{tools}/conf.d",
            f"--essential-hook=upload {place}/modules /{tools}/modules",
            f"--essential-hook=upload {place}/list.conf /{tools}/conf.d/list.conf",
            f"--customize-hook=upload {place}/agent.service /{units}/agent.service",
            f"--customize-hook={masks} rm -rf $1/usr/share/doc/* $1/var/cache/apt/*",
            f"--customize-hook=mkdir -p $1/{units}/multi-user.target.wants",
            f"--customize-hook=ln -s ../agent.service $1/{units}/multi-user.target.wants/agent.service",
            "--customize-hook=echo machine >$1/etc/hostname; : >$1/etc/machine-id",
            *(SUITE, str(root)),
        ],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    shutil.copy(next(root.glob("boot/vmlinuz-*")), target / "kernel")
    shutil.copy(next(root.glob("boot/initrd.img-*")), target / "initrd")
    disk(root, target / "disk", SIZE)
    shutil.rmtree(root)


def disk(folder: Path, file: Path, size: str) -> None:
    """A disk with what is in the folder."""
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-d", str(folder), str(file), size], check=True, stdout=subprocess.DEVNULL
    )
