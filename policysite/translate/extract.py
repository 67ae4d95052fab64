"""What has to be translated, per catalog domain: segments of documents, texts of templates and config."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, cast

from msgspec import Struct

from policysite.core.diagnostics import Diagnostic, Place, place_in, problem
from policysite.core.model import CONFIG, Config, ParsedDocument, TextFile
from policysite.core.strings import STRINGS

#: Functions that mark a text in a template (Jinja's i18n extension).
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "gettext_in": (2,), "pgettext": ((1, "c"), 2)}
_COMMENT_TAG = "translators:"


class Source(Struct, frozen=True):
    """A message to translate: id, plural and context, what it is (`comments`), where it stands (`places`)."""

    msgid: str
    plural: str | None
    context: str | None
    comments: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def key(self) -> tuple[str | None, str]:
        """What makes it unique in its catalog."""
        return (self.context, self.msgid)

    @property
    def references(self) -> tuple[str, ...]:
        """`path:line` of every place."""
        return tuple(f"{place.path}:{place.line}" if place.line else place.path for place in self.places)


def document_sources(documents: Iterable[ParsedDocument]) -> tuple[Source, ...]:
    """The messages of one domain: all versions of a policy, newest first, or one page."""
    newest_first = sorted(
        documents,
        key=lambda item: item.document.version.date.toordinal() if item.document.version else 0,
        reverse=True,
    )
    return _merged(
        Source(segment.msgid, None, None, (segment.kind,), (segment.place,))
        for document in newest_first
        for segment in document.segments()
    )


def site_sources(
    templates: Iterable[TextFile], config: Config
) -> tuple[tuple[Source, ...], tuple[Diagnostic, ...]]:
    """The messages of the `site` domain. Returns (messages, problems of templates that cannot be read)."""
    found: list[Source] = []
    problems: list[Diagnostic] = []
    for template in templates:
        try:
            found.extend(_template_sources(template))
        except Exception as error:
            # Word for word what `render.templates` says of it, so that a report says it once.
            line = int(getattr(error, "lineno", 0) or 0)
            place = place_in(f"templates/{template.path}", template.text, line, 1 if line else 0)
            what = str(getattr(error, "message", None) or error)
            problems.append(problem("L001", place, what, "see the Jinja documentation of this tag"))
    found.extend(_config_sources(config))
    return _merged(found), tuple(problems)


def _template_sources(template: TextFile) -> Iterator[Source]:
    from babel.messages.extract import extract
    from jinja2.ext import babel_extract

    path = f"templates/{template.path}"
    rows = extract(
        cast(Any, babel_extract),  # its annotation is narrower than the protocol Babel wants
        io.BytesIO(template.text.encode()),
        keywords=_KEYWORDS,
        comment_tags=(_COMMENT_TAG,),
        options={"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"},
        strip_comment_tags=True,
    )
    for line, message, comments, context in rows:
        msgid, plural = message if isinstance(message, tuple) else (message, None)
        yield Source(msgid, plural, context, tuple(comments), (Place(path, line),))


def _config_sources(config: Config) -> Iterator[Source]:
    def one(text: str, comment: str, place: Place) -> Source:
        return Source(text, None, None, (comment,), (place,))

    if config.site.tagline:
        yield one(config.site.tagline, "tagline of the site", Place(CONFIG, 0))
    for text, comment in STRINGS:
        yield one(text, comment, Place("policysite/core/strings.py"))
    for service in config.services:
        yield one(service.purpose, f"what {service.name} is for", service.place)
        for cookie in service.cookies:
            yield one(cookie.purpose, f"what {cookie.name} of {service.name} is for", cookie.place)


def _merged(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Equal messages become one, in order of first appearance, with all comments and places."""
    merged: dict[tuple[str | None, str], Source] = {}
    for source in sources:
        known = merged.get(source.key)
        if known is not None:
            source = Source(
                known.msgid,
                known.plural or source.plural,
                known.context,
                tuple(dict.fromkeys((*known.comments, *source.comments))),
                tuple(dict.fromkeys((*known.places, *source.places))),
            )
        merged[source.key] = source
    return tuple(merged.values())
