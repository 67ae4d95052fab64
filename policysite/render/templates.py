"""The Jinja2 set-up: the project's templates, autoescaped, strict, translated. All HTML comes from here."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from policysite.core.diagnostics import Diagnostic, Place, did_you_mean, place_in, problem
from policysite.core.model import TextFile

_FOLDER = "templates/"

_SYNTAX_HINT = "see the Jinja documentation of this tag"


class _Loader(BaseLoader):
    """Templates from memory, named so that a traceback tells which file failed."""

    def __init__(self, templates: Sequence[TextFile]) -> None:
        self.texts = {template.path: template.text for template in templates}

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        text = self.texts.get(template)
        if text is None:
            raise TemplateNotFound(template)
        return text, _FOLDER + template, lambda: True

    def list_templates(self) -> list[str]:
        return sorted(self.texts)


#: Longer texts are not remembered: titles and leads, which are of one page.
_SHORT = 120


@lru_cache(maxsize=8192)  # addresses, tags, names: what a page writes, its neighbours write
def _escaped(text: str) -> str:
    return str(escape(text))


def written(value: object) -> str:
    """What a template writes for a value: `markupsafe.escape`, without a new `Markup` for each text (0.9 µs,
    300 times a page; this takes 0.2). All that a template writes is joined, so plain text will do."""
    if type(value) is str:
        return _escaped(value) if len(value) <= _SHORT else str(escape(value))
    return value if type(value) is Markup else escape(value)


class _Generator(CodeGenerator):
    """Jinja's compiler, as its own `NativeCodeGenerator` changes it: expressions are written by `written`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


class _Environment(Environment):
    code_generator_class = _Generator
    written = staticmethod(written)


def environment(templates: Sequence[TextFile]) -> Environment:
    """A Jinja environment over the given templates."""
    made = _Environment(
        loader=_Loader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        cache_size=-1,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    return made


@lru_cache(maxsize=2)
def compiled(templates: tuple[TextFile, ...]) -> Environment:
    """`environment`, with what was compiled before: under `serve`, most builds have the same templates."""
    return environment(templates)


def syntax_problems(templates: Sequence[TextFile]) -> tuple[Diagnostic, ...]:
    """L001 for every template that does not parse, L003 for every template named but missing."""
    found: list[Diagnostic] = []
    env = environment(templates)
    known = {template.path for template in templates}
    for template in templates:
        try:
            env.parse(template.text, template.path)
        except TemplateSyntaxError as error:
            place = place_in(_FOLDER + template.path, template.text, error.lineno, 1)
            found.append(
                problem(
                    "L001",
                    place,
                    error.message or "template syntax",
                    _SYNTAX_HINT,
                )
            )
            continue
        for match in _REFERENCE.finditer(template.text):
            name = match.group(2)
            if name not in known:
                line = template.text.count("\n", 0, match.start()) + 1
                place = place_in(_FOLDER + template.path, template.text, line, 1)
                found.append(
                    problem("L003", place, f"there is no template “{name}”", did_you_mean(name, known))
                )
    return tuple(found)


_REFERENCE = re.compile(r"\{%-?\s*(?:extends|include|import|from)\s+(['\"])([^'\"]+)\1")


class Failed(Exception):
    """A template could not be rendered; holds the diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def render(env: Environment, name: str, context: Mapping[str, object]) -> str:
    """Render a template. Raises `Failed` (L001, L002, L003) with the template's file and line."""
    try:
        return env.get_template(name).render(context)
    except TemplateNotFound as error:
        place = Place(_FOLDER + name)
        hint = did_you_mean(str(error.name), env.list_templates(), "templates live below templates/")
        raise Failed(problem("L003", place, f"there is no template “{error.name}”", hint)) from error
    except Failed:
        raise
    except Exception as error:  # whatever a template's expression raises is the template's problem
        raise Failed(_failure(env, name, error)) from error


def _failure(env: Environment, name: str, error: Exception) -> Diagnostic:
    path, line = _FOLDER + name, 0
    if isinstance(error, TemplateSyntaxError):
        path, line = _FOLDER + (error.name or name), error.lineno
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith(_FOLDER):
                path, line = frame.filename, frame.lineno or 0
    loader = env.loader
    text = loader.texts.get(path.removeprefix(_FOLDER), "") if isinstance(loader, _Loader) else ""
    place = place_in(path, text, line, 1 if line else 0)
    if isinstance(error, TemplateSyntaxError):
        return problem("L001", place, error.message or "template syntax", _SYNTAX_HINT)
    if isinstance(error, TemplateError):
        what = str(error)
    elif isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        what = error.args[0]  # `asset` and `link` say in it what there is
    else:
        what = f"{type(error).__name__}: {error}"
    return problem("L002", place, what, "docs/reference/templates.md lists the names a template can use")
