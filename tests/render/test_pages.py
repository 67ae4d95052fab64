from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from policysite import pipeline
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import BuildOptions, DocumentPlan, Rendered
from policysite.render.pages import render_document
from tests.helpers import mini

#: Every name a page template sees, as JSON in an element.
PROBE = """\
{% macro rows(items) %}
[{% for one in items %}{{ caller(one) }}{{ "," if not loop.last }}{% endfor %}]
{% endmacro %}
{% macro link(one) %}
{{ [one.href, one.label, one.current, one.hreflang, one.lang, one.dir] | tojson }}
{% endmacro %}
{
"title": {{ page.title | tojson }},
"title_html": {{ page.title_html | string | tojson }},
"description": {{ page.description | tojson }},
"lead": {{ page.lead | string | tojson }},
"summary": {% call(one) rows(page.summary) %}{{ one | string | tojson }}{% endcall %},
"body": {{ page.body | string | tojson }},
"url": {{ page.url | tojson }},
"canonical": {{ page.canonical | tojson }},
"toc": {% call(one) rows(page.toc) %}
  [{{ one.anchor | tojson }}, {{ one.number | tojson }}, {{ one.html | string | tojson }},
  {% call(two) rows(one.children) %}{{ [two.anchor, two.number] | tojson }}{% endcall %}]
{% endcall %},
"alternates": {% call(one) rows(page.alternates) %}{{ [one.hreflang, one.href] | tojson }}{% endcall %},
"noindex": {{ page.noindex | tojson }},
"version": {{ page.version | tojson }},
"updated": {{ [page.updated.iso, page.updated.text] | tojson if page.updated else "null" }},
"notices": {% call(one) rows(page.notices) %}
  {{ [one.kind, one.english.href, one.shown.iso if one.shown else None] | tojson }}
{% endcall %},
"related": {% call(one) rows(page.related) %}{{ link(one) }}{% endcall %},
"header": {% call(one) rows(header) %}{{ link(one) }}{% endcall %},
"footer": {% call(one) rows(footer) %}{{ link(one) }}{% endcall %},
"languages": {% call(one) rows(languages) %}
  {{ [one.tag, one.href, one.current] | tojson }}
{% endcall %},
"home": {{ link(home) }},
"number": {{ number(1234) | tojson }},
"email": {{ contact_email | tojson }},
"age": {{ minimum_age | tojson }},
"style": {{ asset("style.css").href | tojson }}
}
"""

DAY = date(2026, 1, 1)


def document(prepared: pipeline.Prepared, plan: DocumentPlan) -> Rendered:
    """A document in all its languages."""
    tags = tuple(dict.fromkeys(page.tag for page in plan.pages))
    found = list(render_document(prepared.frame, plan, tags))
    assert len(found) == len(tags)
    files = tuple(file for one in found for file in one.files)
    return Rendered(files, tuple(dict.fromkeys(item for one in found for item in one.diagnostics)))


def rendered(
    changes: dict[str, str] | None = None, key: str = "contact", day: date = DAY
) -> tuple[dict[str, dict[str, Any]], tuple[Diagnostic, ...]]:
    """What the pages of a document hold, by language."""
    files = {
        **mini.texts(),
        **{f"templates/{name}.html": PROBE for name in ("page", "home", "policy", "not-found")},
    }
    files |= changes or {}
    prepared, problems = pipeline.prepare(
        {path: text.encode() for path, text in files.items()}, BuildOptions(day)
    )
    assert prepared is not None, problems
    plan = next(plan for plan in prepared.plans if plan.key == key)
    result = document(prepared, plan)
    main = {page.output for page in plan.pages}
    pages = {
        file.path.split("/")[0]: json.loads(file.data.decode())
        for file in result.files
        if file.path in main or file.path.startswith("app/")
    }
    return pages, result.diagnostics


def good(
    changes: dict[str, str] | None = None, key: str = "contact", day: date = DAY
) -> dict[str, dict[str, Any]]:
    pages, problems = rendered(changes, key, day)
    assert problems == ()
    return pages


def page(body: str, front: str = "") -> dict[str, str]:
    text = f'---\ntitle: "Contact"\ndescription: "D"\n{front}---\n\n{body}\n'
    return {"content/contact.md": text}


def bengali(**messages: str) -> dict[str, str]:
    return {"translations/bn/LC_MESSAGES/contact.po": mini.po("bn", messages)}


# ── texts ───────────────────────────────────────────────────────────────────────────────────────


def test_facts_stand_in_the_digits_and_words_of_the_language() -> None:
    source = "Since {{ started }}, {{ minimum_age }}+, {{ contact_email }}."
    pages = good(
        page(source)
        | bengali(Contact="যোগাযোগ", D="ড", **{source: "{{ minimum_age }}+ {{ started }} {{ contact_email }}"})
    )
    assert pages["en"]["body"] == "<p>Since May 2024, 18+, help@acme.test.</p>"
    assert pages["bn"]["body"] == "<p>১৮+ মে ২০২৪ help@acme.test</p>"
    assert (pages["en"]["number"], pages["bn"]["number"]) == ("1,234", "১,২৩৪")
    assert (pages["en"]["age"], pages["bn"]["age"]) == ("18", "১৮")


def test_what_a_language_lacks_is_english_and_says_so() -> None:
    pages = good(
        page("One *a*.\n\n[Two](/privacy/) in {{ minimum_age }} days.")
        | bengali(Contact="যোগাযোগ", D="ড", **{"One *a*.": "এক *ক*।"})
    )
    assert pages["bn"]["body"] == (
        "<p>এক <em>ক</em>।</p>\n"
        '<p><span lang="en" dir="ltr"><a href="/bn/privacy/">Two</a> in 18 days.</span></p>'
    )


def test_front_matter_texts_are_plain_or_inline_html() -> None:
    front = 'lead: "Lead *x* <b>"\nsummary: ["{{ minimum_age }} & **more**", "two"]\n'
    changes = page("x", front)
    changes["content/contact.md"] = changes["content/contact.md"].replace(
        '"Contact"', '"A & *B* <i> {{ minimum_age }}"'
    )
    found = good(changes)["en"]
    assert found["title"] == "A & B <i> 18"
    assert found["title_html"] == "A &amp; <em>B</em> &lt;i&gt; 18"
    assert found["lead"] == "Lead <em>x</em> &lt;b&gt;"
    assert found["summary"] == ["18 &amp; <strong>more</strong>", "two"]


def test_a_fact_is_never_markup() -> None:
    config = mini.CONFIG.replace(
        "  started: 2024-05", "  started: '*<b>* [a](javascript:alert(1)) `x` {{ minimum_age }}'"
    )
    body = good({**page("Say {{ started }}!"), "config.yaml": config})["en"]["body"]
    assert unescape(body) == "<p>Say *<b>* [a](javascript:alert(1)) `x` {{ minimum_age }}!</p>"
    assert "<b>" not in body


# ── headings ────────────────────────────────────────────────────────────────────────────────────

HEADINGS = """\
## One

### A

### B

## Aside {: .unnumbered }

## Two [link](/privacy/) *x*

#### deep

### C

> ## quoted
"""


def test_sections_are_numbered_and_listed() -> None:
    found = good(page(HEADINGS, "numbered: true\n"))["en"]
    assert found["toc"] == [
        ["one", "1.", "One", [["a", "1.1"], ["b", "1.2"]]],
        ["aside", "", "Aside", []],
        ["two-link-x", "2.", "Two link <em>x</em>", [["c", "2.1"]]],
    ]
    assert '<span class="number">2.1</span> C' in found["body"]
    assert "<h2>quoted</h2>" in found["body"]


def test_numbers_have_the_digits_of_the_language() -> None:
    found = good(page("## One\n\n### A", "numbered: true\n") | bengali(Contact="য", D="ড", One="এক", A="ক"))[
        "bn"
    ]
    assert found["toc"] == [["one", "১.", "এক", [["a", "১.১"]]]]


def test_without_numbered_there_is_no_number() -> None:
    found = good(page("## One\n\n### A"))["en"]
    assert found["toc"] == [["one", "", "One", [["a", ""]]]]
    assert "number" not in found["body"]


def test_anchors_are_the_same_in_every_language_and_named_in_it() -> None:
    label = "Link to this section: %(title)s"
    pages = good(page('## A "*b*" <i>') | bengali(Contact="য", D="ড", **{'A \\"*b*\\" <i>': 'ক \\"*খ*\\"'}))
    english, bangla = pages["en"]["body"], pages["bn"]["body"]
    assert re.findall(r' id="([^"]*)"', english) == re.findall(r' id="([^"]*)"', bangla) == ["a-b-i"]
    assert 'href="#a-b-i" aria-label="Link to this section: A &#34;b&#34; &lt;i&gt;"' in english
    assert (
        'href="#a-b-i" aria-label="'
        + mini.MESSAGES["bn"]["site"][label].replace("%(title)s", "ক &#34;খ&#34;")
        in bangla
    )


# ── links ───────────────────────────────────────────────────────────────────────────────────────


def test_links_lead_to_the_readers_language_or_to_english() -> None:
    source = "[p](/privacy/#rights) [c](/contact/) [h](/) [s](#x) [o](https://b.test/?a=1&b) [m](mailto:a@b)"
    catalog = bengali(Contact="য", D="ড", **{source: source, "X": "X"})
    pages = good(page(source + "\n\n## X {: #x }") | catalog)
    wanted = (
        '<p><a href="/{0}/privacy/#rights">p</a> <a href="/{0}/contact/">c</a> <a href="/{0}/">h</a> '
        '<a href="#x">s</a> <a href="https://b.test/?a=1&amp;b" rel="external noopener">o</a> '
        '<a href="mailto:a@b">m</a></p>'
    )
    for tag in ("en", "bn"):
        assert pages[tag]["body"].startswith(wanted.format(tag))
    arabic = good({"content/home.md": mini.HOME}, "home")["ar"]["body"]
    assert '<a href="/en/privacy/#rights" hreflang="en">' in arabic


def test_pictures_lead_to_their_fingerprint() -> None:
    body = good(page("![dot](/assets/dot.svg)"))["en"]["body"]
    assert re.fullmatch(r'<p><img alt="dot" loading="lazy" src="/assets/dot\.[0-9a-f]{10}\.svg"></p>', body)


def test_menus_name_pages_in_plain_words() -> None:
    changes = {
        "content/privacy/2025-10-15.md": mini.PRIVACY_NEW.replace(
            '"Privacy policy"', '"*Privacy* & {{ minimum_age }}"'
        )
    }
    pages = good(changes)
    assert pages["en"]["header"] == [
        ["/en/", "Home", False, None, None, None],
        ["/en/privacy/", "Privacy & 18", False, None, None, None],
    ]
    assert pages["en"]["footer"][1] == ["/en/contact/", "Contact", False, None, None, None]
    home = good(key="home")
    assert home["ar"]["header"][1] == ["/en/privacy/", "Privacy policy", False, "en", "en", "ltr"]
    assert home["ar"]["header"][0] == ["/ar/", "الرئيسية", True, None, None, None]
    assert home["ar"]["home"][0] == "/ar/"


def test_the_switcher_names_the_languages_that_have_this_page() -> None:
    assert good()["en"]["languages"] == [["en", "/en/contact/", True]]
    assert good(key="privacy")["bn"]["languages"] == [
        ["en", "/en/privacy/", False],
        ["bn", "/bn/privacy/", True],
    ]
    homes = good(key="home")["en"]["languages"]
    assert [tag for tag, *_ in homes] == ["en", "ar", "bn"]  # by their own names


def test_alternates_are_the_pages_that_exist() -> None:
    policy = good(key="privacy")
    wanted = [
        ["en", "https://acme.test/en/privacy/"],
        ["bn", "https://acme.test/bn/privacy/"],
        ["x-default", "https://acme.test/en/privacy/"],
    ]
    assert policy["en"]["alternates"] == policy["bn"]["alternates"] == wanted
    assert policy["bn"]["canonical"] == "https://acme.test/bn/privacy/"
    missing = good(key="not-found")["en"]
    assert missing["alternates"] == []
    assert missing["noindex"] is True


# ── policies ────────────────────────────────────────────────────────────────────────────────────


def test_a_language_behind_says_so() -> None:
    pages = good(key="privacy")
    assert pages["en"]["notices"] == []
    assert pages["bn"]["notices"] == [["behind", "/en/privacy/", "2024-05"]]
    assert (pages["en"]["version"], pages["bn"]["version"]) == ("2025-10-15", "২০২৪-০৫")
    assert pages["bn"]["updated"] == ["2024-05", "মে ২০২৪"]
    assert pages["en"]["updated"] == ["2025-10-15", "October 15, 2025"]
    assert "We keep logs" in pages["en"]["body"]
    assert "আমরা কিছুই রাখি না" in pages["bn"]["body"]


def test_an_unreviewed_translation_says_so_and_english_prevails_in_policies_only() -> None:
    assert good(key="home")["ar"]["notices"] == [["unreviewed", "/en/", None]]
    assert good(key="home")["bn"]["notices"] == []
    old = mini.MESSAGES["bn"]["privacy"]
    catalog = {"translations/ar/LC_MESSAGES/privacy.po": mini.po("ar", dict.fromkeys(old, "نص"))}
    kinds = [kind for kind, *_ in good(catalog, "privacy")["ar"]["notices"]]
    assert kinds == ["behind", "unreviewed", "prevails"]


def test_policies_name_the_other_policies() -> None:
    changes = {"content/terms/2025-01.md": mini.PRIVACY_OLD.replace("Privacy policy", "Terms")}
    assert good(changes, "privacy")["en"]["related"] == [["/en/terms/", "Terms", False, None, None, None]]
    assert good(changes, "contact")["en"]["related"] == []


def test_a_generated_block_is_a_template() -> None:
    body = good(key="privacy")["en"]["body"]
    assert '<div class="generated"><ul><li>essential</li><li>analytics</li></ul></div>' in body.replace(
        "\n", ""
    )


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────


def test_a_failing_template_is_one_problem_and_other_pages_go_on() -> None:
    broken = '{% if lang.tag == "bn" %}{{ nothing }}{% endif %}{}'
    pages, problems = rendered({"templates/home.html": broken}, "home")
    assert sorted(pages) == ["ar", "en"]
    assert [(item.code, str(item.place)) for item in problems] == [("L002", "templates/home.html:1:1")]
    pages, problems = rendered({"templates/home.html": "{{ nothing }}"}, "home")
    assert pages == {}
    assert len(problems) == 1


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT type=module>x</SCRIPT>",
        "<style>a{}</style>",
        '<p style="color: red">',
        "<p onclick='x()'>",
        '<a href="javascript:x">',
    ],
)
def test_inline_code_is_refused(html: str) -> None:
    files = {**mini.texts(), "templates/page.html": html}
    prepared, _ = pipeline.prepare({path: text.encode() for path, text in files.items()}, BuildOptions(DAY))
    assert prepared is not None
    result = document(prepared, prepared.plans[0])
    assert [item.code for item in result.diagnostics] == ["P004"]


def test_a_script_with_an_address_is_no_inline_code() -> None:
    files = {
        **mini.texts(),
        "templates/page.html": '<script type="module" src="/a.js"></script>{{ page.title }}',
    }
    prepared, _ = pipeline.prepare({path: text.encode() for path, text in files.items()}, BuildOptions(DAY))
    assert prepared is not None
    assert document(prepared, prepared.plans[0]).diagnostics == ()


HOSTILE = {
    "Contact": "<script>alert(1)</script>",
    "How to reach us.": '\\"><img src=x onerror=alert(1)>',
    "By post": "</h2><script>x</script>",
    "We have **no** letter box.": (
        "[x](javascript:alert(1)) *a*{: onclick=alert(1) } \x02klzzwxh:0000\x03 </p><p onclick=x>"
    ),
    "Write to [{{ contact_email }}](mailto:{{ contact_email }}).": (
        "![x](https://evil.test/x.png) {{ 7*7 }} {% raw %} <iframe>"
    ),
}


def test_no_translation_gets_an_element_onto_the_page() -> None:
    """The checks refuse this catalog; should one slip through, the page is still safe."""
    catalog = {"translations/bn/LC_MESSAGES/contact.po": mini.po("bn", HOSTILE)}
    files = {**mini.texts(), **catalog}
    prepared, problems = pipeline.prepare(
        {path: text.encode() for path, text in files.items()}, BuildOptions(DAY)
    )
    assert prepared is not None
    assert {"T101", "T102", "T103", "T104"} <= {
        item.code for item in problems if "contact.po" in item.place.path
    }
    result = document(prepared, next(plan for plan in prepared.plans if plan.key == "contact"))
    html = next(file.data.decode() for file in result.files if file.path.startswith("bn/"))
    assert "<script" not in html
    assert "<iframe" not in html
    assert not re.search(r"<[^>]*\son[a-z]+=", html)
    assert "49" not in html


def test_a_site_without_apps_has_no_copies_for_them() -> None:
    config = mini.CONFIG + "apps: {pages: false}\n"
    assert set(good()) == {"en", "app"}
    assert set(good({"config.yaml": config})) == {"en"}
