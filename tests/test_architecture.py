"""The rules of the house that a reader can rely on, checked on the source itself.

A floor imports only floors below it and the types of ``analyzer.model``; only ``cli`` and ``capture/live`` touch the
world outside; heavy packages are not imported on the way to a plain diagnosis; modules stay small enough to read.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "analyzer"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: From the ground up; a floor may import those that stand before it.
FLOORS = (
    "model",
    "doctor",
    "capture",
    "tcp",
    "tls",
    "http",
    "oss",
    "pasted",
    "diagnosis",
    "compare",
    "transfers",
    "report",
    "pipeline",
    "cli",
)

#: Names that mean the world outside: clock, environment, terminal, processes, network.
OUTSIDE = frozenset(
    {
        "time.time",
        "time.time_ns",
        "datetime.datetime.now",
        "datetime.now",
        "os.environ",
        "os.getenv",
        "sys.stdout",
        "sys.stderr",
        "sys.stdin",
        "sys.argv",
        "subprocess.Popen",
        "subprocess.run",
        "socket.socket",
    }
)


def floor_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "cli"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_outside_allowed(name: str) -> bool:
    return floor_of(name) == "cli" or name.startswith("analyzer.capture.live") or name == "analyzer.__main__"


def imported(tree: ast.Module, name: str, is_package: bool) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".")
                parents = parents[: len(parents) - node.level + (1 if is_package else 0)]
                base = ".".join([*parents, base] if base else parents)
            if base == "analyzer":
                for alias in node.names:
                    yield node.lineno, f"analyzer.{alias.name}"
            else:
                yield node.lineno, base


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_floors_import_only_downwards(path: Path) -> None:
    name = module_name(path)
    if name in ("analyzer", "analyzer.__main__"):
        return
    own = FLOORS.index(floor_of(name))
    tree = ast.parse(path.read_text("utf-8"))
    upward = [
        f"line {line}: {target}"
        for line, target in imported(tree, name, path.name == "__init__.py")
        if target.startswith("analyzer.") and FLOORS.index(floor_of(target)) > own
    ]
    assert not upward, f"{name} imports from above: {upward}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_the_edges_touch_the_world(path: Path) -> None:
    name = module_name(path)
    if is_outside_allowed(name):
        return
    tree = ast.parse(path.read_text("utf-8"))
    touched = [
        f"line {node.lineno}: {dotted(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node) in OUTSIDE
    ]
    printed = [
        f"line {node.lineno}: print"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "input")
    ]
    assert not touched + printed


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_open_with_their_strategy_and_stay_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module opens with its strategy"
    if "messages" not in path.parts:
        assert text.count("\n") <= 480, "split it"


def test_results_are_frozen_and_slotted() -> None:
    loose = []
    for path in (PACKAGE / "model").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and dotted(decorator.func) == "dataclass":
                        options = {k.arg: ast.literal_eval(k.value) for k in decorator.keywords}
                        if not (options.get("frozen") and options.get("slots")):
                            loose.append(f"{path.name}:{node.name}")
                    elif dotted(decorator) == "dataclass":
                        loose.append(f"{path.name}:{node.name}")
    assert not loose


def test_heavy_packages_are_not_imported_for_a_plain_diagnosis() -> None:
    code = (
        "import sys; from analyzer import analyze; analyze([sys.argv[1]]);"
        "heavy = [m for m in ('scapy', 'oss2', 'requests', 'jinja2', 'cryptography') if m in sys.modules];"
        "sys.exit(','.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "captures" / "faild.pcap")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
