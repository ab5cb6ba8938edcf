"""Finding a learner's functions in what was handed in: by `grade_id` first, then by name.

It knows: notebooks of format 3 and 4, nbgrader's `grade_id`, magics, and which statements a function needs.
It must not know: what the functions are asked. It runs inside the sandbox: the files are a stranger's.

Only what a function needs is taken: its definition, and all that defines or changes a name that it uses, in the
order of the notebook. So an experiment that fails, or that takes a minute, costs an honest learner nothing.
"""

import ast
import functools
import json
import re
import symtable
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

RUNS_AS_PYTHON = ("time", "timeit", "capture", "prun")  # cell magics whose cell is Python nevertheless
LINE_END = re.compile(r"\r\n|\r|\n")  # as Python counts lines; str.splitlines knows more
MAGIC_LINE = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\s*=\s*[%!].*|[\w.]+\?{1,2}\s*)$")


class Unreadable(ValueError):
    """What was handed in cannot be read; the text is a sentence for the learner."""


class Cell(NamedTuple):
    """A code cell: nbgrader's name for it, if it has one, its statements, and the lines that they stand in."""

    number: int
    grade_id: str
    statements: tuple[ast.stmt, ...]
    lines: list[str]


class Program(NamedTuple):
    """The statements that the asked functions need, each with the number of its cell; and remarks for the learner."""

    statements: list[tuple[int, ast.stmt]]
    remarks: list[str]


def program(files: Mapping[str, bytes], exercise: str, functions: Sequence[str]) -> Program:
    """Return what is to be executed so that the functions of an exercise can be called.

    Raises:
        Unreadable: There is no notebook for it, or none that can be read.
    """
    path, cells, remarks = _notebook_for(files, exercise, functions)
    dropped = {id(statement) for name in functions for statement in _other_definitions(cells, name)}
    every = [(cell, each) for cell in cells for each in cell.statements if id(each) not in dropped]
    return Program(_needed(every, functions), remarks)


def _notebook_for(
    files: Mapping[str, bytes], exercise: str, functions: Sequence[str]
) -> tuple[str, list[Cell], list[str]]:
    remarks: list[str] = []
    named = [path for path in sorted(files) if _stem(path).startswith(exercise)]
    readable = list(_readable(files, named, remarks))
    if not readable:  # under another name; to look into all of them for every exercise would take long
        others = sorted(set(files).difference(named))
        readable = [(path, cells) for path, cells in _readable(files, others, []) if _define(cells, functions)]
    if not readable:
        raise Unreadable(" ".join(remarks) or f"No notebook {exercise}.ipynb was handed in.")
    path, cells = min(readable, key=lambda each: _stem(each[0]) != exercise)
    if len(readable) > 1:
        remarks.append(f"There were {len(readable)} notebooks for this exercise; {path} was taken.")
    return path, cells, remarks


def _define(cells: list[Cell], functions: Sequence[str]) -> bool:
    return any(binds(each) & set(functions) for cell in cells for each in cell.statements)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".ipynb")


def _readable(files: Mapping[str, bytes], paths: Iterable[str], remarks: list[str]) -> Iterator[tuple[str, list[Cell]]]:
    for path in paths:
        try:
            yield path, list(read_cells(files[path], remarks))
        except Unreadable as problem:
            remarks.append(f"{path} {problem}")


def read_cells(content: bytes, remarks: list[str]) -> Iterator[Cell]:
    """Yield the code cells of a notebook.

    Raises:
        Unreadable: It is no notebook.
    """
    for number, cell in enumerate(_raw_cells(_json(content)), start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        about = cell.get("metadata")
        nbgrader = about.get("nbgrader") if isinstance(about, dict) else None
        grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
        source = cell.get("source", cell.get("input", ""))  # format 3 says `input`
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        try:
            yield Cell(number, str(grade_id or ""), *parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            where = f", line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else ""
            remarks.append(f"Cell {number} is no Python{where}; it was left out.")


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)  # UTF-8, with or without a mark; UTF-16; UTF-32
    except UnicodeDecodeError:
        raise Unreadable("is not written in UTF-8: open it in JupyterLab and save it again.") from None
    except RecursionError:
        raise Unreadable("is no notebook: it is nested too deep.") from None
    except ValueError as error:
        raise Unreadable(f"is no notebook: its JSON is broken ({error}). Was the download complete?") from None


def _raw_cells(notebook: Any) -> list[Any]:
    if isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        if isinstance(sheets, list):  # format 3, of 2013
            found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            return [cell for cells in found if isinstance(cells, list) for cell in cells]
        if isinstance(notebook.get("cells"), list):
            return notebook["cells"]
    raise Unreadable("is no notebook: it has no list of cells.")


def parse(source: str) -> tuple[tuple[ast.stmt, ...], list[str]]:
    """Return the statements of a cell and the lines that they stand in; magics and shell commands are skipped."""
    head = re.match(r"\s*%%(\w+).*", source)
    if head and head[1] not in RUNS_AS_PYTHON:
        return (), []
    source = source[head.end() :] if head else source
    try:
        return tuple(ast.parse(source).body), LINE_END.split(source)
    except SyntaxError:
        lines = [MAGIC_LINE.sub(r"\1pass", line) for line in source.splitlines()]
        return tuple(ast.parse("\n".join(lines)).body), lines


def _other_definitions(cells: Iterable[Cell], name: str) -> list[ast.stmt]:
    """Return the definitions of `name` that do not count, because another cell holds the one that does."""
    holding = [cell for cell in cells if any(name in binds(each) for each in cell.statements)]
    if not holding:
        return []
    chosen = max(holding, key=lambda cell: (not _is_stub(cell, name), cell.grade_id == name, cell.number))
    return [each for cell in holding if cell is not chosen for each in cell.statements if name in binds(each)]


def _is_stub(cell: Cell, name: str) -> bool:
    for each in cell.statements:
        if isinstance(each, ast.FunctionDef) and each.name == name:
            body = each.body[1:] if ast.get_docstring(each) is not None else each.body
            return len(body) == 1 and isinstance(body[0], ast.Raise) and "NotImplemented" in ast.unparse(body[0])
    return False


def _needed(every: list[tuple[Cell, ast.stmt]], functions: Sequence[str]) -> list[tuple[int, ast.stmt]]:
    """Return the statements that define or change what the functions use, and what these use, and so on."""
    bound = [binds(statement) for _, statement in every]
    wanted, taken = {*functions, "*"}, set[int]()
    grown = True
    while grown:
        grown = False
        for place, (cell, statement) in enumerate(every):
            if place not in taken and bound[place] & wanted:
                taken.add(place)
                wanted |= uses(statement, cell.lines)
                grown = True
    return [(every[place][0].number, every[place][1]) for place in sorted(taken)]


@functools.lru_cache(4096)
def binds(statement: ast.stmt) -> set[str]:
    """Return the names that a statement defines, or whose values it changes; '*' for an import of everything."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Expr):
        call = statement.value
        return (
            {_root(call.func)} - {""} if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else set()
        )
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.stmt) and node is not statement:
            found |= binds(node) if isinstance(node, INNER) else set()
    return found - {""}


INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Expr)


def uses(statement: ast.stmt, lines: Sequence[str]) -> set[str]:
    """Return the names that a statement looks up in the notebook; what is a function's own does not count."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return set()
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
    text = "\n".join(lines[first - 1 : statement.end_lineno])
    try:
        return set(_looked_up(symtable.symtable(text, "cell", "exec")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # of two statements on a line, perhaps half of one
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _looked_up(table: symtable.SymbolTable) -> Iterator[str]:
    if isinstance(table, symtable.Function):
        yield from table.get_globals()
    else:
        yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced())
    for child in table.get_children():
        yield from _looked_up(child)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
