"""Markdown files → `Document`: front matter, body, and which page or policy version they are."""

from __future__ import annotations

import re
from typing import Any, cast

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, Place, place_in, problem
from policysite.core.model import Document, FrontField, VersionId
from policysite.load.config import parse_date
from policysite.load.schema import FRONT_MATTER, parse_valid
from policysite.load.yamlnodes import parse_yaml

CONTENT = "content/"

#: content/contact.md · content/contact.bn.md · content/privacy/2025-10.md · content/privacy/2025-10.bn.md
_NAME = re.compile(r"content/(?:(?P<policy>[^/]+)/)?(?P<stem>[^/.]+)(?:\.(?P<locale>[A-Za-z0-9-]+))?\.md\Z")

#: `# Title`, or a title underlined with `===`, at the beginning of a file; without its attribute list.
_FIRST_HEADING = re.compile(
    r"\s*(?:#[ \t]+(?P<marked>[^\n]+?)[ \t]*#*[ \t]*(?:\{:[^}\n]*\}[ \t]*)?"
    r"|(?P<underlined>[^\n]+)\n=+[ \t]*)(?:\n|\Z)"
)

_TRANSLATED_FIELDS = ("title", "nav_title", "description", "lead", "summary", "changes")


def locale_at(path: str) -> str | None:
    """The language that a file of content says it is a whole translation into; None for every other path."""
    match = _NAME.match(path)
    return match["locale"] if match else None


def load_document(path: str, text: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Parse one file below content/. Returns (document, problems)."""
    match = _NAME.match(path)
    if match is None:
        hint = "content/<page>.md, content/<policy>/<date>.md, or with .<language>.md at the end"
        return None, (problem("S004", Place(path), "this file is neither a page nor a policy version", hint),)
    policy, stem, locale = match["policy"], match["stem"], match["locale"]
    key = policy or stem
    if not urls.SLUG.match(key):
        hint = "use small letters, digits and single hyphens"
        return None, (problem("S004", Place(path), f"“{key}” cannot be the name of a page", hint),)
    version = None
    if policy:
        parsed = parse_date(stem)
        if parsed is None:
            hint = "name it by the day or month it takes effect: 2025-10-15.md or 2025-10.md"
            return None, (problem("D103", Place(path), f"“{stem}” is not a date", hint),)
        version = VersionId(stem, parsed[0], "day" if parsed[1] == "day" else "month")
    split = _split(text)
    if split is None:
        hint = "start the file with a line ---, then title: and description:, then another line ---"
        return None, (
            problem("D101", place_in(path, text, 1, 1), "the front matter is missing or not closed", hint),
        )
    head, body, body_line = split
    document, problems = parse_valid(path, head, FRONT_MATTER, "the front matter", 1)
    if document is None:
        return None, problems
    raw = cast("dict[str, Any]", document.value)
    fields: list[tuple[str, FrontField]] = []
    for name in _TRANSLATED_FIELDS:
        value = raw.get(name)
        if isinstance(value, list):
            fields += [(name, FrontField(item, document.at(name, index))) for index, item in enumerate(value)]
        elif value is not None:
            fields.append((name, FrontField(value, document.at(name))))
    layout = raw.get("layout", "policy" if policy else "page")
    found = []
    if bool(policy) != (layout == "policy"):
        hint = (
            "policies are folders of dated versions; pages are files"
            if layout == "policy"
            else "leave layout out"
        )
        found.append(
            problem("D104", document.at("layout"), f"layout “{layout}” does not fit this file", hint)
        )
    if (layout == "form") != ("form" in raw):
        hint = "write both layout: form and form: contact (or deletion), or neither"
        found.append(
            problem(
                "D104", document.at("form" if "form" in raw else "layout"), "a form page names its form", hint
            )
        )
    announced = parse_date(raw["announced"]) if "announced" in raw else None
    if "announced" in raw and announced is None:
        found.append(problem("C104", document.at("announced"), f"“{raw['announced']}” is not a day", ""))
    for name in ("changes", "material", "announced"):
        if name in raw and not policy:
            hint = "remove it: only versions of a policy have it"
            found.append(problem("D104", document.at_key(name), f"“{name}” means nothing for a page", hint))
    if not body.strip():
        found.append(
            problem("D102", Place(path), "the document has no text", "write the text after the front matter")
        )
    if found:
        return None, tuple(found)
    return (
        Document(
            path=path,
            key=key,
            version=version,
            locale=locale,
            layout=layout,
            slug="" if layout == "home" else str(raw.get("slug", key)),
            body=body,
            body_line=body_line,
            fields=tuple(fields),
            numbered=raw.get("numbered", False),
            noindex=raw.get("noindex", False),
            form=raw.get("form"),
            embed=raw.get("embed"),
            source_digest=raw.get("source_digest"),
            material=raw.get("material", True),
            announced=announced[0] if announced else None,
        ),
        (),
    )


def _split(text: str) -> tuple[str, str, int] | None:
    """(front matter, body, first line of the body) or None."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None
    for index in range(1, len(lines)):
        if lines[index].rstrip() == "---":
            return "\n".join(lines[1:index]) + "\n", "\n".join(lines[index + 1 :]), index + 2
    return None


def load_foreign(path: str, text: str, tag: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """A translated file from elsewhere, for `translations adopt`. Returns (document, problems).

    Front matter may be missing, and keys that are not known are left alone. Without a title a first-level
    heading at the beginning is it.
    """
    split = _split(text)
    head, body, body_line = split if split is not None else ("", text, 1)
    fields: list[tuple[str, FrontField]] = []
    if head.strip():
        document, problems = parse_yaml(path, head, 1)
        if document is None:
            return None, problems
        raw = document.value if isinstance(document.value, dict) else {}
        for name in _TRANSLATED_FIELDS:
            value = raw.get(name)
            if isinstance(value, str):
                fields.append((name, FrontField(value, document.at(name))))
            elif isinstance(value, list):
                fields += [
                    (name, FrontField(item, document.at(name, index)))
                    for index, item in enumerate(value)
                    if isinstance(item, str)
                ]
    heading = _FIRST_HEADING.match(body)
    if heading and "title" not in dict(fields):
        line = body_line + body[: heading.start(heading.lastgroup or 0)].count("\n")
        title = str(heading["marked"] or heading["underlined"]).strip()
        fields.insert(0, ("title", FrontField(title, place_in(path, text, line, 1))))
        body_line += body[: heading.end()].count("\n")
        body = body[heading.end() :]
    if not body.strip() and not fields:
        hint = "name a Markdown file with the translated text"
        return None, (problem("T012", Place(path), "the file has no text", hint),)
    found = Document(path, "", None, tag, "page", "", body, body_line, tuple(fields))
    return found, ()
