"""The `translations` commands: what `catalogs` decides, read and written."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct, to_builtins

from policysite import catalogs, pipeline
from policysite.commands.common import failed, interface, translated_project, write_text
from policysite.core.diagnostics import (
    Diagnostic,
    Place,
    did_you_mean,
    has_errors,
    ordered,
    problem,
)
from policysite.core.model import (
    Catalog,
    Language,
)
from policysite.load.sources import read_sources
from policysite.request import BuildRequest, Terminal, counted
from policysite.translate.po import format_po
from policysite.translate.sync import Outcome, SyncSummary


class SyncRequest(Struct, frozen=True):
    """What `translations sync` was asked for. languages: none means all. unchanged: ids of texts whose edit
    changed no meaning."""

    project: Path
    languages: Sequence[str] = ()
    unchanged: Sequence[str] = ()
    dry_run: bool = False


def sync(request: SyncRequest, terminal: Terminal) -> int:
    """Bring every catalog up to date with its source. A catalog that cannot be read stops everything."""
    translated, problems = translated_project(request.project)
    if translated is None:
        return failed(problems, terminal, time.perf_counter())
    languages, problems = catalogs.languages_of(translated, request.languages)
    problems = (*problems, *catalogs.unknown_ids(translated, languages, request.unchanged))
    if problems:
        return failed(problems, terminal, time.perf_counter())
    rows = catalogs.synced(translated, languages, request.unchanged, _interfaces(translated, languages))
    problems = () if request.dry_run else _write_catalogs(request.project, [catalog for catalog, _ in rows])
    if problems:
        return failed(problems, terminal, time.perf_counter())
    summaries = [summary for _, summary in rows]
    if terminal.form == "json":
        terminal.out(json.dumps([_sync_record(one) for one in summaries], ensure_ascii=False, indent=2))
        return 0
    _say_sync(summaries, terminal)
    if request.dry_run:
        terminal.out("Nothing was written (--dry-run).")
    return 0


#: How a sync's outcomes are called, in the order they are told.
_OUTCOMES: tuple[tuple[Outcome, str], ...] = (
    ("carried", "carried over"),
    ("approved", "unchanged in meaning"),
    ("fuzzy", "fuzzy"),
    ("added", "new"),
    ("revived", "revived"),
    ("retired", "retired"),
)


def _say_sync(summaries: Sequence[SyncSummary], terminal: Terminal) -> None:
    changed = [summary for summary in summaries if summary.changed]
    for summary in changed:
        counts = [f"{count} {name}" for outcome, name in _OUTCOMES if (count := summary.count(outcome))]
        terminal.out(
            f"{summary.path}: {summary.total} messages: {', '.join([f'{summary.kept} kept', *counts])}"
        )
    waiting = list(catalogs.changed_texts(summaries))
    if waiting:
        terminal.out("Changed texts; their translations are fuzzy until somebody approves them:")
        for name, domain, text, was, tags in waiting:
            terminal.out(f"  {name}  {domain} ({', '.join(tags)})")
            terminal.out(f"            was “{catalogs.shortened(was, 80)}”")
            terminal.out(f"            now “{catalogs.shortened(text, 80)}”")
        terminal.out("If an edit changed no meaning: policysite translations sync --unchanged-meaning ID")
    refused = [change for summary in summaries for change in summary.changes if change.outcome == "refused"]
    if refused:
        stay = "1 translation stays" if len(refused) == 1 else f"{len(refused)} translations stay"
        terminal.out(f"{stay} fuzzy, since what it was made from was not approved either.")
    terminal.out(f"{len(summaries)} catalogs are up to date, {len(changed)} of them changed.")


def _sync_record(summary: SyncSummary) -> dict[str, object]:
    counts = {str(outcome): summary.count(outcome) for outcome, _ in _OUTCOMES}
    return {
        "path": summary.path,
        "language": summary.tag,
        "domain": summary.domain,
        "total": summary.total,
        "kept": summary.kept,
        **counts,
        "changes": [
            {"id": change.id, "outcome": change.outcome, "text": change.text, "was": change.was}
            for change in summary.changes
        ],
    }


def _interfaces(translated: pipeline.Translated, languages: Iterable[Language]) -> tuple[Catalog, ...]:
    """The theme's own texts in these languages, as far as there are any and the project uses the theme."""
    if translated.project.config.theme == "none":
        return ()
    return tuple(found for language in languages if (found := interface(language.tag)))


def _write_catalogs(project: Path, changed: Iterable[Catalog]) -> tuple[Diagnostic, ...]:
    """Write the catalogs whose text is another one. X002 for the first that the system does not take."""
    for catalog in changed:
        text = format_po(catalog)
        if text == catalog.text:
            continue
        try:
            write_text(project / catalog.path, text)
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions, and run the command again; no file is damaged"
            return (problem("X002", Place(catalog.path), message, hint),)
    return ()


def add(project: Path, tag: str, terminal: Terminal) -> int:
    """Make the catalogs of a new language, and say what config.yaml needs. Edits nothing that is there."""
    translated, problems = translated_project(project)
    if translated is None:
        return failed(problems, terminal, time.perf_counter())
    language, problems = catalogs.new_language(translated, tag)
    if language is None:
        return failed(problems, terminal, time.perf_counter())
    rows = [
        (catalog, summary)
        for catalog, summary in catalogs.synced(
            translated, [language], (), _interfaces(translated, [language])
        )
        if not (project / catalog.path).exists()
    ]
    problems = _write_catalogs(project, [catalog for catalog, _ in rows])
    if problems:
        return failed(problems, terminal, time.perf_counter())
    words = sum(
        len(message.msgid.split())
        for catalog, _ in rows
        for message in catalog.messages
        if not message.obsolete
    )
    terminal.out(
        f"{language.english_name} ({language.tag}): {counted(len(rows), 'new catalog')} in "
        f"translations/{language.locale}/LC_MESSAGES/, {counted(words, 'word')} to translate."
    )
    if language not in translated.project.config.translations:
        terminal.out(
            f"Now declare it in config.yaml, below languages:\n\n  {language.tag}:\n    published: false\n\n"
            "Remove `published: false` when `policysite check` has no errors."
        )
    return 0


def template(project: Path, terminal: Terminal) -> int:
    """Write the templates that some translation platforms want. Catalogs are not touched."""
    translated, problems = translated_project(project)
    if translated is None:
        return failed(problems, terminal, time.perf_counter())
    found = catalogs.templates(translated)
    problems = _write_catalogs(project, found)
    if problems:
        return failed(problems, terminal, time.perf_counter())
    terminal.out(f"{counted(len(found), 'template')} written to translations/templates/.")
    return 0


def status(request: BuildRequest, terminal: Terminal, ids: bool = False) -> int:
    """Table of coverage: language × document, percent, fuzzy, words, what readers see.

    ids: list the texts that wait, with the ids that other commands take.
    """
    sources, problems = read_sources(request.project)
    prepared, found = (None, ()) if has_errors(problems) else pipeline.prepare(sources, request.options())
    if prepared is None:
        return failed(ordered((*problems, *found)), terminal, time.perf_counter())
    translated, _ = pipeline.translate(sources, request.options().environment)
    assert translated is not None  # it could be prepared
    rows = catalogs.coverage(prepared, translated)
    if terminal.form == "json":
        terminal.out(json.dumps(to_builtins(rows), ensure_ascii=False, indent=2))
        return 0
    heads = ("language", "document", "done", "fuzzy", "stale words", "words left")
    terminal.out(
        f"{heads[0]:<10}{heads[1]:<16}{heads[2]:>7}{heads[3]:>7}{heads[4]:>13}{heads[5]:>12}  readers see"
    )
    for row in rows:
        terminal.out(
            f"{row.language:<10}{row.domain:<16}{f'{row.percent} %':>7}{row.fuzzy:>7}{row.stale_words:>13}"
            f"{row.words_left:>12}  {row.shown}"
        )
        for item in row.waiting if ids else ():
            terminal.out(f"  {item.id}  {item.state:<8} “{catalogs.shortened(item.text)}”")
    return 0


class ApproveRequest(Struct, frozen=True):
    """What `translations approve` was asked for: ids, or a document, or neither (everything)."""

    project: Path
    language: str
    ids: Sequence[str] = ()
    document: str | None = None


def approve(request: ApproveRequest, terminal: Terminal) -> int:
    """Take the fuzzy flag from translations that pass the checks; refuse the others, with their errors."""
    translated, problems = translated_project(request.project)
    if translated is None:
        return failed(problems, terminal, time.perf_counter())
    languages, problems = catalogs.languages_of(translated, [request.language])
    problems = (*problems, *catalogs.unknown_ids(translated, languages, request.ids))
    domains = [domain for domain, _ in translated.sources]
    if request.document is not None and request.document not in domains:
        hint = did_you_mean(request.document, domains, f"documents: {', '.join(domains)}")
        found = problem("T003", Place("translations"), f"there is no document “{request.document}”", hint)
        problems = (*problems, found)
    if problems:
        return failed(problems, terminal, time.perf_counter())
    approval = catalogs.approve(translated, languages[0], request.ids, request.document)
    problems = _write_catalogs(request.project, approval.catalogs)
    if problems:
        return failed(problems, terminal, time.perf_counter())
    terminal.problems(ordered(approval.refused))
    if terminal.form == "text":
        stay = f", {approval.kept_back} stay fuzzy because of the errors above" if approval.kept_back else ""
        terminal.out(f"{counted(approval.approved, 'translation')} approved{stay}.")
    return 1 if approval.kept_back else 0


class AdoptRequest(Struct, frozen=True):
    """What `translations adopt` was asked for. document: the page or policy, or None to find it."""

    project: Path
    language: str
    file: Path
    document: str | None = None


def adopt(request: AdoptRequest, terminal: Terminal) -> int:
    """Take over a whole translated file; all of it waits for approval, nothing of it is dropped."""
    translated, problems = translated_project(request.project)
    if translated is None:
        return failed(problems, terminal, time.perf_counter())
    languages, problems = catalogs.languages_of(translated, [request.language])
    keys = {item.document.key for item in translated.parsed}
    if request.document is not None and request.document not in keys:
        hint = did_you_mean(request.document, keys, f"documents: {', '.join(sorted(keys))}")
        found = problem("T003", Place("content"), f"there is no document “{request.document}”", hint)
        problems = (*problems, found)
    text = None
    try:
        text = request.file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not valid UTF-8"
        place = Place(request.file.name)
        problems = (*problems, problem("S001", place, message, "save the file as UTF-8 in your editor"))
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        problems = (*problems, problem("S002", Place(request.file.name), message, "check its permissions"))
    if problems or text is None:
        return failed(problems, terminal, time.perf_counter())
    alignment, adopted, problems = catalogs.adopt(
        translated, languages[0], request.file.name, text, request.document
    )
    if alignment is None or adopted is None:
        return failed(problems, terminal, time.perf_counter())
    problems = _write_catalogs(request.project, [adopted.catalog])
    if problems:
        return failed(problems, terminal, time.perf_counter())
    source = alignment.source.document.path
    if terminal.form == "json":
        record = {
            "catalog": adopted.catalog.path,
            "source": source,
            "fit": round(alignment.fit, 3),
            "imported": adopted.imported,
            "beside": adopted.beside,
            "not_aligned": [
                {"line": item.place.line, "kind": item.kind, "text": item.msgid} for item in adopted.alone
            ],
        }
        terminal.out(json.dumps(record, ensure_ascii=False, indent=2))
        return 0
    terminal.out(
        f"{request.file.name} fits {source} ({round(100 * alignment.fit)} %): "
        f"{counted(adopted.imported, 'translation')} imported as fuzzy into {adopted.catalog.path}."
    )
    if adopted.beside:
        terminal.out(f"{counted(adopted.beside, 'text')} had a translation already; the other is a comment.")
    if adopted.alone:
        terminal.out(f"{counted(len(adopted.alone), 'text')} could not be aligned, and became comments:")
        for item in adopted.alone:
            terminal.out(f"  line {item.place.line} ({item.kind}): “{catalogs.shortened(item.msgid)}”")
    terminal.out(
        f"Read them, then: policysite translations approve {languages[0].tag} --document "
        f"{adopted.catalog.domain}"
    )
    return 0
