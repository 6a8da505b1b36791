"""Tests that open pages in headless Chromium; on a machine without one they are deselected, and said so."""

import importlib.util
from pathlib import Path

import chrome
import pytest

_SPEC = importlib.util.spec_from_file_location(
    "report_runs", Path(__file__).parents[1] / "report" / "conftest.py"
)
runs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(runs)


def pytest_collection_modifyitems(config, items):
    if chrome.find():
        return
    without = [item for item in items if item.get_closest_marker("browser")]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


builder = runs.builder
full = runs.full


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with chrome.Chrome(chrome.find(), tmp_path_factory.mktemp("profile")) as open_browser:
        yield open_browser
