"""The end of a run: what only all rows together can tell, the final tables, the manifest and the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earful.jobs.hygiene import copies
from earful.jobs.manifest import build_manifest, recount
from earful.jobs.marks import Marks
from earful.jobs.output import clear, drop_comparisons
from earful.jobs.overlay import Overlay, overlay
from earful.loyalty.anchor import anchored, covered
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.behaviour_table import behaviour_table
from earful.loyalty.complaints_table import complaints_table
from earful.loyalty.doubtful import future_dates, two_scales
from earful.loyalty.drivers_table import drivers_table
from earful.loyalty.emerging_table import emerging_table
from earful.loyalty.loyalty_table import loyalty_table, loyalty_warnings
from earful.loyalty.repairs_table import repairs_table
from earful.loyalty.trends_table import trends_table
from earful.loyalty.weighting import weigh
from earful.models.memory import give_back
from earful.report import write_report
from earful.runs.amend import change_rows
from earful.runs.files import write_table
from earful.runs.parts import Parts
from earful.runs.run import write_manifest
from earful.runs.store import Store
from earful.schema import TABLES
from earful.themes.coverage import coverage_table
from earful.themes.packs import SAMPLE, suggest_packs
from earful.themes.themes_table import themes_table

if TYPE_CHECKING:
    from earful.config import Config
    from earful.jobs.append import Addition
    from earful.jobs.assembly import Assembly
    from earful.jobs.watcher import Watcher
    from earful.readers import Feed
    from earful.themes.taxonomy import Taxonomy

__all__ = ["finish", "remade", "write_aggregates"]

#: What the database may hold before it spills to disk.
_DATABASE = "384MB"
#: Rows that are predicted at once.
_STRETCH = 65_536


def finish(
    parts: Parts,
    feed: Feed,
    assembly: Assembly,
    watcher: Watcher,
    *,
    started: datetime,
    began: float,
    command: str | None,
    plan: str,
    addition: Addition | None = None,
) -> None:
    """Write everything that comes after the parts, drop the parts, and write the report.

    Parameters
    ----------
    parts, feed, assembly, watcher
        What the job is made of.
    started, began
        When it was begun, on the calendar and by a clock that nobody sets.
    command, plan
        The command line, and the name of what the run is made of, for the manifest.
    addition
        What was added to, where that was so.
    """
    config = assembly.config
    clear(parts.run)
    # The models have done their work; what follows needs the room.
    assembly.release()
    patterns = (parts.pattern(table) for table in ("reviews", "segments", "mentions"))
    with Store(*patterns, memory=_DATABASE) as store:
        watcher.doing("Estimating the loyalty index")
        marks, analyses, warnings = _told_by_all(parts.run, store, assembly, pd.Timestamp(started))

        watcher.doing("Putting the tables together")
        for name, table in TABLES.items():
            if table.parts and (name != "embeddings" or config.themes.embeddings):
                parts.merge(name, marks.fill if name == "reviews" else None)
        parts.merge_rejects()
        manifest = build_manifest(
            feed,
            parts.receipts(),
            assembly,
            store,
            marked=marks.counts(),
            warnings=warnings,
            analyses=analyses,
            started=started,
            began=began,
            command=command,
            plan=plan,
            addition=addition,
        )
    if corrected := overlay(parts.run, assembly):
        manifest = remade(parts.run, manifest, assembly, corrected)
    # A run counts as finished from when its manifest is there, so it must never be there by half.
    write_manifest(parts.run, manifest)
    # From here on the run is finished; a report that fails can be rebuilt from the tables.
    parts.drop()
    watcher.doing("Writing the report")
    write_report(parts.run)


def remade(
    run: Path,
    before: Mapping[str, Any],
    assembly: Assembly,
    corrected: Overlay | None,
) -> dict[str, Any]:
    """Tell anew what all rows together tell, after some of a run's rows were changed, and count it again.

    Parameters
    ----------
    run
        The folder; its report is left to the caller.
    before
        The manifest of the run.
    assembly
        What the run is made with.
    corrected
        The corrections that were put in.

    Returns
    -------
    dict
        The manifest as it is now.
    """
    with Store.of(run) as store:
        began = pd.Timestamp(before["created_at"])
        marks, analyses, warnings = _told_by_all(run, store, assembly, began)
        warnings += corrected.warnings() if corrected else []
        manifest = recount(before, store, marks.counts(), warnings)
    drop_comparisons(run)
    change_rows(run / "reviews.parquet", marks.fill)
    said = {"corrections": corrected.to_dict()} if corrected else {}
    return {**manifest, "analyses": analyses, **said}


def _told_by_all(
    run: Path, store: Store, assembly: Assembly, started: pd.Timestamp
) -> tuple[Marks, dict[str, Any], list[str]]:
    """Ask all rows together: write the aggregates; give the marks of the rows, and what to tell of both.

    The rows come as numbers and categories, and are let go of before the tables are put together.
    """
    # What holds texts comes first, while no other table is in memory.
    marks = Marks.of(store)
    _rest(store)
    rows, mentions = store.rows(assembly.config.loyalty.cuts), store.mentions()
    _rest(store)
    marks.compare(rows)
    analyses, warnings = write_aggregates(run, store, assembly, rows, mentions, marks)
    warnings += _beware(store, assembly.config, rows, started)
    del rows, mentions
    _rest(store)
    return marks, analyses, warnings


def _rest(store: Store) -> None:
    """Let go of what the database keeps of its last questions: it would stand beside the rows."""
    store.close()
    give_back()


def write_aggregates(
    run: Path,
    store: Store,
    assembly: Assembly,
    rows: pd.DataFrame,
    mentions: pd.DataFrame,
    marks: Marks,
) -> tuple[dict[str, Any], list[str]]:
    """Write every table that is counted from the rows and the mentions into a run folder.

    Parameters
    ----------
    run
        The folder.
    store
        Where the rows came from.
    assembly
        What the run is made with.
    rows, mentions
        What the store gives, ``rows`` with ``mismatch``.
    marks
        Which rows repeat others.

    Returns
    -------
    tuple
        How the analyses went, for the manifest, and what to beware of.
    """
    config = assembly.config
    touched = _touchpoints(mentions, assembly.taxonomy)
    margins = assembly.margins
    weighting = weigh(rows, margins.shares, margins.name) if margins else weigh(rows, None)
    settings = config.loyalty
    rows = _with_predictions(rows, store, assembly, marks)
    basis = basis_of(rows, config.scales, weighting, settings.anchor, settings.about)
    loyalty = loyalty_table(rows, config, row_touchpoints=touched, basis=basis)
    write_table(loyalty, run / "loyalty.parquet")
    write_table(drivers_table(rows, mentions, config, basis), run / "drivers.parquet")
    write_table(repairs_table(rows, mentions, config, basis), run / "repairs.parquet")
    trends, no_trends = trends_table(rows, config, basis, touched)
    write_table(trends, run / "trends.parquet")
    rising, no_rising = emerging_table(rows, mentions, config)
    write_table(rising, run / "emerging.parquet")
    told = _write_signals(run, store, assembly, len(rows), touched)
    analyses = {
        "weighting": _weighting(rows, config, basis),
        "trends": {"period": config.loyalty.period, "note": no_trends},
        "emerging": {"period": config.loyalty.period, "note": no_rising},
    }
    write_table(themes_table(mentions, rows, config.loyalty, assembly.taxonomy), run / "themes.parquet")
    # Where no themes were looked for, nothing can be said of how many complaints carry one.
    complaining = store.complaining(settings.cuts)
    complaining = complaining if config.themes.find else complaining.head(0)
    covered = coverage_table(complaining, mentions, settings.level, settings.cuts)
    write_table(covered, run / "coverage.parquet")
    return analyses, loyalty_warnings(rows, config) + (weighting.warnings if weighting else []) + told


def _with_predictions(rows: pd.DataFrame, store: Store, assembly: Assembly, marks: Marks) -> pd.DataFrame:
    """Add of how many copies each row is one, and what the row model says of it.

    The latter without its answer to the anchor, and by its words alone.
    """
    rows["copies"] = copies(rows, marks.duplicates, marks.near)
    scales = assembly.config.scales
    anchor = anchored(rows, scales, assembly.config.loyalty.anchor).name
    last = -1 if rows.empty else int(rows["row"].max())
    found = []
    # In stretches: the features of a row take more room than the row.
    for first in range(0, last + 1, _STRETCH):
        within = f"row >= {first} AND row < {first + _STRETCH}"
        reviews = store.table(
            f"""
            SELECT row, p_negative, p_neutral, p_positive, rating, rating_min, rating_max,
                csat, csat_min, csat_max, ces, ces_min, ces_max, recommended
            FROM reviews WHERE {within} ORDER BY row
            """
        )
        segments = store.table(
            f"SELECT row, p_negative, p_positive FROM segments WHERE {within} ORDER BY row, segment"
        )
        found.append(covered(reviews, segments, scales, assembly.row_model, anchor))
    known = pd.concat(found).reindex(rows["row"]) if found else pd.DataFrame()
    for name in ("nps_blind", "nps_words"):
        rows[name] = known[name].to_numpy() if found else np.nan
    return rows


def _write_signals(
    run: Path, store: Store, assembly: Assembly, n_rows: int, row_touchpoints: pd.DataFrame
) -> list[str]:
    """Write the tables of complaints and behaviour where the input tells of such; give what to beware of."""
    config = assembly.config
    cuts = config.loyalty.cuts
    complaints = store.complaints(cuts)
    if len(complaints):
        loop = complaints_table(complaints, config, store.last_moment(), row_touchpoints)
        write_table(loop, run / "complaints.parquet")
    orders = assembly.orders
    customers = store.customers(every=orders is not None, cuts=cuts)
    done = behaviour_table(customers, orders, config, n_rows)
    if done.num_rows:
        write_table(done, run / "behaviour.parquet")
    asked = config.behaviour.asked
    if asked is not None and asked < n_rows:
        return [f"behaviour.asked is {asked:,} and {n_rows:,} rows came in: no response rate is given"]
    return []


def _beware(store: Store, config: Config, rows: pd.DataFrame, started: pd.Timestamp) -> list[str]:
    """Say what else of the rows to beware of."""
    return [*_packs_that_fit(store, config), *future_dates(rows, started), *two_scales(rows)]


def _packs_that_fit(store: Store, config: Config) -> list[str]:
    """Name the industry packs that the texts ask for; nothing is switched by itself."""
    used = config.themes.taxonomy
    if not config.themes.find:
        return []
    return [
        f"{100 * one.share:.0f} % of the texts speak of themes of the pack {one.pack}; "
        f"--themes {used}+{one.pack} finds them"
        for one in suggest_packs(store.some_texts(SAMPLE), used)
    ]


def _weighting(rows: pd.DataFrame, config: Config, basis: Basis) -> dict[str, Any] | None:
    """Say how the rows were weighted, and what the index would be if they were not."""
    if basis.weighting is None:
        return None
    plain = loyalty_table(
        rows,
        config.model_copy(update={"loyalty": config.loyalty.model_copy(update={"by": ()})}),
        basis=replace(basis, weighting=None),
    )
    return {**basis.weighting.summary, "index_unweighted": plain.column("index")[0].as_py()}


def _touchpoints(mentions: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Give the touchpoints that each review's words talk about: one row per review and touchpoint."""
    touchpoint = mentions["theme"].map({theme.id: theme.touchpoint for theme in taxonomy.themes})
    return pd.DataFrame({"row": mentions["row"], "touchpoint": touchpoint}).drop_duplicates(ignore_index=True)
