"""Tests that open pages in headless Chromium; on a machine without one they are deselected, and said so."""

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _load(name, path):
    """Load a file beside the tests, which are no package."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


chrome = _load("earful_tests_chrome", HERE / "chrome.py")
runs = _load("earful_tests_runs", HERE.parent / "report" / "conftest.py")


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
