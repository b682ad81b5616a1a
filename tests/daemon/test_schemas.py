"""The schemas for the user's editor: laid by `init` and `schema --write` alone, kept fresh, and read by no one else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.editor import modeline, schema_files
from config.sources import read, read_tests
from daemon.failure import ExitCode, Failure
from daemon.schemas import lay_schemas
from daemon.watch import Files
from tests.daemon.command import afterword, configure

if TYPE_CHECKING:
    from pathlib import Path

INIT = ("init", "--name", "Robin Vale", "--email", "robin@example.org", "--zone", "UTC", "--maildir", "~/Mail")
OUTDATED = "The schemas for your editor are those of another version; `afterword schema --write` writes them anew.\n"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def schemas(folder: Path) -> dict[str, str]:
    return {name: text.decode() for name, text in files(folder).items() if name.startswith("schema/")}


def age(folder: Path) -> None:
    """As if an older version had written one of them."""
    path = folder / "schema" / "rules.json"
    path.write_text(path.read_text("utf-8").replace('"own"', '"old"'), "utf-8")


def test_init_lays_them_beside_files_that_name_them(tmp_path: Path) -> None:
    told = afterword(tmp_path, *INIT, "--rules", "all")
    folder = tmp_path / ".config" / "afterword"

    assert " schema/rules.json, " in " ".join(told.out.split())
    assert schemas(folder) == schema_files()
    for name, text in files(folder).items():
        if name.endswith(".yaml"):
            assert text.decode().startswith(f"{modeline(name)}\n")
    assert OUTDATED not in told.out + afterword(tmp_path, "check").out


def test_init_adds_them_to_an_older_configuration_and_leaves_what_was_edited_alone(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    before = files(folder)
    told = afterword(tmp_path, "--config", str(folder), "init")

    assert told.code == 0
    assert {name: text for name, text in files(folder).items() if name in before} == before
    assert schemas(folder) == schema_files()


def test_a_configuration_without_them_is_right_and_gets_none_but_on_request(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    for words in (("check",), ("once", "--at", "2026-03-03T18:00:00+00:00"), ("schema",), ("plan",)):
        told = afterword(tmp_path, "--config", str(folder), "--state", str(tmp_path / "s"), *words)
        assert (told.code, OUTDATED in told.out) == (0, False)
    assert schemas(folder) == {}


def test_those_of_another_version_are_told_by_check_and_written_anew_on_request(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    here = ("--config", str(folder), "--state", str(tmp_path / "s"))
    assert "  wrote  schema/tests.json\n" in afterword(tmp_path, *here, "schema", "--write").out
    age(folder)
    before = files(folder)

    told = afterword(tmp_path, *here, "check")
    assert (told.code, told.out.endswith(OUTDATED)) == (0, True)
    told = afterword(tmp_path, *here, "check", "--json")
    assert (told.code, told.json, told.err.endswith(OUTDATED)) == (0, {"problems": []}, True)
    afterword(tmp_path, *here, "once", "--at", "2026-03-03T18:00:00+00:00")
    assert files(folder / "schema") == {name[7:]: text for name, text in before.items() if name.startswith("schema/")}

    told = afterword(tmp_path, *here, "schema", "--write")
    assert (told.code, told.out.count("wrote"), "  wrote  schema/rules.json\n" in told.out) == (0, 1, True)
    assert "rules/….yaml        # yaml-language-server: $schema=../schema/rules.json\n" in told.out
    assert schemas(folder) == schema_files()
    assert OUTDATED not in afterword(tmp_path, *here, "check").out
    assert "are those of this version" in afterword(tmp_path, *here, "schema", "--write").out


def test_init_writes_those_of_another_version_anew(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    afterword(tmp_path, "--config", str(folder), *INIT)
    age(folder)
    told = afterword(tmp_path, "--config", str(folder), "init")
    assert "\nWrote schema/rules.json in " in told.out
    assert schemas(folder) == schema_files()


def test_a_file_of_the_users_own_in_their_place_is_left_alone(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    (folder / "schema").mkdir()
    (folder / "schema" / "rules.json").write_text("{}\n", "utf-8")

    told = afterword(tmp_path, "--config", str(folder), "schema", "--write")
    assert (told.code, "schema/rules.json was not written by Afterword, and is left alone" in told.err) == (1, True)
    told = afterword(tmp_path, "--config", str(folder), "schema", "--write", "--json")
    assert (told.code, told.json["written"], told.json["left_alone"]) == (1, [], ["schema/rules.json"])
    assert [(one["file"], one["hint"]) for one in told.json["problems"]] == [
        ("schema/rules.json", "move it away first")
    ]
    assert afterword(tmp_path, "--config", str(folder), "init").code == 0
    assert OUTDATED not in afterword(tmp_path, "--config", str(folder), "check").out
    assert schemas(folder) == {**schema_files(), "schema/rules.json": "{}\n"}


def test_nothing_of_their_folder_is_read_or_watched(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    sources, tests, seen = read(folder), read_tests(folder), Files(str(folder)).fingerprint()
    afterword(tmp_path, "--config", str(folder), "schema", "--write")
    (folder / "schema" / "broken.yaml").write_text("rules: [", "utf-8")
    (folder / "schema" / "note.md").write_text("{{", "utf-8")

    assert (read(folder), read_tests(folder), Files(str(folder)).fingerprint()) == (sources, tests, seen)


def test_where_there_is_no_configuration_none_are_written(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--config", str(tmp_path / "c"), "schema", "--write")
    assert (told.code, "there is no configuration folder" in told.err) == (78, True)
    assert not (tmp_path / "c").exists()


@pytest.mark.usefixtures("ordinary_user")
def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    folder = configure(tmp_path / "c")
    folder.chmod(0o500)
    with pytest.raises(Failure, match="cannot be written: permission denied") as raised:
        lay_schemas(folder)
    folder.chmod(0o700)

    assert raised.value.exit_code == ExitCode.PERMISSION_NEEDED
    assert schemas(folder) == {}
