"""Every way to break a configuration is told at its place, and so that the user can mend it."""

from __future__ import annotations

import pytest

from config.problem import Problem
from tests.config.folders import RULES, SETTINGS, TEMPLATE, loaded, problems, step

# fmt: off
CHANGED = [
    ("version: 1", "version: 2", "1:10", "`version` must be `1`, and this is the number `2`"),
    ("version: 1\n", "", "1:1", "`version` is missing"),
    ("mailbox: {", "mailbx: {", "4:1", "unknown key `mailbx`; did you mean `mailbox`?"),
    ("Lisbon", "Lisbn", "2:64", "`time_zone`: unknown time zone 'Europe/Lisbn'"),
    ("robin@example.org", "robin at example", "2:33", "an entry of `emails`: `robin at example` is not an email address"),
    ("[robin@example.org]", "[]", "2:32", "`emails` is empty, and needs at least one"),
    ("Robin Vale", "''", "2:12", "`name`: the text is empty"),
    ("Lisbon}", "Lisbon, holidays: XX}", "2:89", "`holidays`: no holidays are known for 'XX'"),
    ("Lisbon}", "Lisbon, working_hours: 9 to 5}", "2:94", "`working_hours`: '9 to 5' is not a window"),
    ("Lisbon}", "Lisbon, working_hours: working_hours}", "2:94", "`working_hours`: working_hours cannot be 'working_hours'"),
    ("ics: ", "icss: ", "3:24", "unknown key `icss`; did you mean `ics`?"),
    ("ics: calendars/", "ics: file:///tmp", "3:29", "`ics`: `file:///tmp` is no address that Afterword reads"),
    ("ics: calendars/", "ics: 'https:///x.ics'", "3:29", "`ics`: `https:///x.ics` names no host"),
    ("ics: calendars/", "caldav: 'webcal://cloud.example'", "3:32", "`caldav`: `webcal://cloud.example` is no server"),
    ("ics: calendars/", "caldav: 'https://robin:x@cloud.example'", "3:32", "`caldav`: a user does not stand in the address"),
    ("ics: calendars/", "caldav: cloud.example, user: robin", "3:13", "an entry of `calendars`: `user` and `password` go together: write both, or neither"),
    ("ics: calendars/", "caldav: cloud.example, calendars: []", "3:58", "`calendars` is empty, and needs at least one"),
    ("ics: calendars/", "google: 'https://calendar.google.com/calendar/embed?src=x'", "3:32", "`google`: `https://calendar.google.com/calendar/embed?src=x` is no calendar of Google"),
    ("ics: calendars/", "google: foo/bar", "3:32", "`google`: `foo/bar` is no calendar of Google"),
    ("ics: calendars/", "google: ..", "3:32", "`google`: `..` is no calendar of Google"),
    ("ics: calendars/", "google: ''", "3:32", "`google`: the text is empty"),
    ("}]", "}, {id: feed, ics: b/}]", "3:47", "the calendar id `feed` is used twice"),
    ("calendars/}", "calendars/, google: primary}", "3:41", "an entry of `calendars` is of one kind only, and has both `ics` and `google`"),
    ("id: feed, ", "", "3:13", "`id` is missing"),
    ("id: feed", "id: my feed", "3:18", "`id` is made of letters, digits, `.`, `_` and `-`, at most 64 of them; `my feed` is not"),
    ("{maildir: Mail}", "~/Mail", "4:10", "`mailbox` must hold keys with values, and this is the text `~/Mail`"),
    ("{maildir: Mail}", "{mailbox: Mail}", "4:10", "`mailbox` does not say of which kind it is"),
    ("{maildir: Mail}", "{imap: mail.example, password: {file: x}}", "4:10", "`user` is missing"),
    ("{maildir: Mail}", "{imap: mail.example, user: x}", "4:10", "`mailbox`: a mailbox at a server has a `password` or an `oauth`, and here is neither"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, password: {file: x}, oauth: google}", "4:10", "`mailbox`: `password` and `oauth` exclude each other"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, oauth: google}", "4:10", "`mailbox`: `oauth: google` opens all of your mail at Google, and is told to Google alone"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, oauth: ya29.secret}", "4:47", "`oauth`: an access token does not stand in the file"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, oauth: {comand: x}}", "4:48", "unknown key `comand`; did you mean `command`?"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, oauth: {command: []}}", "4:57", "`command` is empty, and needs at least one"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, oauth: [x]}", "4:47", "`oauth` must be `google`, or hold keys with values, and this is a list"),
    ("{maildir: Mail}", "{imap: 'imaps://mail.example', user: x, password: {file: x}}", "4:17", "`imap`: `imaps://mail.example` is no host"),
    ("{maildir: Mail}", "{imap: mail.example:993, user: x, password: {file: x}}", "4:17", "`imap`: `mail.example:993` is no host"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, password: {file: x}, plain: true}", "4:10", "`mailbox`: `plain: true` would say the password to the whole network"),
    ("{maildir: Mail}", "{imap: localhost, user: x, password: {file: x}, plain: true, starttls: true}", "4:10", "`mailbox`: `plain` and `starttls` exclude each other: take `plain` out"),
    ("{maildir: Mail}", "{imap: mail.example, user: x, password: {file: x}, port: 0}", "4:67", "`port` must be 1 or more, and this is `0`"),
]
ADDED = [
    ("calenders: []", "5:1", "unknown key `calenders`; did you mean `calendars`?"),
    ("google: {endpoint: https://evil.example}", "5:20", "`endpoint`: an emulator stands on this machine"),
    ("google: {service_account: key.json}", "5:9", "`google`: `service_account` and `user` go together: write both, or neither"),
    ("google: {clients: x}", "5:10", "unknown key `clients`; did you mean `client`?"),
    ("contacts: [{carddav: 'x y'}]", "5:22", "`carddav`: `x y` is no server"),
    ("contacts: {vcards: a}", "5:11", "`contacts` must be a list, and none of its entries begins with `- `"),
    ("courtesy: {per_organisation: 3/week}", "5:30", "`per_organisation`: '3/week' is not a limit"),
    ("courtesy: {per_organisation: 0 per week}", "5:30", "`per_organisation` of 0 would hold back every note"),
    ("courtesy: {one_open_draft: no}", "5:28", "`one_open_draft` must be `true` or `false`; `no` is only a word here"),
    ("courtesy: {per_day: 0}", "5:21", "`per_day` must be 1 or more, and this is `0`"),
    ("courtesy:", "5:1", "`courtesy` has no value"),
    ("poll: 0 minutes", "5:7", "`poll` of `0 minutes` is no time at all"),
    ("poll: soon", "5:7", "`poll`: 'soon' is not a duration"),
    ("notify: {command: []}", "5:19", "`command` is empty, and needs at least one"),
    ("notify: {command: 'a \"b'}", "5:19", "`command`: a quote in the command is not closed"),
    ("version: 1", "5:1", "`version` stands twice here; the first is in line 1"),
]
RULE = [
    ("tittle: coffee", "3:5", "unknown key `tittle` here; `title` belongs in `when`"),
    ("when: {tittle: coffee}", "3:12", "unknown key `tittle`; did you mean `title`?"),
    ("when:", "3:5", "`when` has no value"),
    ("when: {title: ['/a{99999999999}/']}", "3:20", "an entry of `title`: the regular expression /a{99999999999}/ cannot be used: it repeats something too often"),
    ("when: {title: [/(/]}", "3:20", "an entry of `title`: the regular expression /(/ cannot be used: a `(` in it is never closed"),
    ("when: {title: ''}", "3:19", "`title`: an empty text matches nothing"),
    ("when: {attendees: {at_least: three}}", "3:34", "`at_least` must be a whole number, and this is the text `three`"),
    ("when: {attendees: {at_least: 3, at_most: 2}}", "3:46", "`attendees` cannot have at least `3` and at most `2`"),
    ("when: {attendees: {external: yes}}", "3:34", "`external` must be `true` or `false`; `yes` is only a word here"),
    ("when: {duration: {at_least: 3h, at_most: 15m}}", "3:46", "`duration` cannot have at least `3h` and at most `15m`"),
    ("when: {calendar: fed}", "3:22", "there is no calendar `fed`"),
    ("unless: {calendar: [feed, holidays]}", "3:31", "there is no calendar `holidays`"),
    ("when: {recurring: sometimes}", "3:23", "`recurring` must be `true`, `false` or `any`, and this is the text `sometimes`"),
    ("when: {organiser: them}", "3:23", "`organiser` must be `me` or `others`, and this is the text `them`"),
    ("when: {person: {email: *@acme.example}}", "3:28", "a text that begins with `*` needs quotes"),
    ("when: {title: @home}", "3:19", "a text cannot begin with `@`"),
    ("when: {title: 2026}", "3:19", "`title` must be a text or a list, and this is the number `2026`"),
    ("when: {person: {tag: ''}}", "3:26", "an empty text in `tag` matches nobody"),
    (" when: {title: coffee}", "3:6", "this line is indented under one that has its value already"),
    ("about: Tea: green", "3:15", "a text with `: ` in it needs quotes"),
    ("about: 'Tea", "3:12", "a quote is opened here and never closed"),
    ('about: "\\ Tea \\q"', "3:19", "in double quotes `\\q` means nothing"),
    ("unless: {}: x", "3:15", "a text with `: ` in it needs quotes"),
    ("when: {title: coffee, title: tea}", "3:27", "`title` stands twice here; the first is in line 3"),
]
STEP = [
    ("template: thank-you, after: 2 hourz", "4:45", "`after`: '2 hourz' is not a duration"),
    ("template: thank-you", "4:9", "the step does not say when: it needs one of `after`, `every` and `before`"),
    ("template: thank-you, evry: 6 weeks", "4:38", "unknown key `evry`; did you mean `every`?"),
    ("template: thank-you, after: 1h, every: 6 weeks", "4:49", "a step counts from one thing only, and has both `after` and `every`"),
    ("template: thank-you, every: 0 days", "4:45", "`every` of `0 days` is no time at all"),
    ("template: thank-you, after: 1h, at_most: 3", "4:49", "`at_most` counts check-ins, and so goes only with `every`"),
    ("template: thank-you, before: 1d, by: 2d", "4:50", "`by` is a deadline after a meeting, and so goes only with `after`"),
    ("template: thank-you, after: 2h, by: 1h", "4:53", "`by: 1 hour` is not later than `after: 2 hours`; both count from the end of the meeting"),
    ("template: thank-you, every: 6w, to: all", "4:53", "`to: all` does not go with `every`: check-ins are counted for each person"),
    ("template: thank-you, after: 2h, to: both", "4:53", "`to` must be `each` or `all`, and this is the text `both`"),
    ("template: [thank-you, thank-you], after: 2h", "4:27", "several templates take turns, and so go only with `every`"),
    ("template: thankyou, after: 2h", "4:27", "there is no template `thankyou`"),
    ("template: [], every: 2w", "4:27", "`template` is empty, and needs at least one"),
    ("after: 2h", "4:9", "`template` is missing"),
    ("template: thank-you, after: 2h, window: tomorrow", "4:57", "`window`: 'tomorrow' is not a window"),
    ("template: thank-you, after: 5", "4:45", "`after` needs a unit behind the number `5`"),
    ("template: thank-you, after: {days: 2}", "4:45", "`after` must be a text, and this holds keys"),
    ("template: thank-you, every: 2w, at_most: true", "4:58", "`at_most` must be a whole number, and this is `true`"),
]
FILES = [
    ("rules/a.yaml", "", "rules/a.yaml:1:1", "the file is empty"),
    ("rules/a.yaml", "- id: a\n", "rules/a.yaml:1:1", "the file begins without its key `rules:`"),
    ("rules/a.yaml", "rules: []\n---\nrules: []\n", "rules/a.yaml:2:1", "this line divides the file in two"),
    ("rules/a.yaml", "rules: &a [*a]\n", "rules/a.yaml:1:8", "a text that begins with `&` needs quotes"),
    ("rules/a.yaml", "rules: !!python/object:os.system []\n", "rules/a.yaml:1:8", "a text that begins with `!` needs quotes"),
    ("rules/a.yaml", "rules: [[[[[[[[[[[[[[[[[[[[[[\n", "rules/a.yaml:1:27", "the brackets or indents are nested too deep here"),
    ("rules/a.yaml", "rules: []\n# \x00\n", "rules/a.yaml:2:3", "the character U+0000 has no place in a text file"),
    ("rules/a.yaml", "rules: [one, two\n", "rules/a.yaml:1:8", "a `[` is opened here and never closed"),
    ("rules/a.yaml", "rules: [one, , two]\n", "rules/a.yaml:1:14", "a value is missing here"),
    ("rules/a.yaml", "rules: {{ x }}\n", "rules/a.yaml:1:9", "brackets stand where a key should be"),
    ("rules/a.yaml", "%YAML 1.1\n---\nrules: []\n", "rules/a.yaml:2:1", "the lines above that begin with `%` are not used here"),
    ("rules/a.yaml", "rules: [7]\n", "rules/a.yaml:1:9", "an entry of `rules` must hold keys with values, and this is the number `7`"),
    ("rules/a.yaml", "rules:\n  - id: a\n    steps: []\n", "rules/a.yaml:3:12", "`steps` is empty, and needs at least one"),
    ("rules/b.yaml", RULES, "rules/b.yaml:2:9", "the rule id `coffee` is used twice"),
    ("templates/thank-you.md", "Dear Dana,\n", "templates/thank-you.md:1:1", "the head with the subject is missing"),
    ("templates/thank-you.md", "---\nsubject: Hi\n---\nDear {{ persn.name }},\n", "templates/thank-you.md:4:9", "unknown name `persn`"),
    ("templates/thank-you.pt.md", "---\nsubjct: Hi\n---\nx\n", "templates/thank-you.pt.md:2:1", "unknown key `subjct`"),
]
PEOPLE = [
    ("- {emails: [a@x.example]}", "2:5", "`name` is missing"),
    ("- {name: Dana, emails: dana}", "2:26", "`emails`: `dana` is not an email address"),
    ("- {name: Dana, emails: []}", "2:26", "`emails` is empty, and needs at least one"),
    ("- {name: Dana, emails: d@x.example, tag: x}", "2:39", "unknown key `tag`; did you mean `tags`?"),
    ("- {name: Dana, emails: d@x.example, do_not_contact: yes}", "2:55", "`do_not_contact` must be `true` or `false`; `yes` is only a word here"),
    ("- {name: Dana, emails: d@x.example, language: English}", "2:49", "`language` must be the short code of a language, and this is `English`"),
    ("- {name: Dana, emails: d@x.example, time_zone: Lisbn}", "2:50", "`time_zone`: unknown time zone 'Lisbn'"),
    ("- Dana", "2:5", "an entry of `people` must hold keys with values, and this is the text `Dana`"),
]
# fmt: on


def told(found: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(f"{one.line}:{one.column}", one.message) for one in found]


def test_a_right_configuration_has_no_problems() -> None:
    assert loaded().problems == ()
    assert loaded().configuration is not None


@pytest.mark.parametrize(("old", "new", "place", "message"), CHANGED)
def test_a_fault_in_the_settings(old: str, new: str, place: str, message: str) -> None:
    assert told(problems("afterword.yaml", SETTINGS.replace(old, new, 1))) == [(place, message)]


def test_where_the_id_of_a_calendar_is_found_is_told() -> None:
    (problem,) = problems("afterword.yaml", SETTINGS.replace("ics: calendars/", "google: Family/Soft", 1))
    assert "the calendar's ID, as its settings page shows it" in (problem.hint or "")


@pytest.mark.parametrize(("line", "place", "message"), ADDED)
def test_a_fault_in_a_line_added_to_the_settings(line: str, place: str, message: str) -> None:
    assert told(problems("afterword.yaml", f"{SETTINGS}{line}\n")) == [(place, message)]


@pytest.mark.parametrize(("line", "place", "message"), RULE)
def test_a_fault_in_a_rule(line: str, place: str, message: str) -> None:
    text = f"rules:\n  - id: a\n    {line}\n    steps: [{{id: s, template: thank-you, after: 1h}}]\n"

    assert told(problems("rules/a.yaml", text)) == [(place, message)]


@pytest.mark.parametrize(("keys", "place", "message"), STEP)
def test_a_fault_in_a_step(keys: str, place: str, message: str) -> None:
    assert told(problems("rules/a.yaml", step(keys))) == [(place, message)]


@pytest.mark.parametrize(("file", "text", "place", "message"), FILES)
def test_a_fault_in_a_file(file: str, text: str, place: str, message: str) -> None:
    assert [(one.place, one.message) for one in problems(file, text)] == [(place, message)]


@pytest.mark.parametrize(("entry", "place", "message"), PEOPLE)
def test_a_fault_in_the_people_file(entry: str, place: str, message: str) -> None:
    settings = f"{SETTINGS}contacts: [{{people: people.yaml}}]\n"
    found = loaded({"afterword.yaml": settings, "people.yaml": f"people:\n  {entry}\n"}).problems

    assert told(found) == [(place, message)]
    assert found[0].file == "people.yaml"


@pytest.mark.parametrize(
    ("file", "text", "hint"),
    [
        ("rules/a.yaml", step("template: thankyou, after: 2h"), "did you mean `thank-you`?"),
        ("rules/a.yaml", step("template: x, after: 2h"), "write templates/x.md, or one of `thank-you`"),
        ("rules/a.yaml", step("template: thank-you, after: 2"), "for example `after: 2 hours`"),
        ("rules/a.yaml", "- id: a\n", "write `rules:` in a line of its own above, and indent the rest under it"),
        ("rules/b.yaml", RULES, "the first is at rules/a.yaml:2:9; give one of them another id"),
        ("afterword.yaml", SETTINGS.replace("Lisbon", "lisbon"), "did you mean 'Europe/Lisbon' or"),
        ("afterword.yaml", SETTINGS.replace("{maildir: Mail}", "~/Mail"), "for example `mailbox: {maildir: ~/Mail}`"),
        (
            "afterword.yaml",
            SETTINGS.replace("id: feed, ", ""),
            "add `id: work` (the name of the calendar in rules and messages)",
        ),
        ("templates/thank-you.md", TEMPLATE.replace("person", "persn", 1), "did you mean `person`?"),
    ],
)
def test_the_hint_says_what_to_write_instead(file: str, text: str, hint: str) -> None:
    (found,) = problems(file, text)

    assert found.hint is not None
    assert found.hint.startswith(hint)


def test_all_problems_of_all_files_are_told_at_once_in_the_order_of_reading() -> None:
    found = loaded(
        {
            "afterword.yaml": SETTINGS.replace("Lisbon", "Lisbn").replace("ics:", "icss:"),
            "rules/a.yaml": step("template: thank-you, after: soon") + "    tittle: x\n",
            "rules/b.yaml": "rules: [\n",
            "templates/thank-you.md": TEMPLATE.replace("person", "persn"),
        }
    )

    assert [one.place for one in found.problems] == [
        "afterword.yaml:2:64",
        "afterword.yaml:3:24",
        "rules/a.yaml:4:45",
        "rules/a.yaml:5:5",
        "rules/b.yaml:2:1",
        "templates/thank-you.md:2:24",
        "templates/thank-you.md:4:9",
    ]
    assert found.configuration is None


def test_checks_across_keys_run_although_the_file_has_other_faults() -> None:
    text = step("template: nowhere, after: 1h, tittle: x") + RULES.removeprefix("rules:\n") * 2

    assert [one.message for one in problems("rules/a.yaml", text)] == [
        "there is no template `nowhere`",
        "unknown key `tittle` here; `title` belongs in `when`",
        "the rule id `coffee` is used twice",
    ]


def test_a_password_in_the_file_is_refused_and_never_repeated() -> None:
    text = SETTINGS.replace("{maildir: Mail}", "{imap: mail.example, user: robin, password: hunter2}")
    found = problems("afterword.yaml", text)

    assert "`password`: a password does not stand in the file" in [one.message for one in found]
    assert not any("hunter2" in f"{one.message} {one.hint}" for one in found)


def test_each_mailbox_at_a_server_that_logs_in_one_way_is_right() -> None:
    for said in (
        "imap.gmail.com, oauth: google",
        "127.0.0.1, oauth: google",
        "mail.example, oauth: {command: pizauth show x}",
    ):
        text = SETTINGS.replace("{maildir: Mail}", f"{{imap: {said}, user: x}}")
        assert problems("afterword.yaml", text) == ()


def test_a_password_has_one_source() -> None:
    text = SETTINGS.replace("{maildir: Mail}", "{imap: mail.example, password: {command: pass, file: x}}")

    assert "`password`: a password has exactly one of `command`, `credential`, `keyring` and `file`" in [
        one.message for one in problems("afterword.yaml", text)
    ]


def test_calendars_are_not_missed_while_the_settings_cannot_be_read() -> None:
    rules = RULES.replace("{title: coffee}", "{title: coffee, calendar: work}")
    found = loaded({"afterword.yaml": "version: [", "rules/a.yaml": rules}).problems

    assert [one.file for one in found] == ["afterword.yaml"]


def test_no_rules_are_no_problem_when_the_file_says_so() -> None:
    assert problems("rules/a.yaml", "rules: []\n") == ()


def test_a_tag_that_nobody_has_is_no_problem() -> None:
    rules = RULES.replace("{title: coffee}", "{person: {tag: network}}")

    assert problems("rules/a.yaml", rules) == ()


def test_a_problem_is_printed_as_every_command_prints_it() -> None:
    (found,) = problems("rules/a.yaml", step("template: thank-you, evry: 6 weeks"))

    assert found.as_json() == {
        "source": None,
        "file": "rules/a.yaml",
        "line": 4,
        "column": 38,
        "message": "unknown key `evry`; did you mean `every`?",
        "hint": None,
    }


def test_a_place_is_as_exact_as_it_is_known() -> None:
    assert Problem(None, "rules/a.yaml", 4, 7, "x").place == "rules/a.yaml:4:7"
    assert Problem(None, "rules", None, None, "x").place == "rules"
    assert Problem("feed", None, None, None, "x").place == "feed"
