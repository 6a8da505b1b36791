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


@pytest.mark.parametrize(
    ("command", "spared"),
    [
        (
            ["score", "--model", "fast"],
            ("torch", "transformers", "spacy", "sklearn", "scipy", "duckdb", "clevercsv", "earful.text.pii"),
        ),
        (["tag"], ("torch", "transformers", "duckdb")),
    ],
)
def test_a_command_loads_no_more_than_it_needs(tmp_path, command, spared):
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text\nThe courier was rude and the parcel came late.\n", encoding="utf-8")
    words = [command[0], str(source), "-o", str(output), "-q", *command[1:]]
    code = (
        f"import sys; from earful.cli import app; app({words!r}, standalone_mode=False); "
        f"print([name for name in {spared!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout.strip()) == ("", "[]")
    assert output.read_text(encoding="utf-8").count("\n") == 2


def test_the_end_of_a_run_spares_what_is_dear_to_import():
    code = "import sys, earful.jobs.finish; print('scipy.stats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", earful.__all__)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(earful, name)
    assert name == "__version__" or value.__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="analyse"):
        earful.analyse  # noqa: B018
