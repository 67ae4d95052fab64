"""Site paths and URLs. A site path starts and ends with `/` (`/bn/privacy/`); a URL is absolute."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")

#: Schemes a link of a text may use; anything else (`javascript:`, `data:`) is refused.
SAFE_SCHEMES = frozenset({"https", "mailto", "tel"})

OBFUSCATED_EMAIL = re.compile(
    r"\[?email[\s\xa0]protected\]?|\w\s*[\[(]\s*(?:at|@)\s*[\])]\s*\w", re.IGNORECASE
)


def page_path(tag: str, slug: str) -> str:
    """The site path of a page: `/bn/` for the empty slug, else `/bn/privacy/`."""
    return f"/{tag}/{slug}/" if slug else f"/{tag}/"


def app_path(site_path: str) -> str:
    """Where the apps' own copy of a page lives: `/app/bn/privacy/`."""
    return f"/app{site_path}"


def output_path(site_path: str) -> str:
    """The file that serves a site path: `bn/privacy/index.html`."""
    return site_path.strip("/") + "/index.html" if site_path.strip("/") else "index.html"


def address(output: str) -> str:
    """The site path a file is linked by: `/bn/privacy/` for `bn/privacy/index.html`, `/404.html`."""
    return "/" + output.removesuffix("index.html") if output.split("/")[-1] == "index.html" else f"/{output}"


def addresses(output: str) -> tuple[str, ...]:
    """Every site path a file answers to: its folder, and itself."""
    return tuple(dict.fromkeys((address(output), f"/{output}")))


def absolute(base_url: str, site_path: str) -> str:
    """The absolute URL of a site path; non-ASCII characters are percent-encoded."""
    return base_url.rstrip("/") + quote(site_path, safe="/#?=&%~")


def split_internal(target: str) -> tuple[str, str] | None:
    """(path, anchor) of a link inside the site (`/privacy/#cookies`, `#cookies`), None for any other."""
    if target.startswith("//"):
        return None
    if target.startswith(("/", "#")):
        path, _, anchor = target.partition("#")
        return path.partition("?")[0], anchor
    return None


def scheme(target: str) -> str:
    """The scheme of a link target, lower case, without control characters browsers ignore; '' for none."""
    cleaned = re.sub(r"[\x00-\x20\x7f]", "", target)
    match = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", cleaned)
    return match.group(1).lower() if match else ""


def origin(url: str) -> str:
    """`https://host[:port]` of an absolute URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


_ORIGIN = re.compile(r"https://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\Z")


def is_origin(text: str) -> bool:
    """Whether the text is an https origin as CSP takes it (a `*.` host wildcard is allowed)."""
    return _ORIGIN.match(text) is not None
