"""The table of languages."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from earful.schema import LANGUAGES
from earful.tables import to_table


def languages_table(rows: pd.DataFrame) -> pa.Table:
    """Count the reviews of each language."""
    return to_table(rows.groupby("lang").size().rename("n").reset_index(), LANGUAGES)
