"""Google's own description of its interfaces: the discovery documents, as the stand-in holds requests to them.

https://developers.google.com/discovery/v1/reference/apis
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from googleapiclient.discovery_cache import get_static_doc

from tests.google.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

APIS = (("calendar", "v3"), ("gmail", "v1"), ("people", "v1"))
_OURSELVES = frozenset({"access_token", "oauth_token", "key", "callback", "uploadType", "upload_protocol"})
"""Parameters of every method that stand for a token in an address, or for another kind of request."""


@dataclass(frozen=True)
class Method:
    """One method of one API. `parameters` are those of the query."""

    id: str
    verb: str
    path: str
    parameters: Mapping[str, Mapping[str, Any]]
    scopes: frozenset[str]
    upload: str | None

    def match(self, raw_path: str) -> dict[str, str] | None:
        """The values of the path's parameters, where it is a path of this method."""
        found = _pattern(self.path).fullmatch(raw_path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None

    def check(self, query: Mapping[str, list[str]]) -> None:
        """Hold a query to the description.

        Raises:
            Refusal: there is a parameter that it does not have, or a value that it cannot be.
        """
        for name, values in query.items():
            described = self.parameters.get(name)
            if described is None or name in _OURSELVES:
                raise Refusal(400, "badRequest", f'Unknown name "{name}": Cannot bind query parameter.', name)
            if len(values) > 1 and not described.get("repeated"):
                raise Refusal(400, "invalidParameter", f"{name} is given more than once", name)
            for value in values:
                _hold(name, value, described)
        missing = [name for name, one in self.parameters.items() if one.get("required") and name not in query]
        if missing:
            raise Refusal(400, "required", f"Required parameter: {missing[0]}", missing[0])


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def _hold(name: str, value: str, described: Mapping[str, Any]) -> None:
    kind, lowest = described.get("type"), int(described.get("minimum", 0))
    fits = {
        "boolean": value in {"true", "false"},
        "integer": value.isdigit() and int(value) >= lowest,
    }.get(str(kind), True)
    if not fits or ("enum" in described and value not in described["enum"]):
        raise Refusal(400, "invalidParameter", f"Invalid value '{value}' for {name}", name)


@cache
def methods() -> tuple[Method, ...]:
    """All methods of the three APIs."""
    found: list[Method] = []
    for name, version in APIS:
        document = json.loads(get_static_doc(name, version))
        found.extend(_method(one, document) for one in _walk(document))
    return tuple(found)


def _walk(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _walk(inner)


def _method(one: Mapping[str, Any], document: Mapping[str, Any]) -> Method:
    own = {name: value for name, value in one.get("parameters", {}).items() if value["location"] == "query"}
    upload = one.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path")
    return Method(
        id=one["id"],
        verb=one["httpMethod"],
        path=f"/{document['servicePath']}{one.get('flatPath', one['path'])}",
        parameters={**document["parameters"], **own},
        scopes=frozenset(one.get("scopes", ())),
        upload=upload,
    )


def find(verb: str, raw_path: str) -> tuple[Method, dict[str, str]]:
    """The method that this request asks for.

    Raises:
        Refusal: Google has none.
    """
    for method in methods():
        if method.verb == verb and (found := method.match(raw_path)) is not None:
            return method, found
    raise Refusal(404, "notFound", f"The requested URL {raw_path} was not found on this server.")
