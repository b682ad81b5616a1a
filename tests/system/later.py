"""A later release of this checkout: its version is higher, and its ledger has one more table."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = "99.0.0"
SCHEMA = "9999"
_ROOMS = ("config", "connectors", "daemon", "docs", "packages", "requirements", "rules", "systemd")
_MIGRATION = '''\
"""One more table."""

import sqlalchemy as sa
from alembic import op

revision = "{schema}"
down_revision = "{last}"


def upgrade() -> None:
    op.create_table("later", sa.Column("number", sa.Integer, primary_key=True))
'''


def later(folder: Path) -> Path:
    """A copy of the checkout as the next release might be."""
    ignored = shutil.ignore_patterns("__pycache__")
    for room in _ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    _edit(folder / "pyproject.toml", r'(?m)^version = ".*"$', f'version = "{VERSION}"')
    tables = folder / "daemon/ledger/tables.py"
    last = re.findall(
        r'"(\d{4})"', next(line for line in tables.read_text().splitlines() if line.startswith("SCHEMAS"))
    )[-1]
    _edit(tables, r"(?m)^(SCHEMAS = \(.*)\)$", rf'\1, "{SCHEMA}")')
    migration = folder / f"daemon/ledger/migrations/versions/v{SCHEMA}_later.py"
    migration.write_text(_MIGRATION.format(schema=SCHEMA, last=last))
    schema = folder / "daemon/ledger/schema.sql"
    schema.write_text(f"{schema.read_text()}\nCREATE TABLE later (number INTEGER NOT NULL, PRIMARY KEY (number));\n")
    return folder


def _edit(file: Path, pattern: str, by: str) -> None:
    text, number = re.subn(pattern, by, file.read_text())
    assert number == 1, f"{file} has another form than {pattern}"
    file.write_text(text)


def package(checkout: Path, folder: Path) -> Path:
    """The Debian package of that checkout, built into the folder."""
    built = subprocess.run(
        [sys.executable, "-m", "packages.deb", "--compression", "none", str(folder)],
        cwd=checkout,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return folder / Path(built.stdout.split()[-1]).name
