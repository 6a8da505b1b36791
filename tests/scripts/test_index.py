"""``scripts/README.md`` names every script, and every script that it gives a command for starts."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
#: What some scripts need beside the package; without it they are not started here.
APART = {"accelerate", "gguf", "onnx", "onnxscript", "sentencepiece", "vaderSentiment"}


def index():
    """Read the path and the command (or none) of each line of the index."""
    room, found = SCRIPTS, {}
    for line in (SCRIPTS / "README.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (\w+)", line):
            room = SCRIPTS / heading[1]
        elif entry := re.match(r"- `(\w+\.py)`: .*?(?:`(python [^`]+)`)?$", line):
            found[room / entry[1]] = entry[2]
    return found


def module_of(path):
    return ".".join(path.relative_to(SCRIPTS.parent).with_suffix("").parts)


INDEX = index()
STARTED = [path for path, command in INDEX.items() if command]


def test_the_index_names_every_file_and_no_other():
    rooms = {path.parent for path in INDEX}
    assert set(INDEX) == {path for room in rooms for path in room.glob("*.py") if path.name != "__init__.py"}
    assert {path for path in INDEX if 'if __name__ == "__main__":' in path.read_text("utf-8")} == set(STARTED)


@pytest.mark.filterwarnings("ignore")  # what they import may warn
@pytest.mark.parametrize("path", STARTED, ids=module_of)
def test_the_script_starts_by_the_command_of_the_index(path, monkeypatch, capsys):
    by_path, by_module = f"python scripts/{path.name}", f"python -m {module_of(path)}"
    assert INDEX[path].startswith((by_path, by_module) if path.parent == SCRIPTS else by_module)
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit) as ended:
        run(module_of(path))
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_paths_of_scripts_that_are_named_elsewhere_exist():
    root = SCRIPTS.parent
    pages = [
        root / "README.md",
        *root.glob("docs/*.md"),
        *root.glob("models/*/README.md"),
        *root.glob("src/**/*.py"),
    ]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        modules = {name.replace(".", "/") + ".py" for name in re.findall(r"-m\s+(scripts(?:\.\w+)+)", text)}
        for name in modules | set(re.findall(r"\bscripts/[\w/]+\.\w+", text)):
            assert (root / name).is_file(), f"{page} names {name}"


def run(module):
    try:
        runpy.run_module(module, run_name="__main__")
    except ModuleNotFoundError as error:
        if error.name not in APART:
            raise
        pytest.skip(f"needs {error.name}")
