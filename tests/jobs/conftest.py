"""What tests of jobs that are cut short or added to share."""

import pytest

from earful.config import Config

THEMES = """
[[theme]]
id = "product.battery"
labels = { en = "Battery" }
phrases = { en = ["battery", "charge"] }
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    themes = tmp_path_factory.mktemp("themes") / "small.toml"
    themes.write_text(THEMES)
    return Config.model_validate(
        {
            "sentiment": {"model": "fast"},
            "themes": {"taxonomy": str(themes), "embeddings": False},
            "loyalty": {"by": ["product"]},
        }
    )
