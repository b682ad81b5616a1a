"""`afterword schema`: the JSON Schema of the settings and the rule files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.schema import schema as make
from daemon.cli.call import command
from daemon.cli.output import print_json

if TYPE_CHECKING:
    from daemon.cli.call import Call


@command("schema")
def schema(_call: Call) -> None:
    """Print the JSON Schema of the settings and the rule files, for an editor."""
    print_json(make())
