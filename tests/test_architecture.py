"""The layers of the package, its doors to the world, and its lack of state: read from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.machine import ROOT

PACKAGE = ROOT / "policysite"

#: Every module of the package, in the one layer it belongs to. Imports run down only.
LAYERS: dict[str, tuple[str, ...]] = {
    "cli": ("cli",),
    "devserver": ("devserver", "devsite"),
    "commands": (
        "commands",
        *("commands.building", "commands.common", "commands.deploying"),
        *("commands.starting", "commands.translating", "commands.versioning"),
    ),
    "incremental": ("incremental", "request"),
    "pipeline": (
        *("pipeline", "catalogs", "preview", "starter"),
        *("steps", "steps.documents", "steps.exam", "steps.keeper", "steps.loading"),
    ),
    "executor": ("executor",),
    "cache": ("cache", "reasons"),
    "load": (
        *(
            "load",
            "load.config",
            "load.documents",
            "load.glossary",
            "load.locks",
            "load.overrides",
            "load.project",
            "load.schema",
            "load.sources",
            "load.theme",
        ),
        "load.yamlnodes",
    ),
    "translate": (
        *("translate", "translate.checks", "translate.extract", "translate.inlines", "translate.lint"),
        *("translate.po", "translate.segments", "translate.sync", "translate.texts"),
        *("translate.lexicons", "translate.waivers", "translate.words", "translate.rules"),
        *("translate.rules.markup", "translate.rules.numbers", "translate.rules.scope"),
        *("translate.rules.terms", "translate.rules.whole", "translate.rules.wording"),
        *("translate.rules.columns", "translate.rules.writing"),
        *("translate.adopt", "translate.carry", "translate.match"),
    ),
    "plan": ("plan", "plan.assets", "plan.lock", "plan.pages", "plan.versions"),
    "render": (
        *("render", "render.consent", "render.discovery", "render.headers", "render.hosts", "render.i18n"),
        *("render.hosts.model", "render.hosts.netlify", "render.hosts.cloudflare", "render.hosts.firebase"),
        *("render.hosts.vercel", "render.hosts.apache", "render.hosts.nginx", "render.hosts.caddy"),
        "render.hosts.s3",
        "render.compress",
        "render.wellknown",
        *("render.feeds", "render.pages", "render.plain", "render.redline", "render.schemas", "render.site"),
        *("render.templates", "render.views"),
    ),
    "publish": ("publish", "publish.deploydiff", "publish.manifest", "publish.parts", "publish.writer"),
    "core": (
        *(
            "core",
            "core.diagnostics",
            "core.digest",
            "core.locales",
            "core.markdown",
            "core.model",
            "core.quick",
        ),
        "core.mediatypes",
        "core.negotiation",
        *(
            "core.alignment",
            "core.outline",
            "core.plain",
            "core.redline",
            "core.reports",
            "core.spans",
            "core.strings",
            "core.urls",
            "core.words",
        ),
    ),
    "version": ("",),  # policysite/__init__.py
    "main": ("__main__",),
}

STAGES = ("load", "translate", "plan", "render", "publish")

#: What each layer may import besides itself.
BELOW: dict[str, tuple[str, ...]] = {
    "cli": ("devserver", "commands", "incremental", "pipeline", *STAGES, "core", "version"),
    "devserver": ("commands", "pipeline", *STAGES, "core", "version"),
    "commands": ("incremental", "pipeline", "executor", "cache", *STAGES, "core", "version"),
    "incremental": ("cache", "load", "core"),
    "pipeline": (*STAGES, "core"),
    "executor": ("core",),
    "cache": ("core",),
    **dict.fromkeys(STAGES, ("core",)),
    "core": (),
    "version": (),
    "main": ("cli",),
}

#: Modules that touch files, clocks, processes or sockets. All others are pure.
DOORS = (
    *("commands.building", "commands.common", "commands.starting"),
    *(
        "commands.translating",
        "commands.versioning",
        "cli",
        "devserver",
        "executor",
        "cache",
        "incremental",
        "request",
    ),
    *("load.sources", "load.theme", "publish.writer", "translate.lexicons"),
)

#: Doors that are handed in: only `commands` may name them.
HANDED_IN = ("executor", "cache", "load.sources", "publish.writer")

#: Ways to the world. `pathlib` is one, but for `PurePosixPath`, which is arithmetic on names.
WORLD = frozenset(
    {
        *(
            "os",
            "pathlib",
            "socket",
            "subprocess",
            "time",
            "tempfile",
            "shutil",
            "threading",
            "multiprocessing",
        ),
        *("concurrent", "signal", "fcntl", "ctypes", "mmap", "select", "selectors", "asyncio", "http.server"),
        *(
            "urllib.request",
            "ssl",
            "glob",
            "sys",
            "random",
            "secrets",
            "uuid",
            "platform",
            "getpass",
            "atexit",
        ),
        *("logging", "warnings", "watchfiles", "importlib", "locale", "contextvars", "pickle", "marshal"),
    }
)

#: Module-level calls whose result nothing can change.
CONSTANT_CALLS = frozenset(
    {
        *(
            "re.compile",
            "regex.compile",
            "frozenset",
            "tuple",
            "str.maketrans",
            "TypeVar",
            "re.escape",
            "Place",
            "Token",
        ),
        *("click.option", "click.argument", "click.Choice", "len", "regex.compile", "Labels", "Token"),
    }
)

#: State, each with its reason. Nothing else at module level may change.
STATE = {
    ("publish.writer", "_held"): "the locks this process holds, which a forked child has to close",
}

MUTATORS = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault"),
        *("popitem", "add", "discard", "appendleft", "popleft", "__setitem__"),
    }
)


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
}
LAYER_OF = {module: layer for layer, modules in LAYERS.items() for module in modules}

every_module = pytest.mark.parametrize("module", list(MODULES), ids=lambda module: module or "__init__")


def imports(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """(module, name) of every import, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, None
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which layer is meant"
            for alias in node.names:
                yield node.module or "", alias.name


def own_imports(tree: ast.AST) -> Iterator[str]:
    """The modules of this package that are imported, by their name in `MODULES`."""
    for target, name in imports(tree):
        if target != "policysite" and not target.startswith("policysite."):
            continue
        short = target.removeprefix("policysite").removeprefix(".")
        inner = f"{short}.{name}".strip(".") if name else short
        yield inner if inner in MODULES else short


def test_every_module_has_one_layer() -> None:
    assigned = [module for modules in LAYERS.values() for module in modules]
    assert sorted(assigned) == sorted(set(assigned))
    assert set(assigned) == set(MODULES), "give a new file its layer in LAYERS; take a deleted one out"
    assert BELOW.keys() == LAYERS.keys()


@every_module
def test_imports_run_down(module: str) -> None:
    layer = LAYER_OF[module]
    for target in own_imports(MODULES[module]):
        assert target in LAYER_OF, f"{module} imports {target}, which does not exist"
        below = LAYER_OF[target]
        assert below == layer or below in BELOW[layer], f"{module} ({layer}) imports {target} ({below})"


@every_module
def test_doors_are_handed_in(module: str) -> None:
    for target in own_imports(MODULES[module]):
        if target in HANDED_IN:
            assert LAYER_OF[module] in ("commands", "incremental"), f"{module} opens the door {target}"


def test_there_is_no_circle() -> None:
    graph = {module: set(own_imports(tree)) - {module} for module, tree in MODULES.items()}
    while graph:
        leaves = [module for module, targets in graph.items() if not targets & graph.keys()]
        assert leaves, f"a circle among {sorted(graph)}"
        for leaf in leaves:
            del graph[leaf]


@every_module
def test_only_doors_touch_the_world(module: str) -> None:
    if module in DOORS:
        return
    for target, name in imports(MODULES[module]):
        if target == "pathlib" and name == "PurePosixPath":
            continue
        assert target not in WORLD, f"{module} imports {target}"
        assert target.split(".")[0] not in WORLD, f"{module} imports {target}"
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("open", "print", "input", "exec", "eval", "__import__"), (
                f"{module}: {called}()"
            )
            assert not called.endswith((".now", ".today", ".utcnow")), f"{module} reads the clock: {called}()"


def test_the_list_of_doors_is_not_longer_than_it_must_be() -> None:
    for module in DOORS:
        assert any(target.split(".")[0] in WORLD for target, _ in imports(MODULES[module])), module


def assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) at module level, also under `if` and `try`."""
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield ast.unparse(target), node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield ast.unparse(node.target), node.value
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for field in ("body", "orelse", "finalbody"):
                todo += getattr(node, field, [])


def may_change(value: ast.expr) -> bool:
    """Whether what a name is bound to can change: a list, a dict, a set, or a call that could return one."""
    if isinstance(value, ast.Call):
        called = ast.unparse(value.func)
        return called not in CONSTANT_CALLS and not called.endswith(".encode")
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


@every_module
def test_modules_keep_no_state(module: str) -> None:
    tree = MODULES[module]
    tables = set()
    for name, value in assignments(tree):
        if (module, name) in STATE:
            continue
        if isinstance(value, ast.Dict | ast.DictComp):
            tables.add(name)  # a registry you can read; that nobody writes to it is checked below
            continue
        assert not may_change(value), (
            f"{module}.{name} can change: make it a tuple, a frozenset or an argument"
        )
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Global), f"{module} has a `global` statement"
        written = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            written = ast.unparse(node.func.value)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            written = next(
                (ast.unparse(one.value) for one in targets if isinstance(one, ast.Subscript)), None
            )
        assert written not in tables, f"{module} changes its table {written}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                assert default is None or not may_change(default), (
                    f"{module}.{node.name}: a default that can change"
                )


def test_known_state_is_still_there() -> None:
    for module, name in STATE:
        assert name in {found for found, _ in assignments(MODULES[module])}


@every_module
def test_values_of_the_model_are_frozen(module: str) -> None:
    if module == "translate.po":  # the draft of an entry while it is read
        return
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.ClassDef):
            assert "dataclass" not in "".join(map(ast.unparse, node.decorator_list)), "a value is a Struct"
            if "Struct" in map(ast.unparse, node.bases):
                options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert options.get("frozen") == "True", f"{module}.{node.name}"
