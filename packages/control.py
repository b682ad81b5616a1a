"""What dpkg reads of the package: its control file, the sums of its files, the scripts that run around it."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from packages import release

if TYPE_CHECKING:
    from pathlib import Path

    from packages.environment import Python

SCRIPTS = ("postinst", "prerm", "postrm")
MAINTAINER = "Afterword contributors <afterword@afterword.example>"

_PROGRAMS = ("procps",)
"""The units reload with its `kill`, which a small system lacks."""

_CONTROL = """\
Package: afterword
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: systemd, tzdata
Section: mail
Priority: optional
Description: {summary}
 Afterword watches your calendar and leaves the right note in your Drafts
 folder: the thank-you within a day of the meeting, the check-in some weeks
 later. You make it yours and send it. It never sends.
 .
 This package brings the command, a unit for the service of a user and one
 for services of the system, and all the Python libraries that they need, in
 an environment of their own.
"""

_CHANGELOG = """\
afterword ({version}) unstable; urgency=medium

  * What changed is told in changelog.gz beside this file.

 -- {maintainer}  {date}
"""


def write(root: Path, python: Python, glibc: str) -> None:
    """Write the folder DEBIAN for all that lies below the root."""
    folder = root / "DEBIAN"
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = [
        f"{hashlib.md5(one.read_bytes(), usedforsecurity=False).hexdigest()}  {one.relative_to(root)}" for one in files
    ]
    size = sum(-(-one.stat().st_size // 1024) for one in files)
    folder.mkdir()
    (folder / "md5sums").write_text("\n".join((*sums, "")))
    (folder / "control").write_text(
        _CONTROL.format(
            version=release.version(),
            architecture=architecture(),
            maintainer=MAINTAINER,
            size=size,
            depends=", ".join((*_interpreter(python), f"libc6 (>= {glibc})", *_PROGRAMS)),
            summary="leaves the right note in your Drafts folder",
        )
    )
    for name in SCRIPTS:
        (folder / name).write_text((release.ROOT / "packages/debian" / name).read_text())


def _interpreter(python: Python) -> tuple[str, str]:
    """The compiled modules are for one minor version."""
    return f"python3 (>= {python.major}.{python.minor})", f"python3 (<< {python.major}.{python.minor + 1})"


def architecture() -> str:
    """As dpkg calls this machine's."""
    told = subprocess.run(("dpkg", "--print-architecture"), check=True, stdout=subprocess.PIPE, text=True)
    return told.stdout.strip()


def changelog() -> str:
    """The log of the package itself."""
    date = format_datetime(datetime.fromtimestamp(release.moment(), UTC))
    return _CHANGELOG.format(version=release.version(), maintainer=MAINTAINER, date=date)
