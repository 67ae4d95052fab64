"""The command line (Click only). What commands do stands in `commands`; here are names, options and help."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from policysite import __version__

if TYPE_CHECKING:
    from policysite.commands.building import Progress
    from policysite.core.model import Rendered
    from policysite.request import Terminal

EXIT_BUG = 3
EXIT_INTERRUPTED = 130

_FORMATS = click.Choice(["text", "json", "github", "sarif"])

_text_or_json = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to report. Default: text.",
)


class _Default(click.Group):
    """A group whose `build` runs when no command is named (`policysite --output x`)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "--version", "-h"}
        if ctx.resilient_parsing:  # shell completion: the words are still being typed
            pass
        elif not args or (args[0].startswith("-") and args[0] not in own):
            args = ["build", *args]
        return super().parse_args(ctx, args)


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:  # `fromisoformat` also reads 20251015 and 2025-W42-3
        raise click.BadParameter(f"“{value}” is not a day; write it as 2025-10-15")
    return day


def _address(value: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?/?", value, re.ASCII):
        raise click.BadParameter(f"“{value}” is not scheme and host, such as https://staging.example.com")
    return value.rstrip("/")


def _codes(value: str) -> tuple[str, ...]:
    """`T1,D203` → the beginnings of codes it names."""
    from policysite.core.diagnostics import CODES

    found = tuple(part.upper() for part in re.split(r"[\s,]+", value) if part)
    for part in found:
        if not any(code.startswith(part) for code in CODES):
            raise click.BadParameter(f"no code begins with “{part}”; see docs/reference/diagnostics.md")
    return found


def _tags(value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part for part in re.split(r"[\s,]+", value) if part))
    if not found:
        raise click.BadParameter("name at least one language, such as bn,ar")
    return found


_project = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Folder of the site (the one with config.yaml). Default: this folder.",
)
_output = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write the site to. Default: dist in the project.",
)
_base_url = click.option(
    "--base-url", type=_address, metavar="URL", help="Address of this build, instead of site.base_url."
)
_date = click.option(
    "--date",
    "build_date",
    type=_day,
    metavar="YYYY-MM-DD",
    help="Build as of this day: it decides which policy versions are in force. "
    "Default: SOURCE_DATE_EPOCH, else today (UTC).",
)
_jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="Processes to use at most; small sites use one.",
)
_no_cache = click.option("--no-cache", is_flag=True, help="Render every page anew, and keep no cache.")
_format = click.option(
    "--format", "form", type=_FORMATS, default="text", help="How to report. Default: text."
)


@click.group(cls=_Default, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="policysite")
def cli() -> None:
    """Build legal and policy pages in many languages, with consent that can be proved.

    Without a command, `build` runs.
    """


@cli.command()
@_project
@_output
@_base_url
@_date
@_jobs
@_no_cache
@click.option("--no-precompress", is_flag=True, help="Write no .br and .gz files, whatever config.yaml says.")
@click.option(
    "--preview",
    is_flag=True,
    help="Write pages with the toolbar of `serve`, to look at and not to publish. Default folder: preview.",
)
@click.option(
    "--languages",
    type=_tags,
    metavar="TAGS",
    help="Build only the pages in these languages (bn,ar): a part of the site, for `policysite merge`.",
)
@_format
def build(
    project: Path,
    output: Path | None,
    base_url: str | None,
    build_date: date | None,
    jobs: int,
    no_cache: bool,
    no_precompress: bool,
    preview: bool,
    languages: tuple[str, ...] | None,
    form: str,
) -> int:
    """Build the site. Any error leaves the output folder as it was."""
    started = time.perf_counter()
    from policysite.incremental import look
    from policysite.request import BuildRequest, tell

    if languages is not None and output is None:
        raise click.UsageError("--languages needs --output: a part of a site does not belong into dist")
    request = BuildRequest(
        project,
        output,
        base_url,
        build_date,
        jobs,
        not no_cache,
        precompress=not no_precompress,
        languages=languages,
    )
    if preview:
        if output is not None and output.resolve() == (project / "dist").resolve():
            raise click.UsageError("a preview is not for publishing: give it another folder than dist.")
        from policysite.commands import building

        return building.build_preview(request, _terminal(form))
    state = look(request)
    summary = state.unchanged()
    if summary is not None:  # over before anything else would be loaded
        tell(summary, request.output_folder, time.perf_counter() - started, _terminal(form))
        return 0
    from policysite.commands import building

    return building.build(request, _terminal(form), _progress(), state)


@cli.command()
@click.argument("path")
@_project
@_text_or_json
def explain(path: str, project: Path, form: str) -> int:
    """Say why the last build made the output PATH again, or did not.

    PATH is a file of the site (en/index.html) or its address (/en/).
    """
    from policysite.commands import building

    return building.explain(project, path, _terminal(form))


@cli.command()
@click.argument(
    "parts",
    metavar="PART...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@_project
@_output
@_format
def merge(parts: tuple[Path, ...], project: Path, output: Path | None, form: str) -> int:
    """Make one site of its parts (`build --languages`), byte for byte what one build makes.

    The parts must come from the same files, versions, day and address, and hold every language once.
    """
    from policysite.commands import building

    return building.merge(project, parts, output, _terminal(form))


@cli.command()
@_project
@_base_url
@_date
@click.option("--release", is_flag=True, help="Refuse example values and those listed below `unconfirmed`.")
@click.option(
    "--select", type=_codes, default="", metavar="CODES", help="Report only these codes: `T301` or `T1,D`."
)
@click.option(
    "--ignore", type=_codes, default="", metavar="CODES", help="Leave these codes out of the report."
)
@_format
def check(
    project: Path,
    base_url: str | None,
    build_date: date | None,
    release: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
) -> int:
    """Run every check on texts, catalogs, config and rendered pages; write nothing."""
    from policysite.commands import building
    from policysite.request import BuildRequest

    request = BuildRequest(project, None, base_url, build_date, release=release)
    return building.check(request, _terminal(form), select, ignore)


@cli.command()
@_project
@_date
@click.option("--host", default="127.0.0.1", help="Loopback address to listen on. Default: 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on. Default: 8000 or the next free one."
)
@click.option("--toolbar/--no-toolbar", default=True, help="What each page says about its translation.")
@click.option(
    "--editor",
    metavar="URL",
    default="",
    envvar="POLICYSITE_EDITOR",
    help="Address that opens a file, with {path} and {line} in it, for the toolbar's links"
    " (vscode://file/srv/site/{path}:{line}).",
)
def serve(
    project: Path, build_date: date | None, host: str, port: int | None, toolbar: bool, editor: str
) -> int:
    """Serve the site on this machine, rebuild on every change and reload the browser."""
    from policysite import devserver, devsite
    from policysite.commands import building
    from policysite.request import BuildRequest

    preview = building.Preview(BuildRequest(project, None, None, build_date))
    try:
        devserver.serve(
            rebuild=preview.rebuild,
            watch_paths=building.watched(project),
            host=host,
            port=port,
            out=click.echo,
            headers=preview.headers,
            toolbar=devsite.Toolbar(preview.report, editor) if toolbar else None,
        )
    except devserver.ServeError as error:
        raise click.UsageError(f"{error}. {error.hint}".strip()) from error
    return EXIT_INTERRUPTED


def _web(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+(/\S*)?", value):
        raise click.BadParameter(f"“{value}” is not an address that starts with https://")
    return value


def _mail(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise click.BadParameter(f"“{value}” is not an e-mail address")
    return value


def _named_site(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise click.BadParameter("write the name as visitors know it, in one line")
    return value.strip()


def _besides_english(value: str) -> tuple[str, ...]:
    """`en,pt-br` → the tags besides English, as BCP 47 writes them, each once."""
    from policysite.core.locales import canonical_tag
    from policysite.starter import SOURCE

    found: dict[str, None] = {}
    for part in filter(None, re.split(r"[\s,]+", value)):
        try:
            found[canonical_tag(part)] = None
        except ValueError:
            raise click.BadParameter(
                f"“{part}” is not a language tag that CLDR knows: en, pt-BR, zh-Hans"
            ) from None
    return tuple(tag for tag in found if tag != SOURCE)


def _embedded(value: str) -> str | None:
    return None if value == "none" else _web(value)


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", type=_named_site, metavar="NAME", help="Name of the site. Default: the folder's.")
@click.option(
    "--url",
    type=_address,
    metavar="URL",
    help="Where it will be published. Default: https://www.example.com.",
)
@click.option(
    "--email", type=_mail, metavar="EMAIL", help="Published contact address. Default: privacy@ and the host."
)
@click.option(
    "--languages",
    type=_besides_english,
    metavar="TAGS",
    help="Languages besides English, as BCP 47 tags. Default: en,ar.",
)
@click.option(
    "--analytics",
    type=click.Choice(["google", "none"]),
    help="Google Analytics, after consent. Default: none.",
)
@click.option("--embed", metavar="URL|none", help="Address of a frame on the home page. Default: none.")
@_date
def init(
    folder: Path,
    name: str | None,
    url: str | None,
    email: str | None,
    languages: tuple[str, ...] | None,
    analytics: str | None,
    embed: str | None,
    build_date: date | None,
) -> int:
    """Make a new site in FOLDER: policies to fill in, contact, home page, translations. Overwrites nothing.

    On a terminal it asks for what no option says, if none is given.
    """
    from policysite.commands import starting
    from policysite.request import today
    from policysite.starter import Answers

    title = re.sub(r"[-_]+", " ", folder.resolve().name).strip().capitalize() or "My site"
    nothing = all(value is None for value in (name, url, email, languages, analytics, embed))
    if nothing and sys.stdin.isatty():
        name = click.prompt("Name of the site", default=title, value_proc=_named_site)
        url = click.prompt("Its address", default=_URL, value_proc=_address)
        email = click.prompt("Contact address", default=_privacy_of(url), value_proc=_mail)
        languages = click.prompt("Languages", default=_LANGUAGES, value_proc=_besides_english)
        analytics = click.prompt(
            "Analytics", type=click.Choice(["google", "none"]), default="none", show_choices=True
        )
        embed = click.prompt("Address of an embedded frame, or none", default="none")
    url = url or _URL
    answers = Answers(
        name=name or title,
        url=url,
        email=email or _privacy_of(url),
        languages=_besides_english(_LANGUAGES) if languages is None else languages,
        analytics=analytics == "google",
        embed=_embedded(embed or "none"),
        day=build_date or today(),
    )
    return starting.init(folder, answers, _terminal("text"))


_URL = "https://www.example.com"
_LANGUAGES = "en,ar"


def _privacy_of(url: str) -> str:
    host = url.split("//")[1].split(":")[0].removeprefix("www.")
    return f"privacy@{host}" if "." in host else "privacy@example.com"


@cli.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@_project
def eject(files: tuple[str, ...], project: Path) -> int:
    """Copy templates or assets of policysite into the project, to change them there.

    FILE is a path such as templates/base.html. Without one, lists them all.
    """
    from policysite.commands import starting

    return starting.eject(project, files, _terminal("text"))


@cli.command("deploy-diff")
@click.argument("old")
@click.argument("new")
@_text_or_json
def deploy_diff(old: str, new: str, form: str) -> int:
    """List what to upload, delete and purge to get from the site OLD to the site NEW.

    OLD and NEW are manifests (build-manifest.json), folders that hold one, or their http, https or file
    addresses. OLD may be - where nothing is published yet.
    """
    from policysite.commands import deploying

    return deploying.deploydiff(old, new, _terminal(form))


@cli.command()
@click.argument(
    "name", metavar="config|front-matter|glossary", type=click.Choice(["config", "front-matter", "glossary"])
)
def schema(name: str) -> int:
    """Print the JSON Schema of config.yaml, of front matter or of a glossary, for editors and other tools."""
    from policysite.commands import starting

    return starting.schema(name, _terminal("text"))


@cli.group()
def translations() -> None:
    """Work on the gettext catalogs below translations/."""


@translations.command("sync")
@_project
@click.option("--language", "only", multiple=True, help="Only this language (may be given several times).")
@click.option(
    "--unchanged-meaning",
    "unchanged",
    multiple=True,
    metavar="ID",
    help="The edit of this text changed no meaning: its translations stay valid, and the catalogs say so "
    "(may be given several times).",
)
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@_text_or_json
def translations_sync(
    project: Path, only: tuple[str, ...], unchanged: tuple[str, ...], dry_run: bool, form: str
) -> int:
    """Bring every catalog up to date with content/, templates/ and config.yaml."""
    from policysite.commands import translating

    request = translating.SyncRequest(project, only, unchanged, dry_run)
    return translating.sync(request, _terminal(form))


@translations.command("status")
@_project
@_date
@click.option("--ids", is_flag=True, help="List the texts that wait for a translation or approval.")
@_text_or_json
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
def translations_status(project: Path, build_date: date | None, ids: bool, form: str) -> int:
    """Show how complete each language is, and what its readers see."""
    from policysite.commands import translating
    from policysite.request import BuildRequest

    return translating.status(BuildRequest(project, None, None, build_date), _terminal(form), ids)


@translations.command("add")
@click.argument("locale")
@_project
def translations_add(locale: str, project: Path) -> int:
    """Make the catalogs of a new language (LOCALE: fr, pt-BR, zh-Hans), and say what config.yaml needs."""
    from policysite.commands import translating

    return translating.add(project, locale, _terminal("text"))


@translations.command("template")
@_project
def translations_template(project: Path) -> int:
    """Write templates without a language (translations/templates/*.pot), for Crowdin and Weblate."""
    from policysite.commands import translating

    return translating.template(project, _terminal("text"))


@translations.command("adopt")
@click.argument("locale")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_project
@click.option("--document", metavar="NAME", help="The page or policy it translates. Default: what fits best.")
@_text_or_json
def translations_adopt(locale: str, file: Path, project: Path, document: str | None, form: str) -> int:
    """Take over an existing translation into LOCALE, one whole Markdown FILE; all of it becomes fuzzy."""
    from policysite.commands import translating

    return translating.adopt(translating.AdoptRequest(project, locale, file, document), _terminal(form))


@translations.command("approve")
@click.argument("locale")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@_project
@click.option("--document", metavar="NAME", help="All fuzzy texts of this page or policy.")
@click.option("--all", "everything", is_flag=True, help="All fuzzy texts of the language.")
@_text_or_json
def translations_approve(
    locale: str, ids: tuple[str, ...], project: Path, document: str | None, everything: bool, form: str
) -> int:
    """Take the fuzzy mark from translations of LOCALE that pass every check; the others keep it."""
    from policysite.commands import translating

    if sum((bool(ids), document is not None, everything)) != 1:
        raise click.UsageError("say what to approve: ids of texts, --document NAME, or --all")
    return translating.approve(translating.ApproveRequest(project, locale, ids, document), _terminal(form))


@cli.group()
def policy() -> None:
    """Work on the versions of policies: what changed, what is locked."""


_policy_name = click.argument("name", metavar="POLICY")


@policy.command("diff")
@_policy_name
@click.argument("old", required=False)
@click.argument("new", required=False)
@_project
@click.option("--language", metavar="TAG", help="Compare in this language. Default: the source language.")
@click.option("--locked", is_flag=True, help="Compare with the text in versions.lock, not with a version.")
@click.option("--whole", is_flag=True, help="Show what did not change, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    help="How to show it. Default: text.",
)
def policy_diff(
    name: str,
    old: str | None,
    new: str | None,
    project: Path,
    language: str | None,
    locked: bool,
    whole: bool,
    form: str,
) -> int:
    """Show what changed from version OLD to NEW.

    With one version: from the one before it. With none: from the last but one to the last.
    """
    from policysite.commands import versioning

    if old and not new:
        old, new = None, old
    request = versioning.DiffRequest(name, old, new, language, locked, whole)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return versioning.policy_diff(
        project, request, cast("versioning.DiffFormat", form), _terminal("text"), colour
    )


_day_of = click.option(
    "--date", "day", type=_day, metavar="YYYY-MM-DD", help="The present day. Default: as for `build`."
)


@policy.command("lock")
@click.argument("names", metavar="[POLICY]...", nargs=-1)
@_project
@_day_of
def policy_lock(names: tuple[str, ...], project: Path, day: date | None) -> int:
    """Record the text of every version in force in versions.lock. Default: of all policies."""
    from policysite.commands import versioning
    from policysite.request import today

    return versioning.policy_lock(project, names, day or today(), _terminal("text"))


@policy.command("revise")
@_policy_name
@_project
@click.option(
    "--effective", type=_day, required=True, metavar="YYYY-MM-DD", help="Day from which it will apply."
)
@_day_of
def policy_revise(name: str, project: Path, effective: date, day: date | None) -> int:
    """Start the next version as a copy of the last, and lock what is in force."""
    from policysite.commands import versioning
    from policysite.request import today

    return versioning.policy_revise(project, name, effective, day or today(), _terminal("text"))


@policy.command("amend")
@_policy_name
@click.argument("version")
@_project
@click.option("--reason", required=True, metavar="TEXT", help="Why it is corrected, for the public record.")
@_day_of
def policy_amend(name: str, version: str, project: Path, reason: str, day: date | None) -> int:
    """Record a correction of a locked version openly: reason, day and the text before."""
    from policysite.commands import versioning
    from policysite.request import today

    if not reason.strip():
        raise click.BadParameter("say why, in a few words", param_hint="--reason")
    return versioning.policy_amend(project, name, version, reason.strip(), day or today(), _terminal("text"))


def _terminal(form: str) -> Terminal:
    from policysite.core.reports import Format
    from policysite.request import Terminal

    return Terminal(form=cast(Format, form))


def _progress() -> Progress:
    """A bar on a terminal, nothing in a pipe (Click's own rule, made explicit for CI logs)."""
    from policysite.commands import building

    if not sys.stderr.isatty():
        return building.no_progress

    def bar(items: Iterator[Rendered], length: int) -> AbstractContextManager[Iterable[Rendered]]:
        return click.progressbar(items, length=length, label="Rendering", file=sys.stderr)

    return bar


def main() -> None:
    """Entry point. Exit codes: 0 fine, 1 problems found, 2 usage, 3 bug, 130 interrupted."""
    gc.set_threshold(50_000)  # a build makes many values and few cycles
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo("This is a bug in policysite; please report it with the text above.", err=True)
        sys.exit(EXIT_BUG)
    finally:
        gc.freeze()  # or the interpreter looks for garbage once more at its end: a tenth of a short build
    sys.exit(code if isinstance(code, int) else 0)
