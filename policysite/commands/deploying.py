"""`deploy-diff`: what separates two published sites."""

from __future__ import annotations

import json

from policysite.commands.common import manifest_data
from policysite.core.diagnostics import (
    Diagnostic,
    ordered,
)
from policysite.core.model import (
    OutputFile,
)
from policysite.publish.deploydiff import DeployDiff, deploy_diff
from policysite.publish.manifest import (
    MANIFEST_PATH,
    Manifest,
    ManifestEntry,
    entry_of,
    parse_manifest,
)
from policysite.publish.parts import no_site
from policysite.request import Terminal, counted

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
        data = manifest_data(source)
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
