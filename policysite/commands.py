"""The shell around the pure core: read → run the pipeline → report → publish → exit code.

One function a command; each returns its exit code: 0 fine, 1 problems found. (2 usage and 3 bug are the
CLI's, 130 interrupted.) Text goes out through `Terminal`, so that tests and formats stay simple.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, Protocol, cast

import click

from policysite import __version__, catalogs, pipeline, reasons
from policysite.cache import (
    CACHE_FOLDER,
    Cache,
    Ledger,
    Seen,
    StaleCache,
    clock_of,
    code_digest,
    read_history,
)
from policysite.core.diagnostics import (
    Diagnostic,
    Place,
    did_you_mean,
    has_errors,
    ordered,
    problem,
    selected,
)
from policysite.core.digest import digest
from policysite.core.locales import gettext_name
from policysite.core.model import (
    CONFIG,
    Built,
    Catalog,
    Header,
    Item,
    Language,
    Mapper,
    OutputFile,
    Rendered,
    Result,
    Shared,
    Sources,
    VersionLock,
    serial,
)
from policysite.core.plain import Codec
from policysite.core.redline import redline
from policysite.core.reports import as_records, count_line
from policysite.executor import Executor
from policysite.incremental import State, look
from policysite.load.locks import NAME as LOCK_NAME
from policysite.load.locks import format_lock
from policysite.load.project import SITE_DOMAIN
from policysite.load.schema import editor_schema
from policysite.load.sources import FOLDERS, find_sources, read_sources, unreadable
from policysite.load.theme import read_interface, read_starter, read_theme, theme_files
from policysite.plan.lock import Edition, amended, compared, locked
from policysite.preview import PagePreviews, preview_files, without_hosts
from policysite.publish.deploydiff import DeployDiff, deploy_diff
from policysite.publish.manifest import (
    MANIFEST_PATH,
    Manifest,
    ManifestEntry,
    Part,
    entry_of,
    manifest_file,
    parse_manifest,
)
from policysite.publish.parts import fit, no_site, whole
from policysite.publish.writer import PublishProblem, Staging
from policysite.reasons import outputs
from policysite.render.redline import ENGLISH, as_html, as_json, as_markdown, as_text
from policysite.request import BuildRequest as BuildRequest
from policysite.request import Summary, counted, overrides, succeed, tell
from policysite.request import Terminal as Terminal
from policysite.request import today as today
from policysite.starter import Answers, new_project
from policysite.translate.po import format_po, parse_po
from policysite.translate.sync import Outcome, SyncSummary


class Progress(Protocol):
    """Wraps an iteration in a progress bar (or not)."""

    def __call__(
        self, items: Iterator[Rendered], length: int
    ) -> AbstractContextManager[Iterable[Rendered]]: ...


def no_progress(items: Iterator[Rendered], length: int) -> AbstractContextManager[Iterable[Rendered]]:
    """The Progress that shows nothing."""
    return nullcontext(items)


def build(
    request: BuildRequest, terminal: Terminal, progress: Progress = no_progress, state: State | None = None
) -> int:
    """Build the site into the output folder. Any error leaves the folder as it was.

    state: what is on disk, if the caller has looked already.
    """
    started = time.perf_counter()
    if state is None:
        state = look(request)
        summary = state.unchanged()
        if summary is not None:
            tell(summary, request.output_folder, time.perf_counter() - started, terminal)
            return 0
    for attempt in (request, replace(request, cache=False), None):
        cache = Cache(state.folder, Codec(pipeline.KEPT_TYPES), state.code)
        try:
            with Executor(request.jobs) as executor:
                return _build(request, terminal, progress, state, cache, executor, started)
        except StaleCache:
            # A page in the cache is damaged (and gone now), or somebody saved a source meanwhile: look again,
            # the second time at everything.
            if attempt is None:
                raise
            state = look(attempt)
    raise AssertionError("the loop returns or raises")


def _build(
    request: BuildRequest,
    terminal: Terminal,
    progress: Progress,
    state: State,
    cache: Cache,
    executor: Executor,
    started: float,
) -> int:
    options = request.options()
    problems = state.problems
    if CONFIG not in state.sources:  # no project: nothing is kept in somebody else's folder
        return _failed(problems, terminal, started)
    cache.begin(state.digests)
    keeper = cache if state.folder is not None else pipeline.Forgetful()
    prepared, found = (
        (None, ()) if has_errors(problems) else pipeline.prepare(state.sources, options, keeper, executor)
    )
    problems = ordered((*problems, *found))
    if prepared is not None and (unknown := _unknown_languages(prepared, request.languages or ())):
        return _failed((*problems, *unknown), terminal, started)
    if prepared is None:
        cache.end(complete=False)
        cache.note("failed", state.parts())
        return _failed(problems, terminal, started)
    precompress = request.precompress and prepared.frame.config.precompress
    broken = has_errors(problems)
    count = size = 0
    try:
        with Staging.open(
            request.output_folder, project=request.project, sources=FOLDERS, spare=state.spare
        ) as staging:
            published = state.published(staging.names)
            make = pipeline.render if request.languages is None else pipeline.render_part
            rendered = make(prepared, executor, precompress, keeper)
            headers: list[tuple[str, tuple[Header, ...]]] = []
            with progress(rendered, len(prepared.units)) as steps:
                for step in steps:
                    problems = (*problems, *step.diagnostics)
                    broken = broken or has_errors(step.diagnostics)
                    if broken:
                        continue  # go on only to find every problem
                    headers += step.headers if request.languages is not None else ()
                    for file in step.files:
                        size += staging.write(file, published)
                        count += 1
            if not broken:
                part = None
                if request.languages is not None:
                    part = replace(
                        _part(state.sources, request.languages, precompress), headers=tuple(headers)
                    )
                staging.commit([_manifest(staging, prepared, options.build_date, part, cache)])
                entries = {entry.path: entry.sha256 for entry in staging.entries}
    except PublishProblem as error:
        cache.end(complete=False)
        cache.note("failed", state.parts())
        return _failed(ordered((*problems, *error.diagnostics)), terminal, started)
    problems = ordered(problems)
    cache.end(complete=not broken)
    cache.note("failed" if broken else "built", state.parts())
    if broken:
        return _failed(problems, terminal, started)
    wanted = request.languages
    tags = [page.tag for plan in prepared.outlines for page in plan.pages]
    summary = Summary(
        pages=sum(1 for tag in tags if wanted is None or tag in wanted),
        files=count,
        size=size,
        languages=tuple(tag for tag in _published(prepared) if wanted is None or tag in wanted),
        part=wanted is not None,
        documents=len(prepared.outlines),
        reused=len(_documents(cache.tally.reused) - _documents(cache.tally.made)),
        problems=problems,
    )
    state.remember(summary, entries)
    tell(summary, request.output_folder, time.perf_counter() - started, terminal)
    return 0


def _documents(steps: Iterable[str]) -> set[str]:
    """The documents whose pages these steps render."""
    return {step.split(" ")[1] for step in steps if step.startswith("render ")}


def _published(prepared: pipeline.Prepared) -> list[str]:
    return [language.tag for language in prepared.frame.config.languages if language.published]


def _unknown_languages(prepared: pipeline.Prepared, tags: Sequence[str]) -> tuple[Diagnostic, ...]:
    """C201 for languages of a part that the site does not publish."""
    known = _published(prepared)
    return tuple(
        problem(
            "C201",
            Place(CONFIG),
            f"“{tag}” is no published language of this site",
            did_you_mean(tag, known, f"published are: {', '.join(known)}"),
        )
        for tag in tags
        if tag not in known
    )


def _part(sources: Sources, languages: Sequence[str], precompress: bool) -> Part:
    """What a part is made from, here and now."""
    return Part(
        languages=tuple(languages),
        sources=digest(dict(sources)),
        program=digest(__version__, code_digest(Ledger({}, (0, 0)))),
        values=digest(overrides()),
        precompress=precompress,
    )


def merge(project: Path, folders: Sequence[Path], output: Path | None, terminal: Terminal) -> int:
    """Make one site of parts built from the same project, as `build` would have made it.

    Day, address and compression are those of the parts. Their translations and pages were checked when they
    were built; what they have in common is checked again. An error leaves the output folder as it was.
    """
    started = time.perf_counter()
    parts: dict[str, Manifest] = {}
    problems: list[Diagnostic] = []
    for folder in folders:
        data = _manifest_data(str(folder))
        found = (data,) if isinstance(data, Diagnostic) else parse_manifest(data, f"{folder}/{MANIFEST_PATH}")
        if isinstance(found, Manifest):
            fault = whole(str(folder), found)
            problems += [fault] if fault else []
            parts[str(folder)] = found
        else:
            problems += found
    if problems:
        return _failed(problems, terminal, started)
    first = next(iter(parts.values()))
    assert first.part is not None  # `whole` has looked
    precompress = first.part.precompress
    request = BuildRequest(project, output, first.base_url, first.build_date, cache=False, languages=())
    sources, faults = read_sources(project)
    prepared, found = (None, ()) if has_errors(faults) else pipeline.prepare(sources, request.options())
    problems = [*faults, *found]
    if prepared is None:
        return _failed(problems, terminal, started)
    problems += fit(parts, _part(sources, (), precompress), _published(prepared))
    if has_errors(problems):
        return _failed(problems, terminal, started)
    output = output or project / "dist"
    count = size = 0
    try:
        with Staging.open(output, project=project, sources=FOLDERS) as staging:
            for step in pipeline.render(prepared, _from_parts(parts, problems), precompress):
                problems += step.diagnostics
                for file in step.files:
                    staging.write(file)
                    count += 1
                    size += len(file.data)
            if has_errors(problems):
                return _failed(problems, terminal, started)
            staging.commit([_manifest(staging, prepared, first.build_date)])
    except PublishProblem as error:
        return _failed((*problems, *error.diagnostics), terminal, started)
    seconds = time.perf_counter() - started
    record = {
        "output": str(output),
        "parts": len(parts),
        "files": count,
        "bytes": size,
        "seconds": round(seconds, 3),
    }
    line = (
        f"Merged {counted(len(parts), 'part')}: {counted(count, 'file')}, {size / 1024:.0f} KB, "
        f"{seconds:.2f} s."
    )
    succeed(record, [line], ordered(problems), terminal)
    return 0


def _from_parts(parts: Mapping[str, Manifest], problems: list[Diagnostic]) -> Mapper:
    """A Mapper that takes the pages of documents from parts, and makes everything else itself.

    problems: gets an X005 for every file that is not as its part's manifest says.
    """

    def pages() -> Iterator[tuple[Rendered, ...]]:
        for folder, manifest in parts.items():
            headers = dict(manifest.part.headers) if manifest.part else {}
            for entry in manifest.files:
                if entry.path == MANIFEST_PATH:
                    continue
                file = _part_file(Path(folder), entry)
                if isinstance(file, Diagnostic):
                    problems.append(file)
                    continue
                own = ((entry.path, headers[entry.path]),) if entry.path in headers else ()
                yield (Rendered((file,), (), own),)

    def mapper(
        function: Callable[[Shared, Item], Result], shared: Shared, items: Sequence[Item]
    ) -> Iterator[Result]:
        if function == pipeline.make_pages:
            return cast(Iterator[Result], pages())
        return serial(function, shared, items)

    return mapper


def _part_file(folder: Path, entry: ManifestEntry) -> OutputFile | Diagnostic:
    place = Place(f"{folder}/{entry.path}")
    hint = "build the part again, and move it whole"
    try:
        file = OutputFile(entry.path, (folder / entry.path).read_bytes())
    except OSError as error:
        return problem("X005", place, f"a file of the part cannot be read: {error.strerror}", hint)
    if entry_of(file) != entry:
        return problem("X005", place, "the file is not the one that its part's manifest lists", hint)
    return file


def _manifest(
    staging: Staging,
    prepared: pipeline.Prepared,
    build_date: date,
    part: Part | None = None,
    keeper: pipeline.Keeper | None = None,
) -> OutputFile:
    """What was published, and what the banner asked, as the last file of the site."""
    base_url, consent = prepared.frame.base_url, pipeline.proof(prepared, keeper)
    return manifest_file(Manifest(__version__, build_date, base_url, staging.entries, consent, part))


def _failed(problems: Sequence[Diagnostic], terminal: Terminal, started: float) -> int:
    problems = ordered(problems)
    if terminal.form == "json":
        summary = {
            "ok": False,
            "seconds": round(time.perf_counter() - started, 3),
            "problems": as_records(problems),
        }
        terminal.out(json.dumps(summary, ensure_ascii=False, indent=2))
        return 1
    terminal.problems(problems)
    if terminal.form == "text":
        terminal.err(f"Nothing was written: {count_line(problems)}.")
    return 1


def explain(project: Path, output: str, terminal: Terminal) -> int:
    """Say why the last build made an output again or did not. Raises click.UsageError for no output."""
    history = read_history(project / CACHE_FOLDER)
    if history is None:
        raise click.UsageError(
            "nothing is known of a last build; run `policysite build` (without --no-cache)"
        )
    made = outputs(history)
    always = {
        MANIFEST_PATH,
        "404.html",
        *(path for path in _files_below(project / "dist") if path not in made),
    }
    path = output.removeprefix("./").removeprefix("dist/").lstrip("/")
    if path in ("", ".") or path.endswith("/"):
        path = f"{path.rstrip('./')}/index.html".lstrip("/")
    if path not in made and path not in always:
        path = next((name for name in (f"{path}/index.html",) if name in made), path)
    if path not in made and path not in always:
        hint = did_you_mean(path, [*made, *always], "name a file of the site, such as en/index.html")
        raise click.UsageError(f"the last build wrote no “{path}”; {hint}")
    found = reasons.explain(history, path, made.get(path))
    if terminal.form == "json":
        terminal.out(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    else:
        terminal.out("\n".join(reasons.as_lines(found)))
    return 0


def _files_below(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file()]


def check(
    request: BuildRequest, terminal: Terminal, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> int:
    """Every rule on source, catalogs, config and the rendered pages; writes nothing.

    select and ignore: beginnings of codes. Report and exit code follow from what is left.
    """
    built = build_in_memory(request)
    found = tuple(selected(built.diagnostics, select, ignore))
    terminal.problems(found)
    if terminal.form == "text":
        hidden = len(built.diagnostics) - len(found)
        note = f" ({hidden} not selected)" if hidden else ""
        terminal.out(f"Checked {len(built.files)} files: {count_line(found)}{note}.")
    return 1 if has_errors(found) else 0


def build_in_memory(request: BuildRequest, mapper: Mapper = serial) -> Built:
    """The whole site as {path: bytes}, for `serve` and `check`; never touches the output folder."""
    return _in_memory(request, *read_sources(request.project), mapper)[0]


def _in_memory(
    request: BuildRequest,
    sources: Sources,
    problems: tuple[Diagnostic, ...],
    mapper: Mapper = serial,
    cache: Cache | None = None,
) -> tuple[Built, pipeline.Prepared | None]:
    """cache: one that has begun, and keeps results in this process only."""
    started = time.perf_counter()
    found: tuple[Diagnostic, ...] = ()
    prepared = None
    if not has_errors(problems):
        prepared, found = pipeline.prepare(sources, request.options(), cache)
    return _rendered(prepared, (*problems, *found), started, mapper, cache), prepared


def _rendered(
    prepared: pipeline.Prepared | None,
    problems: Sequence[Diagnostic],
    started: float,
    mapper: Mapper = serial,
    cache: Cache | None = None,
) -> Built:
    """The files of a prepared site in memory. problems: of the stages before."""
    found = list(problems)
    files: dict[str, bytes] = {}
    headers: dict[str, tuple[Header, ...]] = {}
    if prepared is not None:
        for step in pipeline.render(prepared, mapper, keeper=cache):
            found += step.diagnostics
            files.update((file.path, file.data) for file in step.files)
            headers.update(step.headers)
    return Built(files, ordered(found), time.perf_counter() - started, headers)


PREVIEW_FOLDER = "preview"


def build_preview(request: BuildRequest, terminal: Terminal) -> int:
    """The site with the toolbar of `serve`, in a folder of its own (`preview` in the project): to look at,
    never to be published. Any error leaves the folder as it was."""
    started = time.perf_counter()
    output = request.output or request.project / PREVIEW_FOLDER
    sources, problems = read_sources(request.project)
    prepared, found = (None, ()) if has_errors(problems) else pipeline.prepare(sources, request.options())
    problems = ordered((*problems, *found))
    if prepared is None:
        return _failed(problems, terminal, started)
    built = _rendered(without_hosts(prepared), problems, started)
    problems = built.diagnostics
    if has_errors(problems):
        return _failed(problems, terminal, started)
    reports = PagePreviews(prepared, problems)
    script = Path(__file__).with_name("preview.js").read_bytes()
    files = (OutputFile(path, data) for path, data in built.files.items())
    try:
        with Staging.open(output, project=request.project, sources=FOLDERS) as staging:
            for file in preview_files(files, reports, script):
                staging.write(file)
            staging.commit([_manifest(staging, prepared, request.options().build_date)])
    except PublishProblem as error:
        return _failed(ordered((*problems, *error.diagnostics)), terminal, started)
    pages = len(reports.outputs)
    record = {"output": str(output), "pages": pages, "seconds": round(time.perf_counter() - started, 3)}
    line = (
        f"Preview of {counted(pages, 'page')}: look at {output}. "
        "It is not for publishing; `build` makes the site."
    )
    succeed(record, [line], problems, terminal)
    return 0


class Preview:
    """What `serve` needs of a project: builds in memory, and the headers of the last good one, so that an
    editor meets a Content-Security-Policy before the host applies it.

    Between two builds it remembers the sources and the results of every step, so a build makes only what an
    edit changed. Another version of the code needs another process.
    """

    def __init__(self, request: BuildRequest) -> None:
        self._request = request
        self._headers: Mapping[str, tuple[Header, ...]] = {}
        self._cache = Cache(None, Codec(()), "")
        self._known: dict[str, Seen] = {}
        self._data: dict[str, bytes] = {}
        self._reports: PagePreviews | None = None

    def rebuild(self) -> Built:
        """The site as it is now."""
        started = time.perf_counter()
        digests, problems = self._look()
        self._cache.begin(digests)
        built, prepared = _in_memory(self._request, self._data, problems, cache=self._cache)
        good = not has_errors(built.diagnostics)
        self._cache.end(complete=good)
        if good:
            self._headers = built.headers
        if prepared is not None and good:
            self._reports = PagePreviews(prepared, built.diagnostics)
        return replace(built, seconds=time.perf_counter() - started)

    def _look(self) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
        """Read what was saved: path → SHA-256, and what cannot be read."""
        files, problems = find_sources(self._request.project)
        folder = self._request.project / CACHE_FOLDER
        # `serve` makes no folder; without one, every file is read at every save.
        clock = clock_of(folder) if folder.is_dir() else (0, 0)
        ledger = Ledger(self._known, clock, room=math.inf)  # between two builds, all sources are held
        digests, data = {}, {}
        for path, file in files.items():
            try:
                digests[path] = ledger.digest(file)
                data[path] = ledger.read[file] if file in ledger.read else self._data[path]
            except OSError as error:
                digests.pop(path, None)
                problems = (*problems, unreadable(path, error))
        self._known, self._data = ledger.seen, data
        return digests, problems

    @property
    def made(self) -> Sequence[str]:
        """The steps the last build made."""
        return tuple(self._cache.tally.made)

    def report(self, path: str) -> Mapping[str, object] | None:
        """What the toolbar says of an output path; None for what is no page."""
        found = self._reports.report(path) if self._reports is not None else None
        return found.record() if found is not None else None

    def headers(self, path: str) -> Mapping[str, str]:
        """The headers of an output path; none for what is no page."""
        return dict(self._headers.get(path, ()))


def watched(project: Path) -> Callable[[], Sequence[Path]]:
    """The paths `serve` watches: those a build reads, as far as they exist."""
    return lambda: [
        path for path in (project / CONFIG, *(project / folder for folder in FOLDERS)) if path.exists()
    ]


def schema(name: str, terminal: Terminal) -> int:
    """Print a schema that editors read. name: a key of `load.schema.SCHEMAS`."""
    terminal.out(editor_schema(name))
    return 0


# ── translations ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What `translations sync` was asked for. languages: none means all. unchanged: ids of texts whose edit
    changed no meaning."""

    project: Path
    languages: Sequence[str] = ()
    unchanged: Sequence[str] = ()
    dry_run: bool = False


def sync(request: SyncRequest, terminal: Terminal) -> int:
    """Bring every catalog up to date with its source. A catalog that cannot be read stops everything."""
    translated, problems = _translated(request.project)
    if translated is None:
        return _failed(problems, terminal, time.perf_counter())
    languages, problems = catalogs.languages_of(translated, request.languages)
    problems = (*problems, *catalogs.unknown_ids(translated, languages, request.unchanged))
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    rows = catalogs.synced(translated, languages, request.unchanged, _interfaces(translated, languages))
    problems = () if request.dry_run else _write_catalogs(request.project, [catalog for catalog, _ in rows])
    if problems:
        return _failed(problems, terminal, time.perf_counter())
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


def _translated(project: Path) -> tuple[pipeline.Translated | None, tuple[Diagnostic, ...]]:
    """The project's texts and catalogs, or None and its problems when one of them cannot be read."""
    sources, problems = read_sources(project)
    translated, found = (None, ()) if has_errors(problems) else pipeline.translate(sources, overrides())
    problems = ordered((*problems, *found))
    return (None if has_errors(problems) else translated), problems


def _interfaces(translated: pipeline.Translated, languages: Iterable[Language]) -> tuple[Catalog, ...]:
    """The theme's own texts in these languages, as far as there are any and the project uses the theme."""
    if translated.project.config.theme == "none":
        return ()
    return tuple(found for language in languages if (found := _interface(language.tag)))


def _interface(tag: str) -> Catalog | None:
    text = read_interface(gettext_name(tag))
    return parse_po("site.po", text, tag, SITE_DOMAIN)[0] if text is not None else None


def _write_catalogs(project: Path, changed: Iterable[Catalog]) -> tuple[Diagnostic, ...]:
    """Write the catalogs whose text is another one. X002 for the first that the system does not take."""
    for catalog in changed:
        text = format_po(catalog)
        if text == catalog.text:
            continue
        try:
            _write_text(project / catalog.path, text)
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions, and run the command again; no file is damaged"
            return (problem("X002", Place(catalog.path), message, hint),)
    return ()


def _write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that a kill leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def add(project: Path, tag: str, terminal: Terminal) -> int:
    """Make the catalogs of a new language, and say what config.yaml needs. Edits nothing that is there."""
    translated, problems = _translated(project)
    if translated is None:
        return _failed(problems, terminal, time.perf_counter())
    language, problems = catalogs.new_language(translated, tag)
    if language is None:
        return _failed(problems, terminal, time.perf_counter())
    rows = [
        (catalog, summary)
        for catalog, summary in catalogs.synced(
            translated, [language], (), _interfaces(translated, [language])
        )
        if not (project / catalog.path).exists()
    ]
    problems = _write_catalogs(project, [catalog for catalog, _ in rows])
    if problems:
        return _failed(problems, terminal, time.perf_counter())
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
    translated, problems = _translated(project)
    if translated is None:
        return _failed(problems, terminal, time.perf_counter())
    found = catalogs.templates(translated)
    problems = _write_catalogs(project, found)
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    terminal.out(f"{counted(len(found), 'template')} written to translations/templates/.")
    return 0


def status(request: BuildRequest, terminal: Terminal, ids: bool = False) -> int:
    """Table of coverage: language × document, percent, fuzzy, words, what readers see.

    ids: list the texts that wait, with the ids that other commands take.
    """
    sources, problems = read_sources(request.project)
    prepared, found = (None, ()) if has_errors(problems) else pipeline.prepare(sources, request.options())
    if prepared is None:
        return _failed(ordered((*problems, *found)), terminal, time.perf_counter())
    translated, _ = pipeline.translate(sources, request.options().environment)
    assert translated is not None  # it could be prepared
    rows = catalogs.coverage(prepared, translated)
    if terminal.form == "json":
        terminal.out(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
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


@dataclass(frozen=True, slots=True)
class ApproveRequest:
    """What `translations approve` was asked for: ids, or a document, or neither (everything)."""

    project: Path
    language: str
    ids: Sequence[str] = ()
    document: str | None = None


def approve(request: ApproveRequest, terminal: Terminal) -> int:
    """Take the fuzzy flag from translations that pass the checks; refuse the others, with their errors."""
    translated, problems = _translated(request.project)
    if translated is None:
        return _failed(problems, terminal, time.perf_counter())
    languages, problems = catalogs.languages_of(translated, [request.language])
    problems = (*problems, *catalogs.unknown_ids(translated, languages, request.ids))
    domains = [domain for domain, _ in translated.sources]
    if request.document is not None and request.document not in domains:
        hint = did_you_mean(request.document, domains, f"documents: {', '.join(domains)}")
        found = problem("T003", Place("translations"), f"there is no document “{request.document}”", hint)
        problems = (*problems, found)
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    approval = catalogs.approve(translated, languages[0], request.ids, request.document)
    problems = _write_catalogs(request.project, approval.catalogs)
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    terminal.problems(ordered(approval.refused))
    if terminal.form == "text":
        stay = f", {approval.kept_back} stay fuzzy because of the errors above" if approval.kept_back else ""
        terminal.out(f"{counted(approval.approved, 'translation')} approved{stay}.")
    return 1 if approval.kept_back else 0


@dataclass(frozen=True, slots=True)
class AdoptRequest:
    """What `translations adopt` was asked for. document: the page or policy, or None to find it."""

    project: Path
    language: str
    file: Path
    document: str | None = None


def adopt(request: AdoptRequest, terminal: Terminal) -> int:
    """Take over a whole translated file; all of it waits for approval, nothing of it is dropped."""
    translated, problems = _translated(request.project)
    if translated is None:
        return _failed(problems, terminal, time.perf_counter())
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
        return _failed(problems, terminal, time.perf_counter())
    alignment, adopted, problems = catalogs.adopt(
        translated, languages[0], request.file.name, text, request.document
    )
    if alignment is None or adopted is None:
        return _failed(problems, terminal, time.perf_counter())
    problems = _write_catalogs(request.project, [adopted.catalog])
    if problems:
        return _failed(problems, terminal, time.perf_counter())
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


# ── new projects ────────────────────────────────────────────────────────────────────────────────


def init(folder: Path, answers: Answers, terminal: Terminal) -> int:
    """Make a project in the folder. Writes nothing where one of its files is there already (S006)."""
    interfaces = {tag: found for tag in answers.languages if (found := _interface(tag))}
    made = new_project(answers, read_starter(), read_theme(()), interfaces)
    problems = _in_the_way(folder, made.files)
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    for path, text in made.files.items():
        try:
            _write_text(folder / path, text)
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions, and run the command in an empty folder"
            return _failed([problem("X002", Place(path), message, hint)], terminal, time.perf_counter())
    terminal.out(f"{folder}: {counted(len(made.files), 'file')} for “{answers.name}”.")
    for state in made.languages:
        if state.complete:
            terminal.out(
                f"{state.english_name} ({state.tag}) is complete. Nobody has reviewed it: pages say so."
            )
        else:
            waiting = state.total - state.translated
            terminal.out(
                f"{state.english_name} ({state.tag}) waits for {waiting} of {state.total} translations: "
                "it is declared `published: false`."
            )
    terminal.out("What only you can say stands in [FILL IN: …] in content/. Next:")
    for command in (f"cd {shlex.quote(str(folder))}", "policysite serve", "policysite check"):
        terminal.out(f"  {command}")
    return 0


def eject(project: Path, files: Sequence[str], terminal: Terminal) -> int:
    """Copy files of the theme into the project, to be changed there; without names, list them.

    S003 where there is no project, S006 for a file that is there already. Raises click.UsageError for a file
    the theme does not have.
    """
    theme = theme_files()
    for name in files:
        if name not in theme:
            hint = did_you_mean(name, theme, "`policysite eject` lists them all")
            raise click.UsageError(f"the theme has no file “{name}”; {hint}")
    if not (project / CONFIG).is_file():
        return _failed(read_sources(project)[1], terminal, time.perf_counter())
    if not files:
        for name in theme:
            terminal.out(f"{name}  (yours)" if (project / name).exists() else name)
        return 0
    problems = _in_the_way(project, files)
    if problems:
        return _failed(problems, terminal, time.perf_counter())
    for name in files:
        try:
            _write_text(project / name, theme[name].read_text(encoding="utf-8"))
        except OSError as error:
            message = f"cannot be written: {error.strerror or error}"
            hint = "free some space, or check the permissions"
            return _failed([problem("X002", Place(name), message, hint)], terminal, time.perf_counter())
        terminal.out(f"{name} is yours now: change it. Delete it to have the one of policysite again.")
    return 0


def _in_the_way(folder: Path, paths: Iterable[str]) -> tuple[Diagnostic, ...]:
    """S006 for each path that would be overwritten."""
    hint = "choose another folder, or move this file away: nothing is ever overwritten"
    return tuple(
        problem("S006", Place(path), f"the file is there already, in {folder}", hint)
        for path in paths
        if (folder / path).exists()
    )


# ── policies ────────────────────────────────────────────────────────────────────────────────────

DiffFormat = Literal["text", "markdown", "html", "json"]


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What `policy diff` was asked for. old, new: names of versions; None: the newest and the one before it.
    locked: the text in versions.lock instead of an older version. language: None is the source language."""

    policy: str
    old: str | None = None
    new: str | None = None
    language: str | None = None
    locked: bool = False
    whole: bool = False


def policy_diff(
    project: Path, wanted: DiffRequest, form: DiffFormat, terminal: Terminal, colour: bool = False
) -> int:
    """Print what changed between two versions. Raises click.UsageError for a version there is not."""
    opened = _policy(project, wanted.policy, terminal)
    if opened is None:
        return 1
    translated, editions, lock = opened
    config = translated.project.config
    tag = wanted.language or config.source
    if tag not in {language.tag for language in config.languages}:
        raise click.UsageError(f"“{tag}” is no language of this site")
    names = [one.version.name for one in editions]
    new = _named(wanted.new, names, wanted.policy) if wanted.new else names[-1]
    if wanted.locked:
        if tag != config.source:
            raise click.UsageError("versions.lock holds the text in the source language only")
        kept = next((one for one in lock.versions if one.name == new), None)
        if kept is None:
            raise click.UsageError(f"{new} is not in versions.lock of “{wanted.policy}”")
        found = compared(kept.text, editions[names.index(new)].text)
    else:
        old = _named(wanted.old, names, wanted.policy) if wanted.old else None
        if old is None and names.index(new) == 0:
            raise click.UsageError(f"there is no version of “{wanted.policy}” before {new}")
        old = old or names[names.index(new) - 1]
        texts = dict(pipeline.wordings(translated, wanted.policy, tag))
        for name in (old, new):
            if name not in texts:
                raise click.UsageError(f"{name} of “{wanted.policy}” is not complete in “{tag}”")
        found = redline(texts[old], texts[new])
    writers: dict[DiffFormat, Callable[[], str]] = {
        "text": lambda: as_text(found, colour=colour, only_changes=not wanted.whole),
        "markdown": lambda: as_markdown(found, only_changes=not wanted.whole).removesuffix("\n"),
        "html": lambda: as_html(found, ENGLISH, only_changes=not wanted.whole),
        "json": lambda: as_json(found),
    }
    terminal.out(writers[form]())
    return 0


def policy_lock(project: Path, policies: Sequence[str], day: date, terminal: Terminal) -> int:
    """Record every version in force on the day; all policies when none is named."""
    translated = _opened(project, terminal)
    if translated is None:
        return 1
    known = sorted({item.document.key for item in translated.parsed if item.document.is_policy})
    for name in policies:
        _named(name, known, "")
    for key in policies or known:
        before = _lock_of(translated, key)
        after = locked(before, pipeline.editions(translated, key), day)
        added = [one.name for one in after.versions if one not in before.versions]
        if added:
            _write_text(project / after.path, format_lock(after))
        terminal.out(f"{after.path}: {', '.join(added) + ' locked' if added else 'nothing new to lock'}")
    return 0


def policy_revise(project: Path, policy: str, effective: date, day: date, terminal: Terminal) -> int:
    """Start the next version from the last, and lock what is in force."""
    opened = _policy(project, policy, terminal)
    if opened is None:
        return 1
    _, editions, lock = opened
    last = editions[-1]
    path = f"{last.path.rpartition('/')[0]}/{effective.isoformat()}.md"
    if effective <= last.version.date:
        message = f"the version {last.version.name} begins on {last.version.date.isoformat()}, and not before"
        hint = f"give a later day than {last.version.date.isoformat()}"
        return _failed([problem("V002", Place(path), message, hint)], terminal, time.perf_counter())
    after = locked(lock, editions, day)
    if after != lock:
        _write_text(project / after.path, format_lock(after))
    text = (project / last.path).read_text(encoding="utf-8-sig")
    _write_text(project / path, text)
    terminal.out(f"{path} is a copy of {last.version.name}. Change its text, then run:")
    terminal.out(f"  policysite policy diff {policy}")
    terminal.out("  policysite translations sync")
    return 0


def policy_amend(project: Path, policy: str, version: str, reason: str, day: date, terminal: Terminal) -> int:
    """Record a correction of a locked version: the reason, the day, and the text as it was."""
    opened = _policy(project, policy, terminal)
    if opened is None:
        return 1
    _, editions, lock = opened
    one = next((item for item in editions if item.version.name == version), None)
    kept = next((item for item in lock.versions if item.name == version), None)
    if one is None or kept is None:
        _named(version, [item.version.name for item in editions], policy)
        raise click.UsageError(f"{version} is not locked yet: change its text, there is nothing to record")
    found = compared(kept.text, one.text)
    if not found.changed:
        terminal.err(f"{one.path} says what it said when it was locked: there is nothing to record.")
        return 1
    latest = max((item.on for item in kept.amendments), default=kept.date)
    if day < latest:
        message = f"an amendment of {day.isoformat()} would be older than what it amends"
        place = Place(lock.path)
        hint = f"give a day from {latest.isoformat()} on"
        return _failed([problem("V002", place, message, hint)], terminal, time.perf_counter())
    _write_text(project / lock.path, format_lock(amended(lock, one, day, reason)))
    terminal.out(as_text(found))
    terminal.out(f"\n{lock.path}: {version} amended on {day.isoformat()}: {reason}")
    return 0


def _opened(project: Path, terminal: Terminal) -> pipeline.Translated | None:
    """The project with its texts; None after its problems were told."""
    sources, problems = read_sources(project)
    translated, found = (None, ()) if has_errors(problems) else pipeline.translate(sources, overrides())
    problems = ordered((*problems, *found))
    if translated is None or has_errors(problems):
        _failed(problems, terminal, time.perf_counter())
        return None
    return translated


def _policy(
    project: Path, policy: str, terminal: Terminal
) -> tuple[pipeline.Translated, tuple[Edition, ...], VersionLock] | None:
    """A policy's versions and its lock (an empty one where it has none)."""
    translated = _opened(project, terminal)
    if translated is None:
        return None
    known = sorted({item.document.key for item in translated.parsed if item.document.is_policy})
    _named(policy, known, "")
    return translated, pipeline.editions(translated, policy), _lock_of(translated, policy)


def _lock_of(translated: pipeline.Translated, key: str) -> VersionLock:
    locks = {lock.key: lock for lock in translated.project.locks}
    return locks.get(key) or VersionLock(f"content/{key}/{LOCK_NAME}", key)


def _named(name: str, known: Sequence[str], policy: str) -> str:
    """The name, if it is known; else a usage error that lists what is."""
    if name in known:
        return name
    what = f"version of “{policy}” is" if policy else "policy is called"
    raise click.UsageError(f"no {what} “{name}”; there is: {', '.join(known) or 'none'}")


# ── deploys ─────────────────────────────────────────────────────────────────────────────────────

#: Seconds a host may take to send a manifest, and the bytes a manifest may have (500,000 files).
_MANIFEST_WAIT, _MANIFEST_MAX = 30.0, 64 * 1024 * 1024

#: In place of OLD: nothing is published yet.
NOTHING = "-"


def deploydiff(old: str, new: str, terminal: Terminal) -> int:
    """Compare two published sites: what to upload, delete and purge. old, new: a manifest, the folder that
    holds one, or its http(s) or file URL; `-` as old for a first deploy."""
    problems: list[Diagnostic] = []
    read: list[tuple[Manifest, ManifestEntry] | None] = []
    for position, source in enumerate((old, new)):
        if source == NOTHING and position == 0:
            read.append(None)
            continue
        data = _manifest_data(source)
        parsed = (data,) if isinstance(data, Diagnostic) else parse_manifest(data, source)
        if isinstance(parsed, Manifest) and (fault := no_site(source, parsed)):
            problems.append(fault)
        elif isinstance(parsed, Manifest) and isinstance(data, bytes):
            read.append((parsed, entry_of(OutputFile(MANIFEST_PATH, data))))
        elif not isinstance(parsed, Manifest):
            problems += parsed
    if problems:
        terminal.problems(ordered(problems))
        return 1
    before, after = read
    assert after is not None  # only the first may be nothing
    diff = deploy_diff(before[0] if before else None, *after)
    terminal.out(_diff_json(diff) if terminal.form == "json" else _diff_text(diff))
    return 0


def _manifest_data(source: str) -> bytes | Diagnostic:
    """The bytes of a manifest, wherever it is; a problem (S002) when it cannot be had."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.parse import urlsplit
    from urllib.request import urlopen

    cure = f"name a folder with a {MANIFEST_PATH}, that file, or its address; - for a first deploy"
    try:
        if urlsplit(source).scheme in ("http", "https", "file"):
            address = (
                source if urlsplit(source).path.endswith(".json") else f"{source.rstrip('/')}/{MANIFEST_PATH}"
            )
            with urlopen(address, timeout=_MANIFEST_WAIT) as answer:
                data: bytes = answer.read(_MANIFEST_MAX + 1)
        else:
            path = Path(source)
            with (path / MANIFEST_PATH if path.is_dir() else path).open("rb") as file:
                data = file.read(_MANIFEST_MAX + 1)
    except (OSError, ValueError) as error:  # URLError is an OSError; ValueError: an address that is none
        reason = error.reason if isinstance(error, URLError) else getattr(error, "strerror", None) or error
        return problem("S002", Place(source), f"no manifest can be read here: {reason}", cure)
    except HTTPException as error:
        return problem("S002", Place(source), f"no manifest can be read here: {type(error).__name__}", cure)
    if len(data) > _MANIFEST_MAX:
        return problem("S002", Place(source), "the file is too large to be a manifest", cure)
    return data


def _diff_json(diff: DeployDiff) -> str:
    uploads = [{"path": entry.path, "sha256": entry.sha256, "size": entry.size} for entry in diff.upload]
    record = {"upload": uploads, "delete": list(diff.delete), "purge": list(diff.purge)}
    return json.dumps(record, ensure_ascii=False, indent=2)


def _diff_text(diff: DeployDiff) -> str:
    if diff.empty:
        return "Nothing to do: both are the same site."
    rows = [f"upload {entry.path}" for entry in diff.upload]
    rows += [f"delete {path}" for path in diff.delete]
    rows += [f"purge  {url}" for url in diff.purge]
    size = sum(entry.size for entry in diff.upload) / 1024
    rows.append(
        f"{counted(len(diff.upload), 'file')} to upload ({size:.0f} KB), {len(diff.delete)} to delete, "
        f"{len(diff.purge)} to purge."
    )
    return "\n".join(rows)
