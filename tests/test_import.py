"""Importing Earful is light, and its public names are what they are said to be."""

import subprocess
import sys

import pytest

import earful

HEAVY = ("torch", "transformers", "spacy", "pandas", "duckdb", "sklearn", "scipy")


def test_importing_loads_nothing_heavy():
    code = f"import sys, earful, earful.cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


@pytest.mark.parametrize("name", earful.__all__)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(earful, name)
    assert name == "__version__" or value.__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="analyse"):
        earful.analyse  # noqa: B018
