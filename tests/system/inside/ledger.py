"""`ledger.py QUESTION`: what the ledger of robin answers to this SQL, as JSON; it is only read."""

from __future__ import annotations

import json
import sqlite3
import sys

FILE = "file:/var/lib/afterword/robin/ledger.sqlite3?mode=ro"

print(json.dumps(sqlite3.connect(FILE, uri=True, timeout=30).execute(sys.argv[1]).fetchall()))
