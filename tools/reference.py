"""The reference pages that follow from the code: `python -m tools.reference` writes them, a test compares.

What code cannot say stands beside them: `docs/reference/_prose.yaml` and `docs/reference/_diagnostics.yaml`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import yaml
from msgspec import Struct

from policysite.cli import cli
from policysite.core.diagnostics import CODES
from policysite.core.model import BLOCKS, LAYOUTS
from policysite.load.schema import CONFIG, FRONT_MATTER, SCHEMAS, editor_schema
from policysite.render import redline, views
from policysite.translate.waivers import NEVER, WAIVABLE

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"
#: Good and bad cases of the rules on translations, which tests run.
CASES = ROOT / "tests" / "rules"

_NOTE = "<!-- Made by `python -m tools.reference`. Its words: {}. -->"

#: First letter of a code -> the section of diagnostics.md.
FAMILIES = {
    "S": "Sources: files and folders",
    "C": "Configuration and front matter",
    "D": "Documents",
    "T": "Translations",
    "L": "Layout: templates and assets",
    "P": "Plan and output",
    "H": "Hosts",
    "V": "Versions that were in force",
    "X": "Publishing",
}

_KINDS = {
    "object": "group",
    "array": "list",
    "string": "text",
    "integer": "whole number",
    "boolean": "yes or no",
}


def pages() -> dict[str, str]:
    """Every generated page: file name -> text."""
    prose = _yaml("_prose.yaml")
    return {
        **{f"schemas/{name}.schema.json": editor_schema(name) + "\n" for name in SCHEMAS},
        "commands.md": _page("Commands", _commands(prose["commands"]), "policysite/cli.py and _prose.yaml"),
        "config.md": _page(
            "config.yaml", _config(prose["config"]), "policysite/load/schema.py and _prose.yaml"
        ),
        "front-matter.md": _page(
            "Front matter", _front_matter(prose["front_matter"]), "policysite/load/schema.py and _prose.yaml"
        ),
        "diagnostics.md": _page(
            "Diagnostics",
            _diagnostics(prose["diagnostics"], examples()),
            "policysite/core/diagnostics.py, _prose.yaml and _diagnostics.yaml",
        ),
        **{f"rules/{name}.md": text for name, text in rule_pages().items()},
        "templates.md": _page(
            "Templates", _templates(prose["templates"]), "policysite/render/views.py and _prose.yaml"
        ),
        "redline.md": _page(
            "What changed, as JSON",
            _redline(prose["redline"]),
            "policysite/render/redline.py and _prose.yaml",
        ),
    }


def examples() -> dict[str, dict[str, str]]:
    """What is written by hand of each code."""
    return _yaml("_diagnostics.yaml")


def _yaml(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def _page(title: str, rows: Iterator[str], sources: str) -> str:
    return "\n".join([f"# {title}", "", _NOTE.format(sources), "", *rows]).rstrip() + "\n"


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row(row)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


# ── commands ────────────────────────────────────────────────────────────────────────────────────


def commands(group: click.Group = cli, name: str = "policysite") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before what they hold."""
    for part, command in group.commands.items():
        full = f"{name} {part}"
        yield full, command
        if isinstance(command, click.Group):
            yield from commands(command, full)


def _commands(prose: Mapping[str, Any]) -> Iterator[str]:
    yield inspect.cleandoc(cli.help or "")
    yield ""
    yield prose["intro"]
    for name, command in commands():
        yield f"## {name}"
        yield ""
        yield " ".join((command.help or "").split())
        yield ""
        if isinstance(command, click.Group):
            parts = [f"[{part}](#{name.replace(' ', '-')}-{part})" for part in command.commands]
            yield f"Commands: {', '.join(parts)}."
            yield ""
            continue
        arguments = [item for item in command.params if isinstance(item, click.Argument)]
        if arguments:
            shown = " ".join(item.make_metavar(click.Context(command)) for item in arguments)
            yield f"`{name} {shown}`"
            yield ""
        options = [item for item in command.params if isinstance(item, click.Option)]
        yield from _table(("option", "what it does"), [(_option(item), item.help or "") for item in options])
        note = prose["notes"].get(name)
        if note:
            yield note


def _option(option: click.Option) -> str:
    flag = ", ".join(option.opts)
    if option.is_flag:
        return f"`{flag}`"
    if isinstance(option.type, click.Choice):
        return f"`{flag} {'|'.join(option.type.choices)}`"
    kind = "FOLDER" if isinstance(option.type, click.Path) else option.type.name.upper()
    return f"`{flag} {option.metavar or kind.replace('INTEGER RANGE', 'NUMBER')}`"


# ── redline ─────────────────────────────────────────────────────────────────────────────────────


def _redline(prose: Mapping[str, Any]) -> Iterator[str]:
    yield prose["intro"]
    yield from _table(("key", "what it is"), list(_shape(redline.schema(), "")))
    yield prose["end"]


def _shape(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """(path, words) of every key of a schema, also inside lists."""
    for name, item in schema.get("properties", {}).items():
        words = item["description"]
        if "enum" in item:
            words += " One of " + ", ".join(f"`{value}`" for value in item["enum"] if value) + "."
        yield f"`{path}{name}`", words
        rows = item.get("type") == "array"
        yield from _shape(item["items"] if rows else item, f"{path}{name}{'[]' if rows else ''}.")


# ── config and front matter ─────────────────────────────────────────────────────────────────────


def keys(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every key of a schema with its path (`services.<id>.cookies[].name`), schema, whether it is needed."""
    for name, item in schema.get("properties", {}).items():
        yield f"{path}{name}", item, name in schema.get("required", ())
        yield from _below(item, f"{path}{name}")
    extra = schema.get("additionalProperties")
    if path and isinstance(extra, Mapping) and "properties" in extra:
        yield from keys(extra, f"{path}{_OWN_NAMES.get(path, '<name>')}.")


_OWN_NAMES = {"languages.": "<tag>", "services.": "<id>"}


def _below(item: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    if "object" in item.get("type", ()):
        yield from keys(item, f"{path}.")
    elif item.get("type") == "array" and "properties" in item["items"]:
        yield from keys(item["items"], f"{path}[].")


def _kind(item: Mapping[str, Any]) -> str:
    if "enum" in item:
        return ", ".join(f"`{value}`" for value in item["enum"])
    kind = item.get("type", "string")
    kinds = kind if isinstance(kind, list) else [kind]
    text = " or ".join(_KINDS[name] for name in kinds if name != "null")
    if item.get("type") == "array":
        text = f"list of: {_kind(item['items'])}"
    low, high = item.get("minimum"), item.get("maximum")
    if low is not None:
        text += f", {low} to {high}" if high is not None else f", {low} or more"
    if "expected" in item:
        text = str(item["expected"])
    return text + (" (or empty)" if "null" in kinds else "")


def _key_table(rows: Iterator[tuple[str, Mapping[str, Any], bool]]) -> Iterator[str]:
    return _table(
        ("key", "needed", "what it says", "value"),
        [
            (f"`{path}`", "yes" if needed else "", str(item.get("description", "")), _kind(item))
            for path, item, needed in rows
        ],
    )


def _config(prose: Mapping[str, Any]) -> Iterator[str]:
    yield prose["intro"]
    required = CONFIG["required"]
    for name, item in CONFIG["properties"].items():
        yield f"## {name}"
        yield ""
        yield f"{item['description']}{' Needed.' if name in required else ''}"
        yield ""
        rows = list(_below(item, name))
        if rows:
            yield from _key_table(iter(rows))
        else:
            yield f"Value: {_kind(item)}."
            yield ""
        note = prose["notes"].get(name)
        if note:
            yield note


def _front_matter(prose: Mapping[str, Any]) -> Iterator[str]:
    yield prose["intro"]
    yield from _key_table(keys(FRONT_MATTER))
    yield prose["after"]


# ── diagnostics ─────────────────────────────────────────────────────────────────────────────────


def _diagnostics(prose: Mapping[str, Any], written: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield prose["intro"]
    yield from _table(
        ("code", "level", "about"),
        [(f"[{code}](#{code.lower()})", level, about) for code, (level, about) in CODES.items()],
    )
    family = ""
    for code, (level, about) in CODES.items():
        if code[0] != family:
            family = code[0]
            yield f"## {FAMILIES[family]}"
            yield ""
        yield f"### {code}"
        yield ""
        yield f"**{about[0].upper()}{about[1:]}.** Level: {level}."
        yield ""
        yield from _example(written.get(code, {}))


def _example(entry: Mapping[str, str]) -> Iterator[str]:
    for name in ("cause", "cure"):
        if name in entry:
            yield f"{name.title()}: {entry[name].strip()}"
            yield ""
    if "console" in entry:
        yield from _fence(entry["console"], "text")
    for name, label in (("bad", "Wrong"), ("good", "Right")):
        if name not in entry:
            continue
        file = entry.get("good_file", entry["file"]) if name == "good" else entry["file"]
        if not entry[name].strip():
            yield f"{label}: the same, after the cure."
            yield ""
            continue
        yield f"{label}, in `{file}`:"
        yield ""
        yield from _fence(entry[name], _LANGUAGES.get(Path(file).suffix, "text"))


_LANGUAGES = {".yaml": "yaml", ".md": "markdown", ".po": "po", ".html": "jinja", ".css": "css"}


def _fence(text: str, language: str) -> Iterator[str]:
    yield f"```{language}"
    yield text.rstrip()
    yield "```"
    yield ""


# ── rules on translations ───────────────────────────────────────────────────────────────────────


def rules() -> list[str]:
    """The codes of the rules on translations: T1… and T3…, errors first."""
    return [code for code in CODES if code[:2] in ("T1", "T3")]


def rule_pages() -> dict[str, str]:
    """A page a rule, and their index: name -> text."""
    found = {"index": _page("Rules on translations", _rule_index(), "_prose.yaml and CODES")}
    written = examples()
    for code in rules():
        sources = f"_diagnostics.yaml and tests/rules/{code}.yaml"
        found[code] = _page(f"{code}: {CODES[code][1]}", _rule(code, written[code]), sources)
    return found


def _rule_index() -> Iterator[str]:
    prose = _yaml("_prose.yaml")["rules"]
    yield prose["intro"]
    rows = [(f"[{code}]({code}.md)", CODES[code][0], CODES[code][1], _waived(code)) for code in rules()]
    yield from _table(("rule", "level", "about", "waiver"), rows)
    yield prose["after"]


def _waived(code: str) -> str:
    return "yes" if code in WAIVABLE else "no"


def _rule(code: str, entry: Mapping[str, str]) -> Iterator[str]:
    level = CODES[code][0]
    waiver = "[waiver](index.md#waivers) in the catalog"
    if code in NEVER:
        note = "It guards the site: no waiver is accepted."
    elif code not in WAIVABLE:
        note = "It is not about one translation, so there is no waiver for it."
    else:
        note = f"One message can be excused by a {waiver}."
    set_level = "" if level == "error" else " `check.levels` in config.yaml can set another level."
    yield f"Level: {level}.{set_level} {note}"
    yield ""
    named = {"cause": "Why", "cure": "Cure"}
    for name, label in named.items():
        yield f"**{label}.** {entry[name].strip().replace('(rules/', '(')}"
        yield ""
    yield from _example({name: text for name, text in entry.items() if name not in named})
    path = CASES / f"{code}.yaml"
    if not path.exists():
        return
    cases = yaml.safe_load(path.read_text(encoding="utf-8"))
    for kind, label in (("bad", "Reported"), ("good", "Not reported")):
        yield f"## {label}"
        yield ""
        yield from _table(
            ("language", "source", "translation", "why"),
            [
                (case["language"], _cell(source), _cell(target), case.get("why", ""))
                for case in cases[kind]
                for source, target in _case_rows(case)
            ],
        )


def _case_rows(case: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The message a case is about; the first few of a case with many."""
    if "messages" not in case:
        return [(case["source"], case["target"])]
    return [(source, target) for source, target in case["messages"][:4]]


def _cell(text: str) -> str:
    """A text in a table cell, as code; invisible characters by their number."""
    shown = "".join(
        f"⟨U+{ord(char):04X}⟩" if char not in "\u200c\u200d" and not char.isprintable() else char
        for char in text
    )
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


# ── templates ───────────────────────────────────────────────────────────────────────────────────


def view_types() -> tuple[type[Struct], ...]:
    """The values templates meet, `PageContext` first, the others as they are written."""
    found = [
        item
        for item in vars(views).values()
        if isinstance(item, type) and issubclass(item, Struct) and item is not Struct
    ]
    return tuple(sorted(found, key=lambda item: item is not views.PageContext))


def _templates(prose: Mapping[str, Any]) -> Iterator[str]:
    yield prose["intro"]
    yield "## Which template makes what"
    yield ""
    made = {**{name: f"pages with `layout: {name}`" for name in LAYOUTS}, **prose["files"]}
    made |= {name: prose["blocks"][name] for name in BLOCKS}
    yield from _table(("template", "makes"), [(f"`{name}.html`", text) for name, text in made.items()])
    yield prose["scope"]
    for item in view_types():
        yield f"## {item.__name__}"
        yield ""
        yield from _docstring(item)
        comments = _comments(item)
        yield from _table(
            ("name", "type", "note"),
            [
                (f"`{name}`", _type(item.__annotations__[name]), comments.get(name, ""))
                for name in item.__struct_fields__
            ],
        )


def _docstring(item: type) -> Iterator[str]:
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.getdoc(item) or "")
    yield ""


def _comments(item: type) -> dict[str, str]:
    found = {}
    for line in inspect.getsource(item).split("\n"):
        match = re.match(r"    (\w+): [^#]+  # (.+)", line)
        if match:
            found[match.group(1)] = match.group(2)
    return found


def _type(annotation: str) -> str:
    text = annotation.replace("tuple[", "list of ").replace(", ...]", "")
    text = text.replace(" | None", " or `None`").replace("str", "text").replace("bool", "true or false")
    text = text.replace("int", "number")
    names = "|".join(item.__name__ for item in view_types())
    return re.sub(rf"\b({names})\b", lambda match: f"[{match[0]}](#{match[0].lower()})", text)


def main() -> None:
    """Write every page that differs."""
    for name, text in pages().items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/reference/{name} written")


if __name__ == "__main__":
    main()
