"""Who may import whom: the walls of the house, read from the source with `ast`.

`MAY_IMPORT` and `ONLY_IN` are the house rules. A change here changes the design, not only a test.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dnsseclab"

# For a module the entry with the longest fitting name counts; a room may import from itself, and whole rooms stand
# for all that is in them.
MAY_IMPORT = {
    "": set(),  # dnsseclab/__init__.py
    "bootstrap": {"pip_output"},
    "pip_output": set(),
    "programs": set(),
    "doctor": {"", "bootstrap", "programs", "views.dot_backend"},
    "__main__": {"bootstrap", "doctor", "pip_output", "protocol.names", "internet.faults"},
    "protocol": {"protocol"},
    "authority": {"authority", "protocol"},
    "validator": {"validator", "protocol"},
    "resolver": {"resolver", "protocol", "validator"},
    "attacker": set(),
    "attacker.off_path": {"protocol"},
    "attacker.odds": {"protocol"},
    "attacker.on_path": {"protocol", "authority"},
    "attacker.crafting": {"protocol", "authority"},
    "attacker.exhaustion": {"protocol", "authority"},
    "attacker.walking": {"protocol", "authority"},
    "internet.daemons": {"internet", "protocol", "programs"},
    "internet": {"internet", "protocol", "authority", "resolver", "validator", "attacker"},
    "views": {"views", "protocol", "attacker.odds"},
    "views.apps": {"views", "protocol", "authority", "resolver", "validator", "attacker", "internet"},
    "views.apps.agreement": {"views", "protocol", "internet", "programs"},
    "grading": {"grading", "protocol", "internet", "validator.mistakes"},
    "grading.report": {"grading", "protocol", "internet", "validator.mistakes", "views"},
}
MUST_NOT_IMPORT = {"views": {"views.apps"}, "grading": {"views"}}  # within what the table above would allow

# Modules of others, and the only places of ours that may import them.
SOCKETS = {"internet.guard", "internet.daemons"}  # the guard keeps what it makes on this computer
ONLY_IN = {
    "socket": SOCKETS | {"grading.starting", "grading.joining"},  # pass descriptors from process to process
    "socketserver": SOCKETS | {"__main__"},  # asks whether a port of this computer is free
    "ssl": SOCKETS,
    "http": SOCKETS,
    "urllib.request": SOCKETS,
    "dns.query": SOCKETS,
    "dns.resolver": SOCKETS,
    "dns.asyncquery": SOCKETS,
    "dns.asyncresolver": SOCKETS,
    "subprocess": {"internet.daemons", "grading", "bootstrap"},
    "graphviz": {"views.chain_graph"},
    "ipywidgets": {"views.apps"},
    "IPython": {"views.apps"},
    "anywidget": {"views.apps"},
    "matplotlib": {"views"},
}

CORE = ("protocol", "authority", "resolver", "validator", "attacker")
CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "datetime.now",
    "date.today",
}
DICE = {"os.urandom", "uuid.uuid4", "random.SystemRandom"}


def modules() -> list[str]:
    """Return our modules without the leading 'dnsseclab.'; a package goes by its own name."""
    files = (path.relative_to(PACKAGE).with_suffix("").parts for path in sorted(PACKAGE.rglob("*.py")))
    return [".".join(part for part in parts if part != "__init__") for parts in files]


@cache
def tree(module: str) -> ast.Module:
    path = PACKAGE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(module: str) -> Iterator[str]:
    """Yield the full name of everything that `module` imports, anywhere in it."""
    here = ["dnsseclab", *(part for part in module.split(".") if part)]
    if not PACKAGE.joinpath(*here[1:]).is_dir():
        here.pop()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                yield inner if is_module_of_ours(inner) else origin


def is_module_of_ours(name: str) -> bool:
    return name.removeprefix("dnsseclab.") in modules()


def is_in(module: str, room: str) -> bool:
    return module == room or bool(room) and module.startswith(room + ".")


def rule_for(module: str) -> set[str]:
    return MAY_IMPORT[max((room for room in MAY_IMPORT if is_in(module, room)), key=len)]


@pytest.mark.parametrize("module", modules())
def test_module_imports_only_from_the_rooms_that_it_may(module: str) -> None:
    ours = {name.removeprefix("dnsseclab").lstrip(".") for name in imports(module) if name.split(".")[0] == "dnsseclab"}
    forbidden = {name for name in ours if not any(is_in(name, room) for room in rule_for(module))}
    for room, rooms in MUST_NOT_IMPORT.items():
        if is_in(module, room) and rule_for(module) is MAY_IMPORT[room]:
            forbidden |= {name for name in ours if any(is_in(name, other) for other in rooms) and name != module}
    assert not forbidden


@pytest.mark.parametrize("module", modules())
def test_module_imports_what_touches_the_world_only_where_that_is_allowed(module: str) -> None:
    found = {name for name in imports(module) for other in ONLY_IN if is_in(name, other)}
    allowed = {
        name for name in found for other, rooms in ONLY_IN.items() if is_in(name, other) and _in_any(module, rooms)
    }
    assert found == allowed


def _in_any(module: str, rooms: set[str]) -> bool:
    return any(is_in(module, room) for room in rooms)


@pytest.mark.parametrize("module", [module for module in modules() if module.startswith(CORE)])
def test_core_has_no_clock_no_dice_and_no_voice(module: str) -> None:
    """Otherwise a lesson would not come out the same twice."""
    used = {ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute | ast.Name)}
    global_dice = {name for name in used if name.startswith("random.") and name not in ("random.Random",)}
    assert not used & (CLOCKS | DICE | {"print"})
    assert not {name for name in global_dice if name.count(".") == 1 and name.split(".")[1].islower()}
    assert not {name.split(".")[0] for name in imports(module)} & {"logging", "secrets", "uuid", "datetime"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, dnsseclab; print(*sorted({'dns', 'ipywidgets', 'graphviz', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_table_is_not_out_of_date() -> None:
    """A room that was renamed must not leave a rule behind that nobody is judged by."""
    later = {"attacker.exhaustion", "attacker.walking"}
    assert {room for room in MAY_IMPORT if room not in modules()} <= later
