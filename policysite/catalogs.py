"""What the `translations` commands do to catalogs. Pure: a project → catalogs to write, and a report.

`commands` reads the project, writes what comes back, and says it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from policysite import pipeline
from policysite.core import locales
from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, problem
from policysite.core.model import CONFIG, Catalog, Language, Message
from policysite.load.documents import load_foreign
from policysite.load.project import SITE_DOMAIN
from policysite.pipeline import Prepared, Translated
from policysite.translate.adopt import FITS, FITS_WHEN_NAMED, Adopted, Alignment, adopt_into, best_fit
from policysite.translate.extract import Source
from policysite.translate.segments import parse_document
from policysite.translate.sync import SyncSummary, empty_catalog, message_id, sync_catalog

# ── sync and add ────────────────────────────────────────────────────────────────────────────────


def synced(
    translated: Translated,
    languages: Iterable[Language],
    unchanged: Collection[str] = (),
    compendium: Sequence[Catalog] = (),
) -> tuple[tuple[Catalog, SyncSummary], ...]:
    """Every catalog of the languages, brought up to date. compendium: see `offered`."""
    return tuple(
        sync_catalog(
            offered(
                translated.catalog(language.tag, domain) or empty_catalog(language, domain),
                messages,
                [other for other in compendium if (other.tag, other.domain) == (language.tag, domain)],
            ),
            messages,
            language,
            markdown=domain != SITE_DOMAIN,
            unchanged=unchanged,
        )
        for language in languages
        for domain, messages in translated.sources
    )


def offered(catalog: Catalog, messages: Sequence[Source], compendium: Sequence[Catalog]) -> Catalog:
    """The catalog with the translations that others have of texts it lacks (gettext: a compendium).

    A text that is not in it comes as an obsolete entry, which a sync revives; nothing translated is replaced.
    """
    if not compendium:
        return catalog
    plurals = {source.key: source.plural for source in messages}
    found: dict[tuple[str | None, str], Message] = {}
    for other in compendium:
        for message in other.messages:
            if message.usable and message.plural == plurals.get(message.key, "no such text"):
                found.setdefault(message.key, message)
    rows = [
        replace(message, msgstr=found[message.key].msgstr)
        if message.key in found and not any(message.msgstr)
        else message
        for message in catalog.messages
    ]
    there = {message.key for message in catalog.messages}
    new = [replace(message, obsolete=True) for key, message in found.items() if key not in there]
    return replace(catalog, messages=(*rows, *new))


def unknown_ids(
    translated: Translated, languages: Iterable[Language], ids: Collection[str]
) -> tuple[Diagnostic, ...]:
    """T011 for each id that names no text of the source."""
    known = {message_id(domain, source.key) for domain, messages in translated.sources for source in messages}
    hint = "take ids from `policysite translations status --ids`; a text that changed again has a new one"
    place = Place("translations")
    return tuple(
        problem("T011", place, f"no text of this site has the id “{name}”", hint)
        for name in ids
        if name not in known
    )


def languages_of(
    translated: Translated, tags: Sequence[str]
) -> tuple[tuple[Language, ...], tuple[Diagnostic, ...]]:
    """The site's translations with these tags (all when none is given). Returns (languages, problems)."""
    known = {language.tag: language for language in translated.project.config.translations}
    found: list[Diagnostic] = []
    for tag in tags:
        if tag not in known:
            hint = did_you_mean(tag, known, f"declare it in {CONFIG}, below languages")
            found.append(problem("C201", Place(CONFIG), f"“{tag}” is no translation of this site", hint))
    chosen = [language for tag, language in known.items() if not tags or tag in tags]
    return tuple(chosen), tuple(found)


def new_language(translated: Translated, tag: str) -> tuple[Language | None, tuple[Diagnostic, ...]]:
    """The language of a tag (`pt-BR`, also `pt_BR`), as config would declare it: unpublished, unreviewed.

    Returns (language, problems): C201 for a tag that CLDR does not know and for the source language.
    """
    config = translated.project.config
    try:
        canonical = locales.canonical_tag(tag)
    except ValueError:
        hint = "use a BCP 47 tag: fr, pt-BR, zh-Hans"
        found = problem("C201", Place(CONFIG), f"“{tag}” is not a language tag that CLDR knows", hint)
        return None, (found,)
    if canonical == config.source:
        found = problem(
            "C201",
            Place(CONFIG),
            f"“{canonical}” is the language the texts are written in",
            "add another language",
        )
        return None, (found,)
    for language in config.translations:
        if language.tag == canonical:
            return language, ()
    return (
        Language(
            tag=canonical,
            locale=locales.gettext_name(canonical),
            name=locales.own_name(canonical),
            english_name=locales.english_name(canonical),
            direction=locales.direction(canonical),
            script=locales.script(canonical),
            digits=locales.digits(canonical),
            status="unreviewed",
            published=False,
        ),
        (),
    )


def templates(translated: Translated) -> tuple[Catalog, ...]:
    """`translations/templates/<domain>.pot` of every domain: all texts, no translation, no language."""
    config = translated.project.config
    source = config.language(config.source)
    found = []
    for domain, messages in translated.sources:
        catalog, _ = sync_catalog(empty_catalog(source, domain), messages, source)
        header = tuple(
            (name, "" if name in ("Language", "Language-Team") else value) for name, value in catalog.header
        )
        found.append(replace(catalog, path=f"translations/templates/{domain}.pot", header=header))
    return tuple(found)


# ── status ──────────────────────────────────────────────────────────────────────────────────────


class Waiting(Struct, frozen=True):
    """A text without an approved translation. state: `fuzzy` or `missing`; line: in the catalog, 0 when the
    catalog does not have it yet."""

    id: str
    state: str
    line: int
    text: str


class StatusRow(Struct, frozen=True):
    """Coverage of one domain in one language, in messages and in English words.

    stale_words: of fuzzy texts. words_left: of all texts without an approved translation, fuzzy ones among
    them. shown: what readers get (`complete`, `version 2025-10` …). waiting: those texts.
    """

    language: str
    domain: str
    total: int
    translated: int
    percent: int
    fuzzy: int
    stale_words: int
    words_left: int
    shown: str
    waiting: tuple[Waiting, ...]


def coverage(prepared: Prepared, translated: Translated) -> tuple[StatusRow, ...]:
    """One row for each language and domain."""
    return tuple(
        _status_row(prepared, translated, language, domain, messages)
        for language in prepared.frame.config.translations
        for domain, messages in translated.sources
    )


def _status_row(
    prepared: Prepared, translated: Translated, language: Language, domain: str, messages: Sequence[Source]
) -> StatusRow:
    catalog = translated.catalog(language.tag, domain)
    by_key = {message.key: message for message in catalog.messages if not message.obsolete} if catalog else {}
    waiting = []
    left = stale = 0
    for source in messages:
        message = by_key.get(source.key)
        if message is not None and message.usable:
            continue
        words = len(source.msgid.split())
        fuzzy = message is not None and message.fuzzy
        left += words
        stale += words if fuzzy else 0
        line = message.line if message is not None else 0
        state = "fuzzy" if fuzzy else "missing"
        waiting.append(Waiting(message_id(domain, source.key), state, line, source.msgid))
    done = len(messages) - len(waiting)
    plan = next((plan for plan in prepared.plans if plan.key == domain), None)
    if plan is None:
        shown = "complete" if not waiting else "not published"
    else:
        page = plan.page(language.tag)
        if page is None:
            shown = "the English page"
        elif page.version is not None:
            shown = f"version {page.version.name}"
        else:
            shown = "complete" if page.text.missing == 0 else _in_english(page.text.missing)
    percent = 100 * done // len(messages) if messages else 100
    fuzzy_count = sum(1 for item in waiting if item.state == "fuzzy")
    return StatusRow(
        language.tag,
        domain,
        len(messages),
        done,
        percent,
        fuzzy_count,
        stale,
        left,
        shown,
        tuple(waiting),
    )


def _in_english(count: int) -> str:
    return "1 text in English" if count == 1 else f"{count} texts in English"


# ── approve ─────────────────────────────────────────────────────────────────────────────────────


class Approval(Struct, frozen=True):
    """catalogs: those that change. approved: how many translations. refused: the errors of those that stay
    fuzzy, kept_back: how many they are."""

    catalogs: tuple[Catalog, ...]
    approved: int
    refused: tuple[Diagnostic, ...]
    kept_back: int


def approve(
    translated: Translated, language: Language, ids: Collection[str] = (), document: str | None = None
) -> Approval:
    """Take the fuzzy flag from translations that pass every check.

    ids: of texts; document: a domain; neither: all of the language. What has an error stays fuzzy.
    """
    domains = {domain: {source.key for source in messages} for domain, messages in translated.sources}
    trials: dict[str, Catalog] = {}
    chosen: dict[str, frozenset[int]] = {}  # path → lines of the messages tried
    for catalog in translated.catalogs:
        if catalog.tag != language.tag or (document is not None and catalog.domain != document):
            continue
        lines = frozenset(
            message.line
            for message in catalog.messages
            if message.fuzzy
            and not message.obsolete
            and all(message.msgstr)
            and message.key in domains.get(catalog.domain, ())
            and (not ids or message_id(catalog.domain, message.key) in ids)
        )
        if lines:
            chosen[catalog.path] = lines
            trials[catalog.path] = _without_fuzzy(catalog, lines)
    trial = replace(
        translated, catalogs=tuple(trials.get(catalog.path, catalog) for catalog in translated.catalogs)
    )
    refused: list[Diagnostic] = []
    bad: dict[str, set[int]] = {path: set() for path in chosen}
    for found in pipeline.catalog_problems(trial):
        if found.level != "error" or found.place.path not in chosen:
            continue
        line = _message_line(trials[found.place.path], found.place.line)
        if line in chosen[found.place.path]:
            bad[found.place.path].add(line)
            refused.append(found)
    results = []
    count = 0
    for catalog in translated.catalogs:
        good = chosen.get(catalog.path, frozenset()) - bad.get(catalog.path, set())
        if good:
            results.append(_without_fuzzy(catalog, good))
            count += len(good)
    return Approval(tuple(results), count, tuple(refused), sum(map(len, bad.values())))


def _without_fuzzy(catalog: Catalog, lines: Collection[int]) -> Catalog:
    def one(message: Message) -> Message:
        if message.line not in lines or not message.fuzzy:
            return message
        return replace(message, flags=tuple(flag for flag in message.flags if flag != "fuzzy"), previous=())

    return replace(catalog, messages=tuple(one(message) for message in catalog.messages))


def _message_line(catalog: Catalog, line: int) -> int:
    """The line of the message that a line of the file belongs to; 0 for the header."""
    lines = sorted(message.line for message in catalog.messages)
    index = bisect_right(lines, line)
    return lines[index - 1] if index else 0


# ── adopt ───────────────────────────────────────────────────────────────────────────────────────


def adopt(
    translated: Translated, language: Language, name: str, text: str, document: str | None = None
) -> tuple[Alignment | None, Adopted | None, tuple[Diagnostic, ...]]:
    """Take a whole translated file over into the catalog of the document it fits best.

    name: of the file, for messages. document: look at this page or policy only. Returns (how it fits, the
    catalog with it, problems): T012 when it fits none, and whatever is wrong with its front matter.
    """
    foreign, problems = load_foreign(name, text, language.tag)
    if foreign is None:
        return None, None, problems
    config = translated.project.config
    facts = {fact.name: str(fact.value) for fact in config.facts}
    candidates = [item for item in translated.parsed if document in (None, item.document.key)]
    alignment = best_fit(candidates, parse_document(foreign), facts.get)
    if alignment is None or alignment.fit < (FITS if document is None else FITS_WHEN_NAMED):
        nearest = f"; the nearest is {alignment.source.document.path}" if alignment else ""
        share = f" ({round(100 * alignment.fit)} %)" if alignment else ""
        message = f"the file fits no English text of this site{nearest}{share}"
        hint = "name the page or policy with --document, and check that both have the same sections"
        return None, None, (problem("T012", Place(name), message, hint),)
    domain = alignment.source.document.key
    catalog = translated.catalog(language.tag, domain) or empty_catalog(language, domain)
    catalog, _ = sync_catalog(catalog, dict(translated.sources)[domain], language)
    return alignment, adopt_into(catalog, alignment, name), ()


def shortened(text: str, width: int = 60) -> str:
    """A text cut for one line of a report."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def changed_texts(summaries: Iterable[SyncSummary]) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """What waits for review after a sync: (id, domain, text now, text before, tags), each text once."""
    rows: dict[tuple[str, str], tuple[str, str, list[str]]] = {}
    for summary in summaries:
        for change in summary.changes:
            if change.outcome in ("fuzzy", "refused"):
                row = rows.setdefault((change.id, summary.domain), (change.text, change.was, []))
                if summary.tag not in row[2]:
                    row[2].append(summary.tag)
    for (name, domain), (text, was, tags) in rows.items():
        yield name, domain, text, was, tuple(tags)
