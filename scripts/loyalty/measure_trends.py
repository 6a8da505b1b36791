"""Measure the trend alarms of a run: false ones on shuffled dates, and planted changes that are found.

python -m scripts.loyalty.measure_trends RUN --draws 100
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from earful.config import Config
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.emerging_table import emerging_table
from earful.loyalty.trends_table import trends_table
from earful.runs.run import open_run
from earful.runs.store import Store


def main() -> None:
    """Shuffle the dates of the run many times and count what is called."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--period", default="month")
    parser.add_argument("--since", default="2015-01-01", help="leave out older reviews")
    options = parser.parse_args()
    run = open_run(options.run).path
    store = Store(*(str(run / f"{table}.parquet") for table in ("reviews", "segments", "mentions")))
    rows, mentions = store.rows(), store.mentions()
    rows = rows[rows["created_at"] >= options.since].reset_index(drop=True)
    config = Config.model_validate({"loyalty": {"period": options.period, "by": ["product"]}})
    basis = basis_of(rows, config.scales)
    random = np.random.default_rng(20240229)
    overall, any_group, rises, found, near = 0, 0, 0, 0, 0
    periods = 0
    for _ in range(options.draws):
        shuffled = rows.assign(created_at=random.permutation(rows["created_at"].to_numpy()))
        marked = changes(shuffled, config, basis)
        overall += bool((marked["grouping"] == "overall").any())
        any_group += len(marked) > 0
        rises += emerging_table(shuffled, mentions, config)[0].column("rising").to_pylist().count(True)
        planted, start = plant(shuffled, basis, random)
        marked = changes(shuffled, config, planted)
        own = pd.to_datetime(marked[marked["grouping"] == "overall"]["period"])
        found += len(own) > 0
        near += bool((np.abs((own - start.tz_localize(None)).dt.days) <= 93).any())
        periods = shuffled["created_at"].dt.strftime("%Y-%m").nunique()
    n = options.draws
    print(f"{len(rows):,} rows, {periods} months, {n} draws")
    print(f"shuffled dates: a change point overall in {overall} of {n}, in any group in {any_group} of {n}")
    print(f"shuffled dates: {rises} themes called rising in {n} draws")
    print(f"a drop of 15 points planted: found in {found} of {n}, within three months in {near}")


def changes(rows: pd.DataFrame, config: Config, basis: Basis) -> pd.DataFrame:
    """Give the change points of the rows."""
    table = trends_table(rows, config, basis)[0].to_pandas()
    return table[table["change_point"].fillna(False).astype(bool)]


def plant(rows: pd.DataFrame, basis: Basis, random: np.random.Generator) -> tuple[Basis, pd.Timestamp]:
    """Lower the predictions by 15 points on average from a day in the middle half on."""
    days = rows["created_at"].sort_values().reset_index(drop=True)
    start = days[int(len(days) * random.uniform(0.25, 0.75))]
    scale, answer, prediction = basis.by_scale[0]
    late = (rows["created_at"] >= start).to_numpy()
    # Some rows fall to the lowest value, so that none leaves the scale.
    room = (prediction + 100).mean()
    falls = late & (random.random(len(rows)) < 15 / room)
    lowered = np.where(falls, -100.0, prediction)
    return replace(basis, by_scale=[(scale, answer, lowered)]), start


if __name__ == "__main__":
    main()
