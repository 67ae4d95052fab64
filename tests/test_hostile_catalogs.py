"""A translator is not trusted with markup: attacks through a catalog, on the shipped site and at random.

Each attack stands in for a translation of the shipped Bengali privacy policy or interface. It must be refused
with file and line, and nothing may be published; what is published, in the random ones, may hold no element,
attribute, link or script that the page does not have with its own translation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import lxml.html
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from policysite.cli import cli
from policysite.core.diagnostics import Diagnostic
from policysite.core.model import Message
from policysite.translate.po import parse_po
from tests.helpers import mini, projects
from tests.helpers.machine import ROOT

PRIVACY = "translations/bn/LC_MESSAGES/privacy.po"
SITE = "translations/bn/LC_MESSAGES/site.po"

#: A text without markup of the privacy policy.
PLAIN = "Privacy policy"

#: What stands in for the translation of a plain text -> the code that refuses it.
ATTACKS = {
    "script": ("গোপন <script>alert(1)</script>", "T104"),
    "image with a handler": ("গোপন <img src=x onerror=alert(1)>", "T104"),
    "break-out": ("গোপন</p></div></main>", "T104"),
    "comment": ("গোপন <!-- ", "T104"),
    "link": ("[গোপন](https://evil.example/)", "T101"),
    "javascript link": ("[গোপন](javascript:alert(1))", "T101"),
    "data link": ("[গোপন](data:text/html;base64,PHNjcmlwdD4=)", "T101"),
    "automatic link": ("<https://evil.example/>", "T101"),
    "reference link": ("[গোপন]\n\n[গোপন]: https://evil.example/", None),
    "image": ("![গোপন](https://evil.example/pixel.gif)", "T101"),
    "bold": ("**গোপন**", "T101"),
    "attribute list": ("গোপন {: onclick=alert(1) }", "T104"),
    "attribute list on a bold": ("**গোপন**{: style=position:fixed }", "T104"),
    "table of contents": ("[TOC]", "T104"),
    "stash placeholder": ("গোপন \x02wzxhzdk:0\x03", "T104"),
    "escaped stash": ("গোপন \x02klzzwxh:0001\x03", "T104"),
    "bidi override": ("গোপন \u202eনীতি\u202c", "T108"),
    "isolate": ("গোপন \u2067নীতি\u2069", "T108"),
    "zero width space": ("গো\u200bপন", "T108"),
    "megabyte": ("গ" * 1_000_000, "T104"),
    "brackets": ("[" * 20_000, "T104"),
    "placeholder": ("গোপন {{ contact_email }}", "T103"),
    "template code": ("{{ ''.__class__.__mro__ }}", None),
    "Jinja block": ("গোপন {% include 'banner.html' %}", None),
    "obfuscated e-mail": ("[email protected]", "T105"),
}


@pytest.fixture(scope="module")
def shipped() -> dict[str, bytes]:
    files = {"config.yaml": (ROOT / "config.yaml").read_bytes()}
    for part in ("assets", "content", "templates", "translations"):
        files |= {f"{part}/{path}": data for path, data in projects.files_of(ROOT / part).items()}
    return files


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def replaced(
    files: Mapping[str, bytes], path: str, msgid: str, translation: str
) -> tuple[dict[str, bytes], int]:
    """The files with another translation of one message, and the 1-based line of its msgstr."""
    [message] = [message for message in messages_of(files, path) if message.msgid == msgid]
    lines = files[path].decode().split("\n")
    start = message.msgstr_line - 1
    end = start + 1
    while lines[end].startswith('"'):
        end += 1
    lines[start:end] = [f'msgstr "{quoted(translation)}"']
    return {**files, path: "\n".join(lines).encode()}, message.msgstr_line


def messages_of(files: Mapping[str, bytes], path: str) -> tuple[Message, ...]:
    catalog, problems = parse_po(path, files[path].decode(), "bn", Path(path).stem)
    assert not problems
    return catalog.messages


def at(problems: tuple[Diagnostic, ...], path: str) -> list[tuple[str, int]]:
    return [
        (item.code, item.place.line) for item in problems if item.place.path == path and item.level == "error"
    ]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_a_text_is_refused_with_its_line(shipped: dict[str, bytes], name: str) -> None:
    attack, code = ATTACKS[name]
    files, line = replaced(shipped, PRIVACY, PLAIN, attack)
    site, problems = projects.built(files)
    found = at(problems, PRIVACY)
    if code is None:
        # No markup comes of it: the text is shown as it was written.
        assert found or shown_as_text(site["bn/privacy/index.html"], attack)
        return
    assert (code, line) in found, problems
    assert site == {}


def shown_as_text(page: bytes, attack: str) -> bool:
    return " ".join(attack.split()) in " ".join(lxml.html.fromstring(page.decode()).text_content().split())


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("](mailto:", "](https://evil.example/?", "T102"),
        ("](mailto:", "](javascript:", "T102"),
        (
            "[{{ contact_email }}](mailto:{{ contact_email }})",
            "[{{ contact_email }}](mailto:оhmegull@evil.example)",
            "T102",
        ),
        ("{{ contact_email }}](", "support@ohmegull.example](", "T103"),
        ("](mailto:{{ contact_email }})", ']({{ contact_email }} "গোপন")', "T102"),
    ],
)
def test_a_link_stays_what_its_source_says(shipped: dict[str, bytes], old: str, new: str, code: str) -> None:
    [message, *_] = [
        item for item in messages_of(shipped, PRIVACY) if "](mailto:{{ contact_email }})" in item.msgid
    ]
    assert old in message.msgstr[0]
    files, line = replaced(shipped, PRIVACY, message.msgid, message.msgstr[0].replace(old, new, 1))
    site, problems = projects.built(files)
    assert (code, line) in at(problems, PRIVACY), problems
    assert site == {}


@pytest.mark.parametrize(
    "attack",
    ["<script>alert(1)</script>", "&#60;script>", '" onclick="alert(1)', "</title><script>x</script>"],
)
def test_an_interface_text_is_a_text(shipped: dict[str, bytes], attack: str) -> None:
    """Interface texts are plain: they are escaped wherever they stand, in attributes too."""
    for msgid in ("Skip to content", "Main menu", "Cookies on this site"):
        files, line = replaced(shipped, SITE, msgid, attack)
        site, problems = projects.built(files)
        if not site:
            found = at(problems, SITE)
            assert {where for _, where in found} == {line}
            assert {code for code, _ in found} & {"T104", "T107"}
            continue
        good, _ = projects.built(shipped)
        page = "bn/privacy/index.html"
        assert structure(site[page]) == structure(good[page])


def test_broken_bytes_change_nothing_on_disk(shipped: dict[str, bytes], tmp_path: Path) -> None:
    """Broken UTF-8, a cut file, a PO syntax error: exit code 1, file and line, `dist/` as it was."""
    project = projects.write(shipped, tmp_path / "project")
    assert build(project).return_value == 0
    before = projects.files_of(project / "dist")
    catalog = project / PRIVACY
    good = catalog.read_bytes()
    for broken, expected in (
        (good.replace("গোপনীয়তা".encode(), b"\xff\xfe", 1), "S001"),
        (good.replace(b'msgstr "', b"msgstr ", 2), "T001"),
        (good + b'\nmsgid "cut', "T001"),
        (b"\x00" * 64, "T001"),
    ):
        catalog.write_bytes(broken)
        result = build(project)
        assert result.return_value == 1
        assert f"{PRIVACY}:" in result.output
        assert f"error {expected}" in result.output
        assert projects.files_of(project / "dist") == before
        assert catalog.read_bytes() == broken


def build(project: Path) -> Result:
    return CliRunner().invoke(cli, ["build", "--project", str(project)], standalone_mode=False)


# ── at random ───────────────────────────────────────────────────────────────────────────────────

#: Attributes whose value may be a translated text.
TEXTUAL = frozenset({"aria-label", "title", "alt", "content", "placeholder", "aria-description"})


def structure(page: bytes) -> Counter[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every element with its attributes; the value of an attribute that is a text counts as “text”."""
    root = lxml.html.fromstring(page.decode())
    return Counter(
        (
            str(node.tag),
            tuple(
                sorted((name, "text" if name in TEXTUAL else value) for name, value in node.attrib.items())
            ),
        )
        for node in root.iter()
    )


FRAGMENTS = (
    *(
        "<script>",
        "</p>",
        "<b onclick=x>",
        "<!--",
        "-->",
        "&lt;",
        "&#x3c;img&#x3e;",
        "<https://evil.example>",
    ),
    *("[", "](", "]", ")", "](/privacy/)", "[x](https://evil.example)", "[গোপনীয়তা নীতি](/privacy/#rights)"),
    *(
        "javascript:",
        "data:",
        "www.evil.example",
        "a@b.example",
        "![",
        "*",
        "**",
        "**কোনো**",
        "_",
        "`",
        "``",
        "~",
    ),
    *("{:", "}", "{{ ", " }}", "{{ minimum_age }}", "{% x %}", "%(age)s", "%", "style=", " onload=", "="),
    *("\\", "\\*", "[TOC]", "# ", "- ", "1. ", "> ", "    ", "|", "---", "&", '"', "'", "লেখা "),
    *("\u202e", "\u200b", "\ufeff", "\x02", "\x03"),
)

MESSAGES: list[tuple[str, str]] = [
    (domain, msgid)
    for domain, messages in mini.MESSAGES["bn"].items()
    for msgid in messages
    if domain in ("home", "privacy", "site")
]


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    site, problems = projects.built(mini.sources())
    assert site, problems
    return site


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(MESSAGES),
    st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=8).map("".join),
)
def test_no_translation_adds_anything_to_a_page(
    good: dict[str, bytes], message: tuple[str, str], text: str
) -> None:
    domain, msgid = message
    messages = {**mini.MESSAGES["bn"][domain], msgid: text}
    files = mini.texts()
    path = f"translations/bn/LC_MESSAGES/{domain}.po"
    old = f'msgstr "{mini.MESSAGES["bn"][domain][msgid]}"'
    assert old in files[path]
    files[path] = files[path].replace(old, f'msgstr "{quoted(messages[msgid])}"', 1)
    site, problems = projects.built(
        {name: data.encode("utf-8", "surrogatepass") for name, data in files.items()}
    )
    if not site:
        assert any(item.level == "error" for item in problems)
        return
    for page in site.keys() & good.keys():
        if page.startswith("bn/") and page.endswith(".html"):
            added = structure(site[page]) - structure(good[page])
            assert not added or fell_back(text, added), (page, text, added)


def fell_back(text: str, added: Counter[tuple[str, tuple[tuple[str, str], ...]]]) -> bool:
    """An empty translation shows English text, marked as such: the only thing that may be added."""
    return not text.strip() and all(
        not attributes
        or ("lang", "en") in attributes
        or dict(attributes).keys() <= {"href", "class", "hreflang"}
        for _, attributes in added
    )
