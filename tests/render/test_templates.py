from __future__ import annotations

import pytest
from markupsafe import Markup, escape

from policysite.core.diagnostics import Diagnostic
from policysite.core.model import TextFile
from policysite.render.templates import Failed, compiled, environment, render, syntax_problems, written

BASE = TextFile("base.html", "<html>\n{% block main %}{% endblock %}\n{{ footer }}\n</html>")


def made(*templates: TextFile, **scope: object) -> str:
    return render(environment(templates), templates[0].path, scope)


def failure(*templates: TextFile, **scope: object) -> Diagnostic:
    with pytest.raises(Failed) as caught:
        made(*templates, **scope)
    return caught.value.diagnostic


def test_values_are_escaped_in_every_file() -> None:
    for name in ("a.html", "a.txt", "a"):
        assert made(TextFile(name, "{{ x }}"), x="<b>'\"&") == "&lt;b&gt;&#39;&#34;&amp;"


def test_blocks_leave_no_empty_lines() -> None:
    assert made(TextFile("a.html", "a\n  {% if true %}\nb\n  {% endif %}\nc")) == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "code", "line", "message"),
    [
        ("a\n{{ nothing }}", "L002", 2, "'nothing' is undefined"),
        ("a\n\n{{ x.y }}", "L002", 3, "'str object' has no attribute 'y'"),
        ("{{ x + 1 }}", "L002", 1, "TypeError"),
        ("a\n{{ fail() }}", "L002", 2, "no asset"),
        ("a\n{% if x %}", "L001", 2, "Unexpected end of template"),
        ("a\n{{ x | nofilter }}", "L001", 2, "No filter named 'nofilter'"),
        ("{% include 'missing.html' %}", "L003", 0, "there is no template “missing.html”"),
    ],
)
def test_a_failure_is_a_diagnostic_at_the_line_of_the_template(
    text: str, code: str, line: int, message: str
) -> None:
    def fail() -> str:
        raise KeyError("no asset")

    found = failure(TextFile("a.html", text), x="text", fail=fail)
    assert (found.code, found.place.path, found.place.line) == (code, "templates/a.html", line)
    assert message.lower() in found.message.lower()
    if line:
        assert found.place.text == text.split("\n")[line - 1]


def test_a_failure_in_a_parent_names_the_parent() -> None:
    found = failure(TextFile("a.html", '{% extends "base.html" %}'), BASE)
    assert (str(found.place), found.place.text) == ("templates/base.html:3:1", "{{ footer }}")


def test_a_template_that_is_not_there_gets_a_hint() -> None:
    with pytest.raises(Failed) as caught:
        render(environment([BASE]), "bsae.html", {})
    assert caught.value.diagnostic.code == "L003"
    assert caught.value.diagnostic.hint == "did you mean “base.html”?"


def test_templates_cannot_reach_a_file() -> None:
    assert failure(TextFile("a.html", "{% include '../config.yaml' %}")).code == "L003"
    assert failure(TextFile("a.html", "{% include '/etc/passwd' %}")).code == "L003"


def test_all_syntax_problems_are_found_at_once() -> None:
    found = syntax_problems(
        [
            BASE,
            TextFile("a.html", "{% extends 'bse.html' %}\n{% block x %}"),
            TextFile("b.html", "ok\n{% include \"base.html\" %}\n{%- import 'zzzz.j2' as n -%}"),
            TextFile("c.html", '{% extends "base.html" %}'),
        ]
    )
    assert [(item.code, str(item.place), item.hint) for item in found] == [
        ("L001", "templates/a.html:2:1", "see the Jinja documentation of this tag"),
        ("L003", "templates/b.html:3:1", ""),
    ]
    assert found[1].place.text == "{%- import 'zzzz.j2' as n -%}"


def test_a_syntax_problem_is_told_in_the_same_words_when_rendering() -> None:
    template = TextFile("a.html", "{% if x %}\n{{ x }")
    assert (failure(template, x=1),) == syntax_problems([template])


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "",
        "<b>'\"&" * 3,
        "<" * 500,
        Markup("<i>&amp;</i>"),
        Markup("x" * 500),
        1,
        2.5,
        None,
        True,
        ["<"],
        ("a",),
    ],
)
def test_values_are_written_as_markupsafe_escapes_them(value: object) -> None:
    for _ in range(2):  # the second time from memory
        assert written(value) == str(escape(value))
    assert made(TextFile("a.html", "{{ x }}|{% set y %}{{ x }}{% endset %}{{ y }}"), x=value) == (
        f"{escape(value)}|{escape(value)}"
    )


def test_text_that_was_remembered_is_not_taken_for_markup_nor_markup_for_text() -> None:
    template = TextFile(
        "a.html", "{{ a }}{{ b }}{{ a }}{% macro m(v) %}{{ v }}{% endmacro %}{{ m(a) }}{{ m(b) }}"
    )
    assert made(template, a="<i>", b=Markup("<i>")) == "&lt;i&gt;<i>&lt;i&gt;&lt;i&gt;<i>"


def test_templates_that_stay_the_same_are_compiled_once() -> None:
    def text(said: str) -> tuple[TextFile, ...]:
        return (TextFile("a.html", f"{said}{{{{ x }}}}"),)

    assert compiled(text("a")).get_template("a.html") is compiled(text("a")).get_template("a.html")
    assert render(compiled(text("b")), "a.html", {"x": 1}) == "b1"


def test_what_has_html_of_its_own_gives_it() -> None:
    class Badge:
        def __html__(self) -> str:
            return "<b>!</b>"

    assert made(TextFile("a.html", "{{ x }}"), x=Badge()) == "<b>!</b>"
    assert made(TextFile("a.html", "{% autoescape false %}{{ x }}{% endautoescape %}"), x="<") == "<"
