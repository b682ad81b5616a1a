"""The starter rules of `afterword init`: their names, and what each is for."""

from __future__ import annotations

from daemon.cli import usage

RULES = ("soft-interviews", "informational-interviews", "job-interviews", "customer-calls", "mentoring", "briefs")
FIRST = RULES[0]
ALL = "all"


def abouts() -> dict[str, str]:
    """What each file of rules says of itself: the `about` of its first rule."""
    from config.files import read_yaml  # noqa: PLC0415 - `init --help` needs nothing of it
    from config.init import starter  # noqa: PLC0415 - as above

    texts = starter(None)
    documents = {name: read_yaml(texts[file], file)[0] for name in RULES for file in [f"rules/{name}.yaml"]}
    return {name: str(one.value(("rules", 0, "about")) or "") for name, one in documents.items() if one is not None}


def chosen(written: str) -> tuple[str, ...]:
    """The names of the starter rule files, each once.

    Raises:
        click.UsageError: there is none of that name.
    """
    names = tuple(dict.fromkeys(name.strip() for name in written.split(",") if name.strip()))
    if names == (ALL,):
        return RULES
    for name in names:
        if name not in RULES:
            usage(f"there are no starter rules '{name}'; there are {', '.join(RULES)}, or all")
    if not names:
        usage(f"name starter rules: {', '.join(RULES)}, or all")
    return names
