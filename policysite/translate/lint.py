"""Rules on the English source and on overrides: what an editor may not write. One function a rule.

Each rule takes one text with its document and yields (code, offset in the raw text, message, hint).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, place_in, problem
from policysite.core.markdown import PLACEHOLDER
from policysite.core.model import BLOCKS, Document, ParsedDocument
from policysite.translate.inlines import References, facets


class Known(Struct, frozen=True):
    """What texts may refer to: fact names; site path of every page → its anchors; pictures (`/assets/…`)."""

    facts: frozenset[str]
    anchors: Mapping[str, frozenset[str]]
    assets: frozenset[str] = frozenset()


class _Text(Struct, frozen=True):
    raw: str
    references: References
    document: Document


_Finding = tuple[str, int, str, str]
_Rule = Callable[[_Text, Known], Iterator[_Finding]]

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9-]*(?=[\s/>])|!--|\?|!\[CDATA\[)")
_UNDERSCORES = re.compile(r"(?<![\w\\])_{1,3}(?=\S)[^_\n]+?(?<=\S)_{1,3}(?!\w)")
_ATTRS = re.compile(r"\{:")
_AUTOMAIL = re.compile(r"<[^<>\s!]+@[^@<>\s]+>")
_UNWRITTEN = re.compile(r"\[FILL IN\b:?\s*([^\]]*)")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]"
)


def _masked(raw: str) -> str:
    """The text with code spans and placeholders blanked out, offsets kept."""
    for pattern in (_CODE_SPAN, PLACEHOLDER):
        raw = pattern.sub(lambda match: " " * len(match.group()), raw)
    return raw


def raw_html(text: _Text, known: Known) -> Iterator[_Finding]:
    """D201"""
    for match in _TAG.finditer(_masked(text.raw)):
        yield (
            "D201",
            match.start(),
            f"HTML ({match.group()}…) in the text would be shown, not obeyed",
            "use Markdown, or write the sign as &lt;",
        )


def underscores(text: _Text, known: Known) -> Iterator[_Finding]:
    """D202: `_x_` fails beside letters of scripts without spaces, so translators must never meet it."""
    masked = re.sub(r"\]\([^)]*\)", lambda match: " " * len(match.group()), _masked(text.raw))
    for match in _UNDERSCORES.finditer(masked):
        inner = match.group().strip("_")
        yield "D202", match.start(), f"emphasis with underscores ({match.group()})", f"write *{inner}*"


def attribute_lists(text: _Text, known: Known) -> Iterator[_Finding]:
    """D208"""
    for match in _ATTRS.finditer(_masked(text.raw)):
        yield (
            "D208",
            match.start(),
            "an attribute list stands inside the text",
            "write {: #id } at the end of a heading, term or cell, or on a line of its own",
        )


def emails(text: _Text, known: Known) -> Iterator[_Finding]:
    """D209"""
    for pattern in (urls.OBFUSCATED_EMAIL, _AUTOMAIL):
        for match in pattern.finditer(text.raw):
            yield (
                "D209",
                match.start(),
                f"the e-mail address “{match.group()}” is obfuscated",
                "write [{{ contact_email }}](mailto:{{ contact_email }})",
            )


def placeholders(text: _Text, known: Known) -> Iterator[_Finding]:
    """D207"""
    for match in PLACEHOLDER.finditer(text.raw):
        name = match.group(1)
        if name in BLOCKS:
            yield (
                "D207",
                match.start(),
                f"“{{{{ {name} }}}}” stands inside a text",
                "put it alone in a paragraph",
            )
        elif name not in known.facts:
            hint = did_you_mean(name, (*known.facts, *BLOCKS), "declare it in config.yaml, below facts")
            yield "D207", match.start(), f"no fact is called “{name}”", hint


def links(text: _Text, known: Known) -> Iterator[_Finding]:
    """D203, D204, D210"""
    for target in facets(text.raw, text.references).links:
        offset = max(0, text.raw.find(target.replace("{{ ", "{{").split("{{")[0] or target))
        internal = urls.split_internal(target)
        if internal is None:
            if target.startswith("{{"):
                continue
            scheme = urls.scheme(target)
            if scheme not in urls.SAFE_SCHEMES:
                message = f"links to {scheme}: are not allowed" if scheme else f"“{target}” leads nowhere"
                hint = "use https://, mailto:, or a page of the site such as /privacy/"
                yield ("D210" if scheme else "D203"), offset, message, hint
            continue
        path, anchor = internal
        if not path:
            path = f"/{text.document.slug}/" if text.document.slug else "/"
        anchors = known.anchors.get(path)
        if anchors is None:
            hint = did_you_mean(path, known.anchors, f"pages: {', '.join(sorted(known.anchors))}")
            yield "D203", offset, f"there is no page “{path}”", hint
        elif anchor and anchor not in anchors:
            hint = did_you_mean(anchor, anchors, "give the heading an id: ## Title {: #name }")
            yield "D204", offset, f"“{path}” has no heading with the id “{anchor}”", hint


def images(text: _Text, known: Known) -> Iterator[_Finding]:
    """D206, and D203 or D210 for a picture that is not among the assets."""
    found = facets(text.raw, text.references)
    if found.images_without_alt:
        offset = max(0, text.raw.find("!["))
        yield "D206", offset, "an image lacks a text alternative", "say what it shows: ![a red button](…)"
    for target in found.images:
        offset = max(0, text.raw.find(target))
        if urls.scheme(target) or target.startswith("//"):
            hint = "put the picture below assets/ and write ![…](/assets/img/name.png)"
            yield "D210", offset, f"a picture from elsewhere ({target}) would call a third party", hint
        elif target not in known.assets:
            hint = did_you_mean(target, known.assets, "pictures are written as ![…](/assets/img/name.png)")
            yield "D203", offset, f"there is no picture “{target}”", hint


def invisibles(text: _Text, known: Known) -> Iterator[_Finding]:
    """D212"""
    for match in _INVISIBLE.finditer(text.raw):
        name = unicodedata.name(match.group(), "control character")
        code = f"U+{ord(match.group()):04X}"
        yield "D212", match.start(), f"invisible character {code} ({name})", "delete it"


def unwritten(text: _Text, known: Known) -> Iterator[_Finding]:
    """D213: what `init` leaves to the owner of a site. `check --release` makes an error of it."""
    for match in _UNWRITTEN.finditer(text.raw):
        what = " ".join(match.group(1).split()).rstrip(".") or "this text"
        hint = "write your own text in place of the brackets; `check --release` refuses them"
        yield "D213", match.start(), f"still to be written: {what}", hint


#: Every rule on one text, in the order of their codes.
RULES: tuple[_Rule, ...] = (
    raw_html,
    underscores,
    links,
    images,
    placeholders,
    attribute_lists,
    emails,
    invisibles,
    unwritten,
)


def lint(parsed: ParsedDocument, known: Known) -> Iterator[Diagnostic]:
    """All problems of one document: every rule on every text, then the headings as a whole."""
    document = parsed.document
    references = parsed.skeleton.references
    for _, field in document.fields:
        text = _Text(field.text, references, document)
        for rule in RULES:
            for code, _, message, hint in rule(text, known):
                yield problem(code, field.place, message, hint)
    for index, slot in enumerate(parsed.skeleton.slots):
        if not slot.translatable:
            continue
        text = _Text(slot.raw, references, document)
        for rule in RULES:
            for code, offset, message, hint in rule(text, known):
                yield problem(code, _place(parsed, index, offset), message, hint)
    yield from _headings(parsed)


def _place(parsed: ParsedDocument, index: int, offset: int) -> Place:
    start = parsed.slot_place(index)
    before = parsed.skeleton.slots[index].raw[:offset]
    lines = before.count("\n")
    if not lines:
        return Place(start.path, start.line, start.col + offset, start.text)
    document = parsed.document
    line = start.line + lines
    found = place_in(document.path, document.body, line - document.body_line + 1)
    return Place(start.path, line, len(before) - before.rfind("\n"), found.text)


def _headings(parsed: ParsedDocument) -> Iterator[Diagnostic]:
    """D205 and D211."""
    seen: dict[str, int] = {}
    last = 1
    for index, slot in enumerate(parsed.skeleton.slots):
        if slot.kind != "heading":
            continue
        place = parsed.slot_place(index)
        if slot.anchor and slot.anchor in seen:
            yield problem(
                "D205",
                place,
                f"the heading id “{slot.anchor}” is used in line {seen[slot.anchor]} already",
                "give one of the two another id: {: #name }",
            )
        seen.setdefault(slot.anchor, place.line)
        if slot.level > last + 1 or slot.level == 1:
            wanted = "#" * min(last + 1, max(2, slot.level)) if slot.level > 1 else "##"
            message = (
                "the page title is the only first-level heading"
                if slot.level == 1
                else "this heading skips a level"
            )
            yield problem("D211", place, message, f"start it with {wanted}")
        last = max(2, slot.level)


def override_problems(source: ParsedDocument, override: ParsedDocument, digest: str) -> Iterator[Diagnostic]:
    """D301, D302: an override made from an older text, or linking or stating something else."""
    document = override.document
    if document.source_digest != digest:
        state = f"names {document.source_digest}" if document.source_digest else "names none"
        yield problem(
            "D301",
            Place(document.path, 1),
            f"the English text has the digest {digest}, but this translation {state}",
            f'compare it with {source.document.path}, then write source_digest: "{digest}"',
        )
    for what, of in (("links", _links_of), ("placeholders", _placeholders_of)):
        ours, theirs = sorted(of(override)), sorted(of(source))
        if ours != theirs:
            lacking = [item for item in theirs if item not in ours]
            extra = [item for item in ours if item not in theirs]
            parts = [f"lacks {', '.join(lacking)}"] * bool(lacking) + [f"adds {', '.join(extra)}"] * bool(
                extra
            )
            detail = " and ".join(parts) or "has some of them another number of times"
            yield problem(
                "D302",
                Place(document.path, 1),
                f"its {what} differ from the source: it {detail}",
                "make them equal",
            )


def _texts(parsed: ParsedDocument) -> Sequence[str]:
    fields = [field.text for _, field in parsed.document.fields]
    return [*fields, *(slot.raw for slot in parsed.skeleton.slots if slot.translatable)]


def _links_of(parsed: ParsedDocument) -> list[str]:
    found = [facets(raw, parsed.skeleton.references) for raw in _texts(parsed)]
    return [target for item in found for target in (*item.links, *item.images)]


def _placeholders_of(parsed: ParsedDocument) -> list[str]:
    return [match.group(1) for raw in _texts(parsed) for match in PLACEHOLDER.finditer(raw)]
