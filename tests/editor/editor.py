"""An editor as a user has it, without its window: it asks the YAML language server, over pipes, as VS Code does."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = Path(__file__).parent
SERVER = PLACE / "node_modules/yaml-language-server/bin/yaml-language-server"
GUARD = PLACE / "offline.cjs"
INSTALL = "make peers (it needs Node.js 20 and npm: apt-get install nodejs npm)"
SECONDS = 60.0
SETTINGS = {
    "yaml": {"schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}, "format": {"enable": False}},
    "redhat": {"telemetry": {"enabled": False}},
}
"""What the user has set: nothing is fetched from anywhere."""
_ABLE = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}},
        "hover": {"contentFormat": ["markdown"]},
        "publishDiagnostics": {},
    },
}


@dataclass(frozen=True, order=True)
class Underlined:
    """What is underlined, as it stands in the file, and what is said of it. Line and column count from 1."""

    line: int
    column: int
    text: str
    message: str


@dataclass
class Editor:
    """One run of the server. A position is the end of some words of the text, where the cursor is put."""

    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _texts: dict[str, str] = field(default_factory=dict)

    def open(self, path: Path) -> list[Underlined]:
        """Open the file as it is on the disk; what is underlined."""
        return self.type(path, path.read_text("utf-8"))

    def type(self, path: Path, text: str) -> list[Underlined]:
        """Put this text in the place of the file's, in the editor alone; what is underlined."""
        address, version = path.as_uri(), next(self._numbers)
        if address not in self._texts:
            document = {"uri": address, "languageId": "yaml", "version": version, "text": text}
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            which = {"uri": address, "version": version}
            self._tell("textDocument/didChange", {"textDocument": which, "contentChanges": [{"text": text}]})
        self._texts[address] = text
        while True:
            heard = self._hear()
            if heard.get("method") == "textDocument/publishDiagnostics" and heard["params"]["uri"] == address:
                return sorted(_underlined(text, one) for one in heard["params"]["diagnostics"])

    def completions(self, path: Path, after: str) -> dict[str, str]:
        """What is offered behind these words, which stand in the file once; with what is said of each."""
        offered = self._ask("textDocument/completion", self._position(path, after))
        items = offered["items"] if isinstance(offered, dict) else offered
        return {item["label"]: _plain(item.get("documentation")) for item in items}

    def hover(self, path: Path, on: str) -> str:
        """What is said of the last letter of these words, which stand in the file once."""
        found = self._ask("textDocument/hover", self._position(path, on, -1))
        return _plain(found and found["contents"])

    def _position(self, path: Path, words: str, moved: int = 0) -> dict[str, Any]:
        text = self._texts[path.as_uri()]
        assert text.count(words) == 1, f"{words!r} stands {text.count(words)} times in {path.name}"
        before = text[: text.index(words) + len(words) + moved]
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return {"textDocument": {"uri": path.as_uri()}, "position": position}

    def _ask(self, method: str, params: Any) -> Any:
        number = next(self._numbers)
        self._write({"id": number, "method": method, "params": params})
        while True:
            heard = self._hear()
            if heard.get("id") == number and "method" not in heard:
                assert "error" not in heard, heard
                return heard["result"]

    def _tell(self, method: str, params: Any) -> None:
        self._write({"method": method, "params": params})

    def _hear(self) -> dict[str, Any]:
        """The next message of the server; what it asks is answered first."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, f"the language server has ended, or was ended after {SECONDS:.0f} seconds"
        heard: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if "id" in heard and "method" in heard:
            asked = heard.get("params") or {}
            answer = [SETTINGS.get(one.get("section", "")) for one in asked.get("items", ())]
            self._write({"id": heard["id"], "result": answer if heard["method"] == "workspace/configuration" else None})
        return heard

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()


def needed() -> None:
    """Skip where the server is not there; fail where nothing may be missing."""
    if not SERVER.is_file() or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"the YAML language server is missing: {INSTALL}")
        pytest.skip(f"needs the YAML language server: {INSTALL}")


@contextmanager
def editor(folder: Path) -> Iterator[Editor]:
    """Open the folder in an editor, and end the server by its own process id."""
    needed()
    command = ["node", "--require", str(GUARD), str(SERVER), "--stdio"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        late = Timer(SECONDS, process.kill)
        late.start()
        try:
            made = Editor(process)
            folders = [{"uri": folder.as_uri(), "name": folder.name}]
            made._ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(),
                                     "workspaceFolders": folders, "capabilities": _ABLE})  # fmt: skip
            made._tell("initialized", {})
            yield made
        finally:
            late.cancel()
            process.kill()


def _underlined(text: str, told: dict[str, Any]) -> Underlined:
    lines = text.split("\n")
    start, end = told["range"]["start"], told["range"]["end"]
    inside = lines[start["line"] : end["line"] + 1]
    inside[-1] = inside[-1][: end["character"]]
    inside[0] = inside[0][start["character"] :]
    return Underlined(start["line"] + 1, start["character"] + 1, "\n".join(inside), told["message"])


def _plain(said: Any) -> str:
    return said["value"] if isinstance(said, dict) else said or ""
