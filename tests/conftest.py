"""What tests share: the bundled sample, and one finished run of it."""

import pandas as pd
import pytest

import earful
from earful.data import demo_inputs

#: Runs written by hand, for the rooms that make pages; readers of random weights; a store like S3.
pytest_plugins = ["tests.written_runs", "tests.tiny_readers", "tests.object_store"]


@pytest.fixture(scope="session", autouse=True)
def _quick_model():
    """Read with ``fast`` wherever a test names no model: those about models name theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARFUL_SENTIMENT_MODEL", "fast")
        yield


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory):
    return earful.analyze(demo_inputs(), tmp_path_factory.mktemp("runs") / "demo", model="auto")


@pytest.fixture
def reviews():
    """Forty rows in four languages, with stars, NPS and dates."""
    texts = [
        "Great headphones, but the battery dies after an hour.",
        "Ужасное обслуживание, ждал ответа неделю.",
        "Страхотен продукт, доставката беше бърза!",
        "Ļoti slikta kvalitāte, nauda atpakaļ netika atdota.",
        "Arrived late and the box was crushed.",
        "Отличный магазин, всё понравилось",
        "Не работи след два дни.",
        "Lieliska apkalpošana un ātra piegāde!",
        "It is okay.",
        "",
    ]
    n = 40
    return pd.DataFrame(
        {
            "review": [texts[i % 10] for i in range(n)],
            "stars": [[3, 1, 5, 1, 2, 5, 1, 5, 3, 4][i % 10] for i in range(n)],
            "nps": [
                [7, 0, 10, 2, 3, 9, 1, 10, 7, 8][(i + i // 10) % 10] if i % 3 else None for i in range(n)
            ],
            "product": [("kettle", "lamp", "desk")[i % 3] for i in range(n)],
            "date": [f"2026-{1 + i % 6:02d}-{1 + i % 27:02d}" for i in range(n)],
        }
    )
