"""What is promised is documented, and what is documented holds: names, generated pages, links, examples."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from policysite import pipeline
from policysite.cli import cli, main
from policysite.core.diagnostics import CODES, Diagnostic
from policysite.core.model import BLOCKS, LAYOUTS, BuildOptions
from policysite.load.schema import CONFIG, FRONT_MATTER, SCHEMAS
from policysite.render.site import workshop
from policysite.render.views import PageContext
from policysite.translate.segments import source_digest
from tests.helpers.machine import ROOT
from tools import consent_table, reference

DOCS = ROOT / "docs"
PAGES = sorted(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"))
PAGES += sorted(DOCS.rglob("*.md"))

_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    """A page without its fenced examples and code spans."""
    return re.sub(r"`[^`\n]+`", "", _FENCE.sub("", text_of(path)))


# ── everything has its place in the reference ───────────────────────────────────────────────────


def test_generated_pages_are_up_to_date():
    stale = [name for name, text in reference.pages().items() if text_of(reference.FOLDER / name) != text]
    assert not stale, f"run python -m tools.reference: {stale}"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_command_prints_the_schema_of_the_reference(name: str):
    done = CliRunner().invoke(cli, ["schema", name])
    assert done.output == text_of(reference.FOLDER / "schemas" / f"{name}.schema.json")


def test_the_consent_checklist_names_every_line_and_test():
    text = text_of(consent_table.PAGE)
    found = consent_table.tests()
    assert {test.line for test in found} >= set(consent_table.LINES)
    stale = [
        test.name for test in found if f"`{test.name}`" not in text or (test.line and test.says not in text)
    ]
    assert not stale, f"run python -m tools.consent_table: {stale}"
    assert not re.search(r"\b0 of", text), "a test of the checklist failed when the page was made"


def test_every_command_and_option_is_documented():
    text = text_of(reference.FOLDER / "commands.md")
    for name, command in reference.commands():
        assert f"## {name}\n" in text
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Argument):
                assert f"`{name} " in section
                assert option.human_readable_name.strip("[].") in section
                continue
            assert all(f"`{flag}" in section for flag in option.opts), (name, option.opts)


def test_every_config_key_is_documented():
    text = text_of(reference.FOLDER / "config.md")
    for path, schema, _ in reference.keys(CONFIG):
        assert schema["description"], path
        assert f"`{path}`" in text if "." in path else f"## {path}\n" in text
    assert len(list(reference.keys(CONFIG))) > 40


def test_every_front_matter_key_is_documented():
    text = text_of(reference.FOLDER / "front-matter.md")
    for path, schema, _ in reference.keys(FRONT_MATTER):
        assert schema["description"], path
        assert f"| `{path}` |" in text


def test_every_code_is_documented():
    written = reference.examples()
    assert list(written) == list(CODES)
    for code, entry in written.items():
        assert entry["cause"], code
        assert entry["cure"], code
        assert "console" in entry or {"file", "bad", "good"} <= entry.keys(), code


def test_every_name_of_a_template_is_documented():
    text = text_of(reference.FOLDER / "templates.md")
    for view in reference.view_types():
        assert f"## {view.__name__}\n" in text
        section = text.split(f"## {view.__name__}\n")[1].split("\n## ")[0]
        for name in view.__struct_fields__:
            assert f"`{name}`" in section
    for name in (*LAYOUTS, *BLOCKS):
        assert f"`{name}.html`" in text
    scope = text.split("## Names in scope")[1].split("\n## ")[0]
    known = set(PageContext.__struct_fields__)
    for name in set(common_names()) - known:
        assert re.search(rf"`{name}\b", scope), name


def common_names() -> Iterator[str]:
    prepared, _ = pipeline.prepare(project(), OPTIONS)
    assert prepared is not None
    yield from workshop(prepared.frame).room("en").common


@pytest.mark.parametrize("name", ["markdown.md", "output.md", "exit-codes.md"])
def test_the_reference_is_listed_in_the_index(name: str):
    assert f"reference/{name}" in text_of(DOCS / "index.md")


def test_exit_codes_are_those_of_the_command_line():
    text = text_of(reference.FOLDER / "exit-codes.md")
    promised = re.findall(r"(\d+) \w", main.__doc__ or "")
    assert promised == ["0", "1", "2", "3", "130"]
    assert all(f"| {code} |" in text for code in promised)


# ── the examples of the diagnostics ─────────────────────────────────────────────────────────────

OPTIONS = BuildOptions(date(2026, 1, 1))

_CONFIG = """\
site:
  name: Example
  base_url: https://example.com
languages:
  en:
  bn:
facts:
  contact_email: privacy@example.com
  minimum_age: 18
  consent_months: 6
  cookie_max_years: 1
protected_terms:
  - CooMeet
"""

_HOME = """\
---
title: "Welcome"
description: "An example."
layout: home
---

Read our [privacy policy](/privacy/).
"""

_PRIVACY = """\
---
title: "Privacy policy"
description: "What we know."
---

We collect little.
"""

_CATALOGS = {
    "home": {
        "Welcome": "স্বাগতম",
        "An example.": "একটি উদাহরণ।",
        "Read our [privacy policy](/privacy/).": "আমাদের [গোপনীয়তা নীতি](/privacy/) পড়ুন।",
    },
    "privacy": {
        "Privacy policy": "গোপনীয়তা নীতি",
        "What we know.": "আমরা যা জানি।",
        "We collect little.": "আমরা সামান্য সংগ্রহ করি।",
    },
    "site": {
        "Link to this section: %(title)s": "এই অংশের লিংক: %(title)s",
        "Until you close the browser": "ব্রাউজার বন্ধ করা পর্যন্ত",
    },
}

_HEADER = 'msgid ""\nmsgstr ""\n"Language: bn\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'

_TEMPLATE = "<!doctype html>\n<title>{{ page.title }}</title>\n{{ page.body }}\n"


def catalog(messages: dict[str, str]) -> str:
    entries = [f'msgid "{source}"\nmsgstr "{target}"\n' for source, target in messages.items()]
    return "\n".join([_HEADER, *entries])


def project(file: str = "", example: str = "") -> dict[str, bytes]:
    """A small project without problems, with an example put in as `_diagnostics.yaml` says.

    English only for an example of config.yaml, since its texts are in no catalog.
    """
    translated = file != "config.yaml"
    files = {
        "config.yaml": _CONFIG if translated else _CONFIG.replace("  bn:\n", ""),
        "content/home.md": _HOME,
        "content/privacy/2025-10.md": _PRIVACY,
        "assets/css/site.css": "body { margin: 0 }",
        "assets/img/chat.png": "",
        "templates/base.html": _TEMPLATE,
        "templates/chooser.html": "<!doctype html>\n<title>Languages</title>\n",
        "templates/analytics.html": "<!doctype html>\n<title>Analytics</title>\n",
    }
    files |= {f"templates/{name}.html": _TEMPLATE for name in LAYOUTS}
    for domain, messages in _CATALOGS.items() if translated else ():
        files[f"translations/bn/LC_MESSAGES/{domain}.po"] = catalog(messages)
    if file:
        files[file] = composed(file, files.get(file, ""), example)
    return {path: encoded(text) for path, text in files.items()}


def composed(file: str, base: str, example: str) -> str:
    if file == "config.yaml":
        groups = {
            part.split(":")[0]: part for part in re.split(r"^(?=\w)", base + example, flags=re.MULTILINE)
        }
        return "".join(groups.values())
    if file.startswith("content/") and not example.startswith("---"):
        return f"{base}\n{example}"
    if file.endswith(".po") and not example.startswith('msgid ""'):
        domain = Path(file).stem
        known = {
            source: target
            for source, target in _CATALOGS.get(domain, {}).items()
            if f'msgid "{source}"' not in example
        }
        return f"{catalog(known)}\n{example}"
    return example


def encoded(text: str) -> bytes:
    text = re.sub(r"⟨U\+([0-9A-F]{4})⟩", lambda match: chr(int(match[1], 16)), text)
    text = re.sub(r"⟨0x([0-9A-F]{2})⟩", lambda match: chr(0xDC00 + int(match[1], 16)), text)
    return text.encode("utf-8", "surrogateescape")


def problems_of(files: dict[str, bytes]) -> list[Diagnostic]:
    prepared, found = pipeline.prepare(files, OPTIONS)
    problems = list(found)
    if prepared is not None and not any(item.level == "error" for item in problems):
        for step in pipeline.render(prepared):
            problems += step.diagnostics
    return problems


def test_the_project_of_the_examples_has_no_problems():
    assert problems_of(project()) == []


def _codes_with_examples() -> list[str]:
    return [code for code, entry in reference.examples().items() if "bad" in entry]


@pytest.mark.parametrize("code", _codes_with_examples())
def test_the_example_of_a_code_is_true(code: str):
    entry = reference.examples()[code]
    wrong = problems_of(project(entry["file"], entry["bad"]))
    assert code in {item.code for item in wrong}, wrong
    right = problems_of(project(entry.get("good_file", entry["file"]), entry["good"]))
    assert not [item for item in right if item.level == "error" or item.code == code]


def test_the_examples_name_the_digest_of_their_source():
    translated, _ = pipeline.translate(project())
    assert translated is not None
    digest = next(source_digest(item) for item in translated.parsed if item.document.key == "home")
    assert digest in reference.examples()["D301"]["good"]


# ── the services of the how-to (test_docs_examples.py follows the other examples) ───────────────


@pytest.mark.parametrize(
    "block",
    [
        block
        for kind, block in _FENCE.findall(text_of(DOCS / "how-to" / "add-a-service.md"))
        if kind == "yaml"
    ],
)
def test_the_services_of_the_how_to_are_valid(block: str):
    assert problems_of(project("config.yaml", block)) == []


# ── links, commands, names ──────────────────────────────────────────────────────────────────────

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    """The ids GitHub gives the headings of a page; of equal ones, the second ends with `-1`."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", text_of(path)), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        plain = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = 0
        while (name := f"{plain}-{count}" if count else plain) in found:
            count += 1
        found.add(name)
    return found


@_page
def test_links_resolve(path: Path):
    for target in _LINK.findall(prose_of(path)):
        if re.match(r"[a-z]+:", target):
            assert target.startswith(("https://", "mailto:")), target
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), target
        assert file.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(file), target


def pictures() -> Iterator[tuple[Path, str]]:
    """(file, its words) of every picture that a page shows."""
    for path in PAGES:
        for words, target in _PICTURE.findall(prose_of(path)):
            yield (path.parent / target).resolve(), words


def test_pictures_exist_are_light_and_have_words():
    for file, words in pictures():
        assert words, f"{file.name} needs words for those who cannot see it"
        assert file.stat().st_size <= 120 * 1024, f"{file.name} is too heavy"
    assert set((DOCS / "img").iterdir()) == {file for file, _ in pictures()}


def console_lines() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        for language, block in _FENCE.findall(text_of(path)):
            for line in map(str.strip, block.split("\n")):
                if language in ("console", "text") and line.startswith("$ policysite"):
                    yield path, line.removeprefix("$ ")


@pytest.mark.parametrize(
    ("path", "line"), list(console_lines()), ids=lambda item: item if isinstance(item, str) else item.stem
)
def test_commands_of_examples_exist(path: Path, line: str):
    words = shlex.split(line, comments=True)[1:]
    if words and words[0].startswith("-") and words[0] not in ("--help", "--version", "-h"):
        words.insert(0, "build")
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    known = {flag for option in command.params for flag in option.opts} | {"--help", "-h", "--version"}
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in known, line


def test_make_targets_of_examples_exist():
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for path in PAGES:
        for _, block in _FENCE.findall(text_of(path)):
            for name in re.findall(r"^ *\$ make ?([a-z-]*)", block, re.MULTILINE):
                assert not name or name in targets, (path, name)


_HOSTS = "|".join(("pypi", "pythonhosted", "npmjs", "registry", "artifactory", "nexus"))
_FOREIGN = re.compile(rf"\b(?:{_HOSTS})\.[a-z]|(?<![\w./-])/(?:work|root)/", re.IGNORECASE)
_OF_ONE_MACHINE = re.compile(r"(?<![\w./-])/(?:tmp|home)/")


@_page
def test_no_page_names_a_folder_of_one_machine(path: Path):
    assert not _OF_ONE_MACHINE.search(_FENCE.sub("", text_of(path)))


def test_no_file_names_a_registry_or_a_folder_of_the_authors():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes().decode("utf-8", "replace")
            found += [f"{name}: {match.group()}" for match in _FOREIGN.finditer(text)]
    assert not found


def test_docs_are_reached_from_the_index():
    listed = {
        (index.parent / target.partition("#")[0]).resolve()
        for index in (DOCS / "index.md", reference.FOLDER / "rules" / "index.md")
        for target in _LINK.findall(text_of(index))
        if "://" not in target
    }
    assert {path for path in DOCS.rglob("*.md") if path.name != "index.md"} <= listed


# ── ARCHITECTURE.md ─────────────────────────────────────────────────────────────────────────────


def test_architecture_is_short():
    assert len(text_of(ROOT / "ARCHITECTURE.md").splitlines()) <= 200


def test_architecture_names_every_module_and_no_other():
    text = text_of(ROOT / "ARCHITECTURE.md")
    block = next(block for _, block in _FENCE.findall(text) if block.startswith("policysite/"))
    named: set[str] = set()
    folders: list[str] = []
    for line in block.split("\n")[1:]:
        match = re.match(r"( *)(\w+)(/|\.\w+)", line)
        if not match:
            continue
        indent, name, suffix = match.groups()
        folders = folders[: len(indent) // 2 - 1]
        if suffix == "/":
            folders.append(f"{name}/")
        else:
            for file in re.findall(r"\w+\.(?:py|js)", re.split(r" {2,}|(?<=py) ", line.strip())[0]):
                named.add("".join(folders) + file)
    package = ROOT / "policysite"
    real = {
        path.relative_to(package).as_posix()
        for pattern in ("*.py", "*.js")
        for path in package.rglob(pattern)
        if path.name != "__init__.py"
    }
    assert named == real


def test_architecture_names_every_dependency():
    text = text_of(ROOT / "ARCHITECTURE.md")
    declared = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["dependencies"]
    for line in declared:
        assert f"**{re.split('[<>=]', line)[0]}**" in text.lower()


def test_shell_completion_script_is_given():
    """The how-to names the variable Click listens to."""
    done = subprocess.run(
        [Path(sys.executable).with_name("policysite")],
        env={"_POLICYSITE_COMPLETE": "bash_source", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_policysite_completion" in done.stdout
    assert "_POLICYSITE_COMPLETE" in text_of(DOCS / "how-to" / "shell-completion.md")
