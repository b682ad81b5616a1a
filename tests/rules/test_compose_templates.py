from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.templates import TemplateFault, catalogue, check, parse

HEAD = "---\nsubject: Hello\n---\n"


def rendered(body: str, **values: Any) -> str:
    return parse("note", HEAD + body).render(values).text


def faults(source: str) -> list[tuple[str, int | None, int | None, str | None]]:
    return [(fault.message, fault.line, fault.column, fault.hint) for fault in check("note", source)]


def test_a_good_template_has_no_faults() -> None:
    source = """---
subject: Thank you, {{ person.first_name }}
format: markdown
---
Dear {{ people }},

{% for one in people %}{{ one.name }} ({{ one.email }}){% if not loop.last %}, {% endif %}{% endfor %}
{% if last_contact %}Since {{ last_contact }}, {{ meeting.start.strftime("%H:%M") }}{% endif %}
{{ meeting.title | upper }}
{% set next = next_meeting %}{{ next.when }} {{ slots }} {{ decision }} {{ round }} {{ late }} {{ meetings_so_far }}
{{ person.tags | join(", ") }} {{ gap("the idea") }} {{ me.signature }}
"""
    assert check("note", source) == ()


def test_an_unknown_name_is_told_with_line_column_and_remedy() -> None:
    assert faults(HEAD + "Dear {{ persn.name }},") == [("unknown name `persn`", 4, 9, "did you mean `person`?")]


def test_an_unknown_attribute_is_told_with_line_column_and_remedy() -> None:
    found = faults(HEAD + "tittle\n\nThe {{ meeting.title }} and {{ meeting.tittle }}")
    assert found == [("unknown name `meeting.tittle`", 6, 40, "did you mean `title`?")]


def test_an_unknown_name_in_the_subject_has_its_place_too() -> None:
    source = '---\nsubject: "To {{ person.nam }}"\n---\nHello'
    assert faults(source) == [("unknown name `person.nam`", 2, 24, "did you mean `name`?")]


def test_attributes_are_followed_through_loops_and_items() -> None:
    found = faults(
        HEAD + "{% for p in people %}{{ p.nme }}{% endfor %}\n{{ people[0].emial }} {{ meeting.start.hors }}"
    )
    assert [(message, line) for message, line, _, _ in found] == [
        ("unknown name `p.nme`", 4),
        ("unknown name `emial`", 5),
        ("unknown name `hors`", 5),
    ]


def test_the_same_fault_twice_in_a_line_has_two_columns() -> None:
    assert [fault[2] for fault in faults(HEAD + "{{ foo }} {{ foo }}")] == [4, 14]


def test_names_that_the_template_gives_itself_are_known() -> None:
    assert (
        faults(HEAD + "{% set who = person.name %}{{ who }}{% macro hi(x) %}{{ x.any }}{% endmacro %}{{ hi(me) }}")
        == []
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    source = "---\nsubject: {{ persn }}\nfrmat: markdown\n---\n{{ foo }}\n{{ bar | uper }}\n"
    assert [(message, line) for message, line, _, _ in faults(source)] == [
        ("unknown name `persn`", 2),
        ("unknown key `frmat`", 3),
        ("unknown name `foo`", 5),
        ("unknown name `bar`", 6),
        ("unknown filter `uper`", 6),
    ]


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("", "the head with the subject is missing", 1),
        ("Dear Dana", "the head with the subject is missing", 1),
        ("---\nsubject: x\nDear", "the head has no end", 1),
        ("---\n---\nDear", "the head has no subject", 1),
        ("---\nsubject:\n---\nDear", "the subject is empty", 2),
        ("---\nsubject: x\n---\n  \n", "the note is empty", 3),
        ("---\nsubject: x\nsubject: y\n---\nDear", "`subject` is there twice", 3),
        ("---\nsubject: x\nformat: html\n---\nDear", "unknown format `html`", 3),
        ("---\nsubject: x\n  more\n---\nDear", "this line of the head is no `key: value`", 3),
        (HEAD + "a\n{{ person", "`{{` is opened here and never closed", 5),
        (HEAD + '{% include "other" %}', "a template takes no other file in", 4),
        (HEAD + "{% if late %}x", None, 4),
        (HEAD + "{% for x in people %}" * 30 + "x" + "{% endfor %}" * 30, "the template is nested too deeply", None),
        (HEAD + "{{ " + "(" * 3000 + ")" * 3000 + " }}", "the template is nested too deeply", None),
    ],
)
def test_what_is_wrong_with_a_file_is_said_plainly(source: str, message: str | None, line: int | None) -> None:
    first = check("note", source)[0]
    assert first.line == line
    assert message is None or first.message == message


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault() -> None:
    template = parse("note", "\ufeff---\r\nsubject: Hello\r\n---\r\nDear {{ decision }}\r\nBye\r\n")
    assert template.render({"decision": "you"}).text.strip() == "Dear you\nBye"


def test_a_subject_may_begin_with_a_brace_and_have_colons() -> None:
    template = parse("note", "---\nsubject: {{ decision }}: an answer\n---\nx")
    assert template.render({"decision": "Yes"}).subject.strip() == "Yes: an answer"


def test_a_tag_alone_on_its_line_leaves_no_line_and_one_behind_words_keeps_the_line_end() -> None:
    body = "a{% if late %}, late{% endif %}\nb\n{% for one in slots %}\n- {{ one }}\n{% endfor %}\nc"
    assert rendered(body, late=True, slots=["x", "y"]).strip() == "a, late\nb\n- x\n- y\nc"


def test_an_error_while_rendering_is_a_fault_with_its_line() -> None:
    with pytest.raises(TemplateFault, match="division") as caught:
        rendered("a\n\n{{ 1 / round }}", round=0)
    assert caught.value.line == 6
    assert caught.value.name == "note"


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{% for i in range(900) %}{% for j in range(900) %}{% endfor %}{% endfor %}",
        "{% for i in range(9999) %}12345678901234567890{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ decision.ljust(1000000000) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ '%1000000000d' % 1 }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_template_that_runs_away_is_a_fault(body: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(body, decision="x")


@pytest.mark.parametrize("body", ["{{ decision.__class__ }}", "{{ gap.__globals__ }}", "{{ decision['__class__'] }}"])
def test_a_template_does_not_get_out_of_its_sandbox(body: str) -> None:
    with pytest.raises(TemplateFault):
        rendered(body, decision="x", gap=len)


def test_an_unknown_name_is_never_rendered_as_nothing() -> None:
    with pytest.raises(TemplateFault, match="missing"):
        rendered("{% set who = people[0] %}{{ who['missing'] }}", people=["Dana"])


def test_the_language_of_the_person_chooses_the_file() -> None:
    templates = catalogue(
        {f"thank-you{tag}.md": HEAD + "x" for tag in ("", ".pt", ".de-AT")} | {"only.pt.md": HEAD + "x"}
    )
    picked = {
        language: templates.pick("thank-you", language).name for language in ("", "pt", "pt-BR", "PT_br", "de", "de-at")
    }
    assert picked == {
        "": "thank-you",
        "pt": "thank-you.pt",
        "pt-BR": "thank-you.pt",
        "PT_br": "thank-you.pt",
        "de": "thank-you",
        "de-at": "thank-you.de-AT",
    }
    with pytest.raises(TemplateFault, match="there is no template `only`"):
        templates.pick("only", "en")


def test_a_template_that_is_not_there_or_broken_says_so() -> None:
    templates = catalogue({"thank-you.md": HEAD + "x", "broken.md": HEAD + "{{ foo }}"})
    with pytest.raises(TemplateFault, match="did you mean `thank-you`"):
        templates.pick("thnk-you")
    with pytest.raises(TemplateFault, match="unknown name `foo`"):
        templates.pick("broken")
    assert list(templates.faults) == ["broken"]
    assert templates.names() == ("broken", "thank-you")


@given(st.text(alphabet="{}%#-+ \nabc.|[]()'\"pe", max_size=60))
def test_any_text_is_a_template_or_has_a_fault_and_never_an_error(body: str) -> None:
    found = check("note", HEAD + body)
    assert all(fault.message for fault in found)
    if not found:
        parse("note", HEAD + body)
