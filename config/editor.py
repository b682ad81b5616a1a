"""What an editor completes and checks by: a schema beside each kind of file, and the line in the file that names it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from config.sources import RULES, SETTINGS, TESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMAS = "schema"
"""The folder of the schemas in that of the configuration. Nothing is read from it."""
EXAMPLES = (SETTINGS, "people.yaml", f"{RULES}/….yaml", f"{TESTS}/….yaml")
"""The files that have a schema, by what their names may be."""
MARK = "Written by Afterword; `afterword schema --write` writes it anew, and what you change here is lost."


@cache
def schema_files() -> Mapping[str, str]:
    """The schema of each kind of file by itself: its name relative to the configuration, and its text."""
    from config.schema import FILES, schema_of  # noqa: PLC0415 - pydantic is not needed for the names

    return {
        f"{SCHEMAS}/{kind}.json": f"{json.dumps({'$comment': MARK, **schema_of(kind)}, ensure_ascii=False, indent=1)}\n"
        for kind in FILES
    }


def is_ours(text: str) -> bool:
    """Whether a schema was written by this version or another, and may be written anew: its mark stands at the top."""
    return text.startswith(f'{{\n "$comment": "{MARK.partition(";")[0]};')


def modeline(name: str) -> str:
    """The first line of a file of the configuration, by which an editor finds its schema.

    It is that of the YAML language server of Red Hat, which VS Code, Neovim, Emacs and others speak with.
    """
    kind = SETTINGS.removesuffix(".yaml")
    if name.startswith(f"{TESTS}/"):
        kind = "tests"
    elif name.startswith(f"{RULES}/"):
        kind = "rules"
    elif name != SETTINGS:
        kind = "people"
    return f"# yaml-language-server: $schema={'../' * name.count('/')}{SCHEMAS}/{kind}.json"
