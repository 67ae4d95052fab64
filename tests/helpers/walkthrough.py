"""A documentation page as somebody follows it: the files it says to write, its edits, its commands.

What counts in a page, from top to bottom, also inside lists:

- a line that ends with a path in backquotes and a colon, then a fence: that file is written. After “In” and
  the path of a YAML file, only the keys of the fence are, each at the top level in place of what was there;
- a fence `diff`: `-` lines of the path named last before it become the `+` lines;
- “In `path`, write `new` instead of `old`”; the same with fences and “in place of”;
- a fence `console`: each line with `$` is a command, the lines below it what it shows. `…` stands for any
  text within a line, and alone on a line for any number of lines; sizes and seconds may differ too. A command
  that shows nothing must not fail.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

from policysite.cli import cli

#: Commands of examples that no test runs, and why.
NOT_RUN: Mapping[str, str] = {
    "aws": "needs an account",
    "crowdin": "needs an account",
    "curl": "needs a published site",
    "export": "sets the PATH of the reader's terminal",
    "make": "is what runs these tests",
    "npx": "needs the network",
    "pip": "needs the network",
    "pre-commit": "needs the network",
    "rclone": "needs an account",
    "rsync": "needs a server",
    "ssh": "needs a server",
}

#: The same for commands of policysite, by their beginning: one never ends, one asks a host.
_NOT_RUN_OF_OURS = ("policysite serve", "policysite deploy-diff https:")

_STEP = re.compile(
    r"[Ii]n\s`(?P<file>[\w./-]+)`, write\n\n```\w+\n(?P<now>.*?)^```\n\n"
    r"in place of\n\n```\w+\n(?P<was>.*?)^```$"
    r"|^(?P<indent> *)```(?P<kind>\w+)\n(?P<body>.*?)^(?P=indent)```$"
    r"|[Ii]n `(?P<path>[\w./-]+)`, write `(?P<new>[^`\n]+)`\s+instead\s+of\s+`(?P<old>[^`\n]+)`",
    re.MULTILINE | re.DOTALL,
)
_LABEL = re.compile(r"(?P<part>[Ii]n )?`(?P<path>[\w./-]+)`[^`.]*:\s*$")
#: An output that goes with an exit code other than 0.
_FAILURE = re.compile(r": error [A-Z]\d{3} |^Error: ", re.MULTILINE)
_PATH = re.compile(r"`([\w./-]+\.(?:md|yaml|po|html))`")


@dataclass(frozen=True, slots=True)
class Write:
    """A file and its text; part: only these keys at the top level."""

    path: str
    text: str
    part: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """Texts of a file and what becomes of them; undone: the other way round."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Run:
    """A command, and what the page shows of its output (empty: nothing is said)."""

    command: str
    shown: str


Step = Write | Edit | Run


def steps(text: str) -> Iterator[Step]:
    """What a page tells its reader to do, in order."""
    for found in _STEP.finditer(text):
        before = text[: found.start()]
        if found["file"]:
            yield Edit(found["file"], found["was"], found["now"])
        elif found["path"]:
            yield Edit(found["path"], found["old"], found["new"])
        elif found["kind"] == "console":
            yield from _commands(textwrap.dedent(found["body"]))
        elif found["kind"] == "diff":
            yield from _edits(_PATH.findall(before)[-1], textwrap.dedent(found["body"]))
        elif label := _LABEL.search(before.rstrip()[-200:]):
            part = bool(label["part"]) and label["path"].endswith(".yaml")
            if part or not label["part"]:
                yield Write(label["path"], textwrap.dedent(found["body"]), part)


def _commands(block: str) -> Iterator[Run]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield Run(command, shown.rstrip("\n"))


def _edits(path: str, block: str) -> Iterator[Edit]:
    for found in re.finditer(r"((?:^-.*\n)+)((?:^\+.*\n)*)", block, re.MULTILINE):
        old, new = (re.sub(r"^[-+]", "", part, flags=re.MULTILINE) for part in found.groups())
        yield Edit(path, old, new)


@dataclass(slots=True)
class Reader:
    """Somebody in a folder who does what a page says. environment: for every command."""

    folder: Path
    environment: Mapping[str, str]

    def follow(self, text: str) -> Iterator[str]:
        """Every difference between what the page shows and what happens, as a message."""
        for step in steps(text):
            match step:
                case Write():
                    self._write(step)
                case Edit():
                    file = self.folder / step.path
                    before = file.read_text(encoding="utf-8")
                    if step.old not in before:
                        yield f"{step.path} does not hold {step.old!r}"
                    file.write_text(before.replace(step.old, step.new, 1), encoding="utf-8")
                case Run():
                    yield from self._run(step)

    def _write(self, step: Write) -> None:
        file = self.folder / step.path
        text = step.text
        if step.part and file.exists():
            text = with_keys(file.read_text(encoding="utf-8"), text)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def _run(self, step: Run) -> Iterator[str]:
        command, _, target = step.command.partition(" > ")
        words = shlex.split(command, comments=True)
        if words[0] in NOT_RUN or command.startswith(_NOT_RUN_OF_OURS):
            if step.shown and words[0] not in NOT_RUN:
                yield f"{step.command}: shows output that no test compares"
            return
        if words[0] == "cd":
            if not (self.folder / words[1]).is_dir():
                yield f"$ {step.command}: there is no such folder"
            else:
                self.folder = (self.folder / words[1]).resolve()
            return
        code, output = self._result(words)
        if target:
            (self.folder / target.strip()).write_text(output, encoding="utf-8")
        if step.shown and not like(step.shown, output):
            yield f"$ {step.command}\n{output}\nis shown as\n{step.shown}"
        if bool(code) != bool(_FAILURE.search(step.shown)):
            yield f"$ {step.command} ended with {code}:\n{output}"

    def _result(self, words: list[str]) -> tuple[int, str]:
        """Exit code, and standard output and error as a terminal mixes them."""
        if words[0] != "policysite":
            done = subprocess.run(
                words, cwd=self.folder, capture_output=True, text=True, check=False, env={"PATH": os.defpath}
            )
            # `grep` that finds nothing is no failure of the page.
            return (0 if words[0] == "grep" and done.returncode == 1 else done.returncode), (
                done.stdout + done.stderr
            )
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(cli, words[1:], standalone_mode=False, env=dict(self.environment))
        finally:
            os.chdir(here)
        if isinstance(result.exception, click.ClickException):
            return result.exception.exit_code, f"Error: {result.exception.format_message()}\n"
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return int(result.return_value or 0), result.output


def with_keys(text: str, keys: str) -> str:
    """A YAML text with the top-level keys of another in place of its own."""
    parts = re.split(r"^(?=\w)", f"{text}\n{keys}", flags=re.MULTILINE)
    return "".join({part.split(":")[0]: part for part in parts}.values())


def like(shown: str, output: str) -> bool:
    """Whether an output is what a page shows; `…` stands for what differs from run to run or is left out."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.rstrip().split("…"))) + r"\n"
        for line in _unmeasured(shown)
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in _unmeasured(output))) is not None


def _unmeasured(text: str) -> list[str]:
    """The lines of an output without sizes and seconds, which differ from machine to machine."""
    return re.sub(r"(?:[\d.]+|…) (KB|s)\b", r"0 \1", text.strip("\n")).split("\n")
