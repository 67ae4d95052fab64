from __future__ import annotations

import pytest
from msgspec.structs import replace

from policysite.core.model import ParsedDocument
from policysite.load.documents import load_document
from policysite.translate.lint import Known, lint, override_problems
from policysite.translate.segments import parse_document, source_digest

KNOWN = Known(
    frozenset({"contact_email", "site_url"}),
    {"/": frozenset(), "/a/": frozenset({"here"}), "/privacy/": frozenset({"rights"})},
    frozenset({"/assets/x.png"}),
)
HEAD = '---\ntitle: "T"\ndescription: "D"\n---\n'


def parsed(body: str, head: str = HEAD, path: str = "content/a.md") -> ParsedDocument:
    document, problems = load_document(path, head + body)
    assert document is not None, problems
    return parse_document(document)


def found(body: str, head: str = HEAD) -> list[tuple[str, int, int]]:
    return [(item.code, item.place.line, item.place.col) for item in lint(parsed(body, head), KNOWN)]


@pytest.mark.parametrize(
    "body",
    [
        "Plain text, 5 < 6 > 4, snake_case, a_b_c, 2*3*4, R&D.",
        "*x* **y** `<b>` `_z_` ![d](/assets/x.png)",
        "[a](/privacy/#rights) [b](#here) [c](mailto:{{ contact_email }})\n\n## Here {: #here }",
        "[a]({{ site_url }}) [{{ contact_email }}](mailto:{{ contact_email }}) [t](tel:+123)",
        "{{ cookie_table }}",
        "## One\n\n### Two\n\n#### Three\n\n## Four\n",
        "- # a\n- # a\n",
        "> ## x\n\n> ## x\n",
        "R\u200dA\u200c",  # joiners are letters in some scripts
    ],
)
def test_good_texts(body: str) -> None:
    assert [code for code, _, _ in found(body) if code != "D211"] == []


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ("a <b>c</b>", [("D201", 5, 3), ("D201", 5, 7)]),
        ("one\ntwo <!-- x -->", [("D201", 6, 5)]),
        ("`<b>` <i>", [("D201", 5, 7)]),
        ("<div>\nx\n</div>", [("D201", 5, 1), ("D201", 7, 1)]),
        ("so _important_ it", [("D202", 5, 4)]),
        ("__bold__", [("D202", 5, 1)]),
        ("[a](/nowhere/)", [("D203", 5, 5)]),
        ("[a](privacy)", [("D203", 5, 5)]),
        ("[a](/privacy)", [("D203", 5, 5)]),
        ("[a](/privacy/#no)", [("D204", 5, 5)]),
        ("[a](#no)", [("D204", 5, 5)]),
        ("## A {: #x }\n\n## B {: #x }", [("D205", 7, 4)]),
        ("![](/assets/x.png)", [("D206", 5, 1)]),
        ("![a](/assets/y.png)", [("D203", 5, 6)]),
        ("![a](https://b.test/x.png)", [("D210", 5, 6)]),
        ("[a](/assets/x.png)", [("D203", 5, 5)]),
        ("hi {{ nme }}", [("D207", 5, 4)]),
        ("hi {{ cookie_table }}", [("D207", 5, 4)]),
        ("*x*{: .c } y", [("D208", 5, 4)]),
        ("[email protected]", [("D209", 5, 1)]),
        ("<a@b.cd>", [("D209", 5, 1)]),
        ("[a](javascript:alert(1))", [("D210", 5, 5)]),
        ("[a](http://b.test)", [("D210", 5, 5)]),
        ("[a](data:text/html,x)", [("D210", 5, 5)]),
        ("# One", [("D211", 5, 3)]),
        ("### Three", [("D211", 5, 5)]),
        ("## Two\n\n#### Four", [("D211", 7, 6)]),
        ("a\u200bb", [("D212", 5, 2)]),
        ("a\u202eb", [("D212", 5, 2)]),
        ("a\ufeffb", [("D212", 5, 2)]),
    ],
)
def test_bad_texts_and_where(body: str, problems: list[tuple[str, int, int]]) -> None:
    assert found(body) == problems


def test_front_matter_is_looked_at_too() -> None:
    head = '---\ntitle: "T <b>"\ndescription: "D {{ nme }}"\n---\n'
    assert found("x", head) == [("D201", 2, 8), ("D207", 3, 14)]


def test_hints_name_what_is_near() -> None:
    items = list(lint(parsed("[a](/privcy/) {{ contact_emial }} [b](/privacy/#right)"), KNOWN))
    assert {item.hint for item in items} == {
        "did you mean “/privacy/”?",
        "did you mean “contact_email”?",
        "did you mean “rights”?",
    }


def test_a_reference_style_link_is_followed() -> None:
    assert [code for code, _, _ in found("[a][one]\n\n[one]: /nowhere/\n")] == ["D203"]


def override(body: str, digest: str | None) -> list[tuple[str, str]]:
    source = parsed("[a](/privacy/) {{ site_url }}")
    theirs = parsed(body, path="content/a.bn.md")
    document = replace(theirs.document, source_digest=digest)
    problems = override_problems(source, replace(theirs, document=document), source_digest(source))
    return [(item.code, item.message) for item in problems]


def test_an_override_links_and_states_the_same() -> None:
    digest = source_digest(parsed("[a](/privacy/) {{ site_url }}"))
    assert override("{{ site_url }}\n\n- [ক](/privacy/)", digest) == []
    assert [code for code, _ in override("{{ site_url }}\n\n- [ক](/privacy/)", "0" * 12)] == ["D301"]
    assert [code for code, _ in override("{{ site_url }}\n\n- [ক](/privacy/)", None)] == ["D301"]
    assert override("{{ site_url }} [ক](/a/)", digest) == [
        ("D302", "its links differ from the source: it lacks /privacy/ and adds /a/")
    ]
    assert override("[ক](/privacy/)", digest) == [
        ("D302", "its placeholders differ from the source: it lacks site_url")
    ]
    assert override("[ক](/privacy/) [খ](/privacy/) {{ site_url }}", digest) == [
        ("D302", "its links differ from the source: it has some of them another number of times")
    ]
