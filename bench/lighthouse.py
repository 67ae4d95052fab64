"""Google's Lighthouse on the shipped site as a slow phone sees it: the worst of three runs of each page.

Needs Node.js and Chromium; installs the pinned npm package beside the repository's other benchmark tools.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.served import HOST, served_site
from bench.table import table
from bench.tools import FOLDER
from tests.helpers.machine import find_chromium, find_program

TOOLS = Path(__file__).parent / "data" / "lighthouse"
INSTALLED = FOLDER / "lighthouse"

LANGUAGES = ("en", "bn", "ar")
PAGES = {
    "home": "",
    "chat": "live/",
    "privacy": "privacy/",
    "cookies": "cookies/",
    "archive": "privacy/history/",
}
RUNS = 3


def install() -> Path:
    """The script to run, with its packages beside it."""
    files = [TOOLS / "package.json", TOOLS / "package-lock.json", TOOLS / "run.mjs"]
    script = INSTALLED / "run.mjs"
    if not (INSTALLED / "node_modules").is_dir() or any(
        (INSTALLED / file.name).read_bytes() != file.read_bytes() for file in files
    ):
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, INSTALLED)
        npm = find_program(None, "npm")
        subprocess.run([str(npm), "ci", "--ignore-scripts", "--silent"], cwd=INSTALLED, check=True)
    return script


def main() -> None:
    """Prints, page by page, the worst scores and figures; exits with 1 when a score is below 100."""
    script = install()
    urls = [f"https://{HOST}/{tag}/{path}" for path in PAGES.values() for tag in LANGUAGES]
    with served_site() as (_, server):
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--ignore-certificate-errors",
            f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{server.https}",
        ]
        wanted = {"chromium": str(find_chromium()), "flags": flags, "runs": RUNS, "urls": urls}
        node = find_program(None, "node")
        command = [str(node), str(script), json.dumps(wanted)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    head, rows, failed = summary(urls, runs)
    print(f"Lighthouse {runs[0]['version']}, mobile, worst of {RUNS} runs\n")
    print(table(head, rows))
    if failed:
        raise SystemExit("below 100:\n" + "\n".join(failed))


def summary(
    urls: Sequence[str], runs: Sequence[dict[str, Any]]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Head and rows of the table (lowest scores, highest figures), and the audits that cost a score."""
    categories, metrics = list(runs[0]["scores"]), list(runs[0]["metrics"])
    rows, failed = [], set()
    for url in urls:
        own = [run for run in runs if run["url"] == url]
        path = url.removeprefix(f"https://{HOST}")

        def worst(group: str, name: str, choose: Callable[[Iterable[float]], float], own: Any = own) -> float:
            return choose(run[group][name] for run in own)

        rows.append(
            [path]
            + [f"{worst('scores', name, min):g}" for name in categories]
            + [f"{worst('metrics', name, max):,.4g}" for name in metrics]
        )
        for run in own:
            for category, score in run["scores"].items():
                failed |= {f"{path}: {category}: {audit}" for audit in run["failed"][category] if score < 100}
    return ["page", *categories, *metrics], rows, sorted(failed)
