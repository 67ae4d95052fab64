"""`build`, `merge`, `check`, `explain`, `serve`: read → run the pipeline → report → publish → exit code."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import Protocol, cast

import click
from msgspec import to_builtins
from msgspec.structs import replace

from policysite import __version__, pipeline, reasons
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
from policysite.commands.common import failed, manifest_data
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
from policysite.core.model import (
    CONFIG,
    Built,
    Header,
    Item,
    Mapper,
    OutputFile,
    Rendered,
    Result,
    Shared,
    Sources,
    serial,
)
from policysite.core.plain import Codec
from policysite.core.reports import count_line
from policysite.executor import Executor
from policysite.incremental import State, look
from policysite.load.sources import FOLDERS, find_sources, read_sources, unreadable
from policysite.preview import PagePreviews, preview_files, without_hosts
from policysite.publish.manifest import (
    MANIFEST_PATH,
    Manifest,
    ManifestEntry,
    Part,
    entry_of,
    manifest_file,
    parse_manifest,
)
from policysite.publish.parts import fit, whole
from policysite.publish.writer import PublishProblem, Staging
from policysite.reasons import outputs
from policysite.request import BuildRequest, Summary, Terminal, counted, overrides, succeed, tell
from policysite.steps.keeper import Forgetful, Keeper


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
        return failed(problems, terminal, started)
    cache.begin(state.digests)
    keeper = cache if state.folder is not None else Forgetful()
    prepared, found = (
        (None, ()) if has_errors(problems) else pipeline.prepare(state.sources, options, keeper, executor)
    )
    problems = ordered((*problems, *found))
    if prepared is not None and (unknown := _unknown_languages(prepared, request.languages or ())):
        return failed((*problems, *unknown), terminal, started)
    if prepared is None:
        cache.end(complete=False)
        cache.note("failed", state.parts())
        return failed(problems, terminal, started)
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
        return failed(ordered((*problems, *error.diagnostics)), terminal, started)
    problems = ordered(problems)
    cache.end(complete=not broken)
    cache.note("failed" if broken else "built", state.parts())
    if broken:
        return failed(problems, terminal, started)
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
        data = manifest_data(str(folder))
        found = (data,) if isinstance(data, Diagnostic) else parse_manifest(data, f"{folder}/{MANIFEST_PATH}")
        if isinstance(found, Manifest):
            fault = whole(str(folder), found)
            problems += [fault] if fault else []
            parts[str(folder)] = found
        else:
            problems += found
    if problems:
        return failed(problems, terminal, started)
    first = next(iter(parts.values()))
    assert first.part is not None  # `whole` has looked
    precompress = first.part.precompress
    request = BuildRequest(project, output, first.base_url, first.build_date, cache=False, languages=())
    sources, faults = read_sources(project)
    prepared, found = (None, ()) if has_errors(faults) else pipeline.prepare(sources, request.options())
    problems = [*faults, *found]
    if prepared is None:
        return failed(problems, terminal, started)
    problems += fit(parts, _part(sources, (), precompress), _published(prepared))
    if has_errors(problems):
        return failed(problems, terminal, started)
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
                return failed(problems, terminal, started)
            staging.commit([_manifest(staging, prepared, first.build_date)])
    except PublishProblem as error:
        return failed((*problems, *error.diagnostics), terminal, started)
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
    keeper: Keeper | None = None,
) -> OutputFile:
    """What was published, and what the banner asked, as the last file of the site."""
    base_url, consent = prepared.frame.base_url, pipeline.proof(prepared, keeper)
    return manifest_file(Manifest(__version__, build_date, base_url, staging.entries, consent, part))


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
        terminal.out(json.dumps(to_builtins(found), ensure_ascii=False, indent=2))
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
        return failed(problems, terminal, started)
    built = _rendered(without_hosts(prepared), problems, started)
    problems = built.diagnostics
    if has_errors(problems):
        return failed(problems, terminal, started)
    reports = PagePreviews(prepared, problems)
    script = Path(__file__).parent.with_name("preview.js").read_bytes()
    files = (OutputFile(path, data) for path, data in built.files.items())
    try:
        with Staging.open(output, project=request.project, sources=FOLDERS) as staging:
            for file in preview_files(files, reports, script):
                staging.write(file)
            staging.commit([_manifest(staging, prepared, request.options().build_date)])
    except PublishProblem as error:
        return failed(ordered((*problems, *error.diagnostics)), terminal, started)
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
