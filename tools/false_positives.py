"""How often the rules fire on good translations: `python -m tools.false_positives FOLDER [--show CODE]`.

FOLDER holds PO files of other projects (never committed): `<project>/…/<language>.po`, or with the language
as a folder. Their interface syntax is not ours, so markup, placeholders and the names of our site cannot be
judged by them; --markdown FOLDER adds catalogs of Markdown documents, on which the rules on markup and links
run as well. What a site decides for itself is taken from the majority of each project's texts: digits and the
way to address readers.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

import click
from msgspec.structs import replace

from policysite.core import locales
from policysite.core.diagnostics import CODES, Diagnostic
from policysite.core.model import Catalog, Language, Message
from policysite.translate.checks import Checkable, check_language
from policysite.translate.po import parse_po
from policysite.translate.rules.scope import scope_of

#: Placeholders and markup of other projects' interface texts, which a policy site has not.
_FOREIGN = re.compile(
    r"%\(?\w*\)?\d*\$?[-+#0-9.]*[a-zA-Z]|\{[^{}]*\}|</?[a-zA-Z][^<>]*>|&\w+;|%%|\\[a-z]|<[^<>]+>"
)
#: Segments that are no sentences of a text: code, keys, menus with accelerators, formats.
_CODE = re.compile(r"[_&][A-Za-z]|[=;{}|^~]|\w\(\)|--\w|\A\W*\Z|\n\s")


def language_of(tag: str, targets: list[str]) -> Language:
    """The language as its catalog uses it: its digits, and whether it says “du” or “Sie”."""
    text = " ".join(targets)
    native = locales.digits(tag, True)
    counts = Counter("native" if char in native else "latin" for char in text if char.isdecimal())
    digits = locales.digits(tag, counts["native"] > counts["latin"])
    language = Language(
        tag=tag,
        locale=locales.gettext_name(tag),
        name=locales.own_name(tag),
        english_name=locales.english_name(tag),
        direction=locales.direction(tag),
        script=locales.script(tag),
        digits=digits,
        status="reviewed",
    )
    informal = scope_of(language, "en", ()).informal
    uses = sum(1 for target in targets if informal and informal.search(target))
    return replace(language, register="informal" if uses > max(3, len(targets) // 50) else "formal")


def good(message: Message, markdown: bool) -> Message | None:
    """The message as a text of ours, or None for what is no sentence or not approved."""
    if not message.usable or message.plural is not None:
        return None
    source, target = message.msgid, message.msgstr[0]
    if markdown:
        if "\n" in source or "```" in source or source.startswith(("#", "|", "<", "//")) or "{{" in source:
            return None
        if target.count("_") != source.count("_") or source.startswith('"'):
            return None  # loan words in _emphasis_ (a house style our sites refuse, D202); string literals
        return message if "<" not in source and "{" not in source else None
    source, target = (" ".join(_FOREIGN.sub("Xyz", text).split()) for text in (source, target))
    if len(source) < 12 or len(source.split()) < 3 or _CODE.search(message.msgid):
        return None
    return replace(message, msgid=source, msgstr=(target,))


def catalogs(folder: Path, markdown: bool) -> dict[tuple[str, str], list[Catalog]]:
    """(project, language) → its good messages."""
    found: dict[tuple[str, str], list[Catalog]] = defaultdict(list)
    for path in sorted(folder.rglob("*.po")):
        project = path.relative_to(folder).parts[0]
        parts = (path.stem, path.parent.name, path.parent.parent.name)
        for part in parts:
            try:
                tag = locales.canonical_tag(part)
                break
            except ValueError:
                continue
        else:
            continue
        catalog, _ = parse_po(str(path.relative_to(folder)), path.read_text("utf-8", "replace"), tag, "x")
        messages = tuple(item for one in catalog.messages if (item := good(one, markdown)))
        if messages:
            found[project, tag].append(replace(catalog, messages=messages))
    return found


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--markdown", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--show", multiple=True, help="Print what fired for this code (may be given several times).")
@click.option("--language", "only", help="Only this language.")
@click.option("--protected", multiple=True, help="A name that every translation keeps.")
def main(
    folder: Path, markdown: Path | None, show: tuple[str, ...], only: str | None, protected: tuple[str, ...]
) -> None:
    """Print segments per language, and findings per rule and language in percent."""
    segments: Counter[str] = Counter()
    fired: dict[str, Counter[str]] = defaultdict(Counter)
    todo = [(key, found, False) for key, found in catalogs(folder, False).items()]
    todo += [(key, found, True) for key, found in catalogs(markdown, True).items()] if markdown else []
    for (_, tag), found, is_markdown in todo:
        if tag == "en" or (only and tag.split("-")[0] != only):
            continue
        targets = [message.msgstr[0] for catalog in found for message in catalog.messages]
        scope = scope_of(language_of(tag, targets), "en", protected)
        problems: list[Diagnostic] = list(
            check_language([Checkable(catalog, (), is_markdown) for catalog in found], scope)
        )
        name = tag.split("-")[0]
        segments[name] += len(targets)
        for code, *_ in {(item.code, item.place.path, item.place.line) for item in problems}:
            fired[code][name] += 1
        sources = {
            (catalog.path, message.msgstr_line): message for catalog in found for message in catalog.messages
        }
        for item in problems:
            if item.code in show:
                message = sources[item.place.path, item.place.line]
                print(f"{item.code} {item.place.path}:{item.place.line} {item.message}")
                print(f"    {message.msgid[:300]}\n    {message.msgstr[0][:300]}")
    names = sorted(segments)
    total = sum(segments.values())
    print(f"{total} segments: " + ", ".join(f"{name} {segments[name]}" for name in names))
    print(f"{'rule':6}{'level':9}{'all %':>7}" + "".join(f"{name:>7}" for name in names))
    for code in sorted(fired):
        rates = "".join(f"{100 * fired[code][name] / segments[name]:7.2f}" for name in names)
        print(f"{code:6}{CODES[code][0]:9}{100 * sum(fired[code].values()) / total:7.2f}{rates}")


if __name__ == "__main__":
    main()
