"""Parts of a site, built on several machines: whether they fit together. Pure.

Each part holds the pages of some languages (`build --languages`), with a manifest that says what it was made
from. `merge` makes one site of them, if they were made from the same and hold every language exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.publish.manifest import MANIFEST_PATH, Manifest, Part


def whole(shown: str, manifest: Manifest) -> Diagnostic | None:
    """X005 for what is no part. shown: how the user named it."""
    if manifest.part is not None:
        return None
    hint = "name folders that `policysite build --languages … --output FOLDER` wrote"
    return problem("X005", Place(f"{shown}/{MANIFEST_PATH}"), "this is a whole site, not a part of one", hint)


def no_site(shown: str, manifest: Manifest) -> Diagnostic | None:
    """X005 where a part is taken for a site: what it lacks would be deleted from the host."""
    if manifest.part is None:
        return None
    tags = ", ".join(manifest.part.languages)
    hint = "make a site of all parts first: policysite merge PART…"
    return problem("X005", Place(shown), f"this is a part of a site ({tags}), not a whole one", hint)


def fit(parts: Mapping[str, Manifest], here: Part, languages: Sequence[str]) -> Iterator[Diagnostic]:
    """X003 and X004: every part was made from what is `here` and like the first part, and every language of
    the site is in exactly one of them. parts: by the name of their folder, one at least, all with a part."""
    first_name, first = next(iter(parts.items()))
    for name, manifest in parts.items():
        part = manifest.part
        if part is None:
            continue
        place = Place(f"{name}/{MANIFEST_PATH}")
        for fault, cure in _differences(part, here):
            yield problem("X003", place, fault, cure)
        for what, ours, theirs in (
            ("day", manifest.build_date, first.build_date),
            ("address", manifest.base_url, first.base_url),
            ("compression", part.precompress, first.part.precompress if first.part else None),
        ):
            if ours != theirs:
                yield problem("X003", place, *_other(what, ours, theirs, first_name))
    yield from _coverage(parts, languages)


def _differences(part: Part, here: Part) -> Iterator[tuple[str, str]]:
    if part.sources != here.sources:
        yield (
            "it was built from other files than those of this project",
            "build every part, and merge them, from the same commit",
        )
    if part.program != here.program:
        yield (
            "it was built by another policysite, Python or library than this one",
            "use the same versions on every machine",
        )
    if part.values != here.values:
        yield (
            "it was built with other POLICYSITE__… values than those set here",
            "give every job the same environment",
        )


def _other(
    what: str, ours: date | str | bool, theirs: date | str | bool | None, name: str
) -> tuple[str, str]:
    if what == "day":
        return f"it was built as of {ours}, {name} as of {theirs}", "give every job the same --date"
    if what == "address":
        return f"it was built for {ours}, {name} for {theirs}", "give every job the same --base-url"
    return f"only one of it and {name} has .br and .gz files", "give every job the same options"


def _coverage(parts: Mapping[str, Manifest], languages: Sequence[str]) -> Iterator[Diagnostic]:
    holder: dict[str, str] = {}
    for name, manifest in parts.items():
        for tag in manifest.part.languages if manifest.part else ():
            if tag in holder:
                message = f"the pages in “{tag}” are in {holder[tag]}, too"
                hint = "build each language in one part only"
                yield problem("X004", Place(f"{name}/{MANIFEST_PATH}"), message, hint)
            holder.setdefault(tag, name)
    missing = [tag for tag in languages if tag not in holder]
    if missing:
        message = f"no part holds the pages in {', '.join(f'“{tag}”' for tag in missing)}"
        hint = f"build them: policysite build --languages {','.join(missing)} --output FOLDER"
        yield problem("X004", Place(f"{next(iter(parts))}/{MANIFEST_PATH}"), message, hint)
