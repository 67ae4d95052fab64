"""What a deploy has to do: two manifests in; what to upload, delete and purge out, in an order that is safe.
Pure.

At every moment a page finds what it links to: assets go up first (their names are new), then what no page
needs to load, then the hosts' own files, then pages, and the manifest as the sign that all is there. What is
gone is deleted after that: pages first, then what they loaded."""

from __future__ import annotations

from msgspec import Struct

from policysite.core import urls
from policysite.publish.manifest import MANIFEST_PATH, Manifest, ManifestEntry

#: Fingerprinted files: the same name always means the same bytes, so no cache has to forget them.
_ASSETS = "assets/"

#: Files that hosts read; what is below `.hosts/` besides.
_HOST_FILES = frozenset({"_headers", "_redirects", "firebase.json", "vercel.json", ".htaccess"})


class DeployDiff(Struct, frozen=True):
    """upload: files in order. delete: output paths in order, after all uploads. purge: absolute URLs,
    sorted."""

    upload: tuple[ManifestEntry, ...]
    delete: tuple[str, ...]
    purge: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether the two sites are the same."""
        return not self.upload and not self.delete


def deploy_diff(old: Manifest | None, new: Manifest, manifest_entry: ManifestEntry) -> DeployDiff:
    """The steps from one published site to the next. old: None where nothing is published yet.

    manifest_entry: the new manifest's own file, which no manifest lists.
    """
    before = {entry.path: entry for entry in old.files} if old else {}
    after = {entry.path: entry for entry in new.files}
    changed = [entry for path, entry in after.items() if before.get(path) != entry]
    gone = [path for path in before if path not in after]
    if changed or gone or old is None or old != new:
        changed.append(manifest_entry)
    touched = {entry.path for entry in changed} | set(gone)
    purge = {
        urls.absolute(new.base_url, address)
        for path in touched
        if not _is_host_file(path) and not path.endswith((".br", ".gz")) and _may_be_cached(path, before)
        for address in urls.addresses(path)
    }
    return DeployDiff(
        tuple(sorted(changed, key=lambda entry: (_rank(entry.path), entry.path))),
        tuple(sorted(gone, key=lambda path: (-_rank(path), path))),
        tuple(sorted(purge)) if before else (),
    )


def _may_be_cached(path: str, before: dict[str, ManifestEntry]) -> bool:
    """Whether a cache may hold something else: a new asset's name was never asked for, a new page's may have
    been (as not found)."""
    return path in before or not path.startswith(_ASSETS)


def _is_host_file(path: str) -> bool:
    return path in _HOST_FILES or path.startswith(".hosts/")


def _rank(path: str) -> int:
    if path == MANIFEST_PATH:
        return 4
    if _is_host_file(path):
        return 2
    if path.removesuffix(".br").removesuffix(".gz").endswith(".html"):
        return 3
    return 0 if path.startswith(_ASSETS) else 1
