#!/usr/bin/env python3
"""Compares every #include line with the module table of docs/architecture.md: a module may include itself and what its row allows.

The table is the single source: rows of the form  | `module/` | ... | `a`, `b` |  (the last column lists modules of this project).
"""

import pathlib
import re
import sys

ROW = re.compile(r"^\|\s*(`[^|]+`)\s*\|[^|]*\|([^|]*)\|\s*$")
NAME = re.compile(r"`([a-z_./]+)`")
INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"')
SUFFIXES = {".hpp", ".cpp"}


def read_table(text):
    """{module path: set of module paths it may include}"""
    table = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if not row:
            continue
        allowed = {name.strip("/") for name in NAME.findall(row.group(2))}
        for module in NAME.findall(row.group(1)):
            table[module.strip("/")] = allowed
    return table


def module_of(path, table):
    """The longest module path that holds `path`."""
    fitting = [m for m in table if path == m or path.startswith(m + "/")]
    return max(fitting, key=len, default=None)


def violations(root, table):
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.suffix not in SUFFIXES or not name.startswith(("common/", "registry/", "worker/", "proxy/")):
            continue
        module = module_of(name, table)
        if module is None:
            yield f"{name}: its module is not in the table"
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            target = module_of(include.group(1), table)
            if target is None:
                yield f"{name}:{number}: {include.group(1)} is of no module in the table"
            elif target != module and target not in table[module]:
                yield f"{name}:{number}: {module} may not include {target}"


def main():
    root = pathlib.Path(sys.argv[1])
    table = read_table((root / "docs/architecture.md").read_text())
    if len(table) < 10:
        sys.exit(f"only {len(table)} modules found in docs/architecture.md: has the table changed its form?")
    found = list(violations(root, table))
    print("\n".join(found) or f"{len(table)} modules, every include in its direction")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
