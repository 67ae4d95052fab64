"""The headers of all pages in the forms that hosts read. One small writer a host, from one model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from policysite.core.model import Header, OutputFile
from policysite.render.headers import COMMON

#: (output path, headers) of every page.
PageHeaders = Sequence[tuple[str, tuple[Header, ...]]]

_IMMUTABLE = ("Cache-Control", "public, max-age=31536000, immutable")
_REVALIDATE = ("Cache-Control", "public, max-age=0, must-revalidate")


def netlify(pages: PageHeaders) -> OutputFile:
    """`_headers`: a path, then its headers indented (Netlify and Cloudflare Pages read it)."""
    rows: list[str] = []

    def rule(path: str, headers: Iterable[Header]) -> None:
        rows.append(path)
        rows.extend(f"  {name}: {value}" for name, value in headers)

    rule("/assets/*", (_IMMUTABLE, *COMMON))
    for output, headers in sorted(pages):
        for path in _addresses(output):
            rule(path, (*headers, _REVALIDATE))
    return OutputFile("_headers", ("\n".join(rows) + "\n").encode())


def _addresses(output: str) -> tuple[str, ...]:
    """The paths a page answers to: its folder, and its file."""
    if output == "index.html" or output.endswith("/index.html"):
        return ("/" + output.removesuffix("index.html"), "/" + output)
    return ("/" + output,)


#: Host (as in config.yaml, below `hosts`) → writer.
HOSTS: dict[str, Callable[[PageHeaders], OutputFile]] = {"netlify": netlify}


def host_files(hosts: Sequence[str], pages: PageHeaders) -> tuple[OutputFile, ...]:
    """The header files of the configured hosts."""
    return tuple(HOSTS[host](pages) for host in hosts)
