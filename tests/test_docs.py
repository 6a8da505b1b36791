"""What the docs say is so."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from earful.cli.app import app

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "module",
    [
        "earful.comparison.comparison",
        "earful.jobs.analyze",
        "earful.jobs.preview",
        "earful.jobs.score",
        "earful.jobs.tag",
    ],
)
def test_the_examples_give_what_they_show(module):
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_generated_pages_are_up_to_date():
    script = [sys.executable, str(ROOT / "scripts" / "write_docs.py"), "--check"]
    assert subprocess.run(script, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize("command", sorted(get_command(app).commands))
def test_every_command_is_in_the_changelog(command):
    assert f"`earful {command}`" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_pictures_and_pages_that_are_linked_exist():
    import re

    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
