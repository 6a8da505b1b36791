"""Corrections put over what the models said of a run: the same tables whenever and however often it is done.

What the models had said of each review that was ever corrected is kept in the folder ``uncorrected``; from
there and from ``corrections.csv`` the tables follow, so that doing it again, after an interruption too,
changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from earful.engines.worker import process
from earful.jobs.corrections import SCORED, Correction, effective, read_corrections
from earful.jobs.judgement import Ends, Judged, judge
from earful.loyalty.likelihood import Likelihood
from earful.pipeline import Batch, with_columns
from earful.readers.rejects import count
from earful.readers.scales import usual_scale
from earful.runs.amend import replace_rows, rows_of
from earful.runs.files import whole
from earful.runs.run import CORRECTIONS, UNCORRECTED
from earful.schema import INPUT, TABLES, conform

if TYPE_CHECKING:
    from earful.jobs.assembly import Assembly

__all__ = ["Overlay", "overlay", "prepare", "uncorrected"]

_TABLES = tuple(name for name, table in TABLES.items() if table.parts)
#: What a review keeps where it is read anew in another language: marks that only the whole run could know.
_MARKS = ("duplicate_of", "near_duplicate_of", "burst", "mismatch", "mismatch_q", "pii")

Tables = dict[str, pa.Table]


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """The corrections of a run, ready to be put into its tables.

    Attributes
    ----------
    run
        The run folder.
    told
        The corrections as given, in their order.
    base
        What the models said of the reviews that are, or once were, corrected.
    done
        The same with the corrections put in.
    places
        Of each correction the rows that it is about.
    """

    run: Path
    told: Sequence[Correction]
    base: Tables
    done: Judged
    places: dict[Correction, list[int]]

    def write(self) -> None:
        """Put the corrections into the tables; what the models said is kept first."""
        kept = self.run / UNCORRECTED
        kept.mkdir(exist_ok=True)
        # The reviews last: they say of which rows all is kept.
        for name in reversed(self.base):
            with whole(kept / f"{name}.parquet") as path:
                pq.write_table(self.base[name], path, compression="zstd")
        rows = self.base["reviews"].column("row").to_pylist()
        for name, table in self.done.tables.items():
            replace_rows(self.run / f"{name}.parquet", rows, table)
        schema = TABLES["corrections"].schema
        lines = list(self._log())
        log = pa.Table.from_pylist(lines, schema=schema) if lines else schema.empty_table()
        with whole(self.run / "corrections.parquet") as path:
            pq.write_table(log, path, compression="zstd")

    def _log(self) -> Iterable[dict[str, Any]]:
        """Give a line for each correction and row it is about, with what it took the place of."""
        names = ("review_id", "segment", "field", "value", "who", "when")
        for one in self.told:
            note = self.done.unfit.get(one)
            if note is None and one not in self.done.applied:
                note = "takes back" if one.field == "undo" else "said anew or taken back later"
            said = {name: getattr(one, name) for name in names} | {"applied": note is None, "note": note}
            rows: list[int | None] = [*self.places.get(one, [])]
            for row in rows or [None]:
                before = None if row is None else self.done.before.get((row, one))
                yield {**said, "row": row, "before": before}

    def to_dict(self) -> dict[str, Any]:
        """Give what came of it, for the manifest."""
        return {
            "given": len(self.told),
            "applied": len(self.done.applied),
            "reviews": len(self.done.touched),
            "unfit": len(self.done.unfit),
        }

    def warnings(self) -> list[str]:
        """Say in plain sentences what to beware of."""
        told = []
        if n := len(self.done.touched):
            reviews = count(n, "review was", "reviews were")
            told.append(f"{reviews} corrected by people; the column corrected says in what")
        if self.done.unfit:
            one, why = next(iter(self.done.unfit.items()))
            unfit = count(len(self.done.unfit), "correction does", "corrections do")
            told.append(
                f"{unfit} not fit this run and changed nothing (see the table corrections), such as "
                f"{one.field} of {one.review_id!r}: {why}"
            )
        return told


def overlay(run: Path, assembly: Assembly) -> Overlay | None:
    """Put the corrections of a run folder into its tables; ``None`` where there never were any.

    Raises
    ------
    InputError
        The file of corrections cannot be read.
    """
    file = run / CORRECTIONS
    if not file.exists() and not (run / UNCORRECTED).exists():
        return None
    found = prepare(run, read_corrections(file) if file.exists() else [], assembly)
    found.write()
    return found


def prepare(run: Path, told: Sequence[Correction], assembly: Assembly) -> Overlay:
    """Work out what corrections make of a run; nothing is written.

    Parameters
    ----------
    run
        The run folder, with all tables that are written by parts.
    told
        All corrections of the run, in their order.
    assembly
        What the run is made with.
    """
    ids = {one.review_id for one in told}
    reviews = pq.ParquetFile(run / "reviews.parquet").read(["row", "source", "review_id"])
    found = reviews.filter(pc.is_in(reviews.column("review_id"), pa.array(sorted(ids), pa.string())))
    by_id: dict[str, list[tuple[int, str]]] = {}
    for row in found.to_pylist():
        by_id.setdefault(row["review_id"], []).append((row["row"], row["source"]))
    kept = _rows_kept(run)
    base = _base(run, kept | set(found.column("row").to_pylist()), kept)
    places = {
        one: [row for row, source in by_id.get(one.review_id, []) if one.source in {"", source}]
        for one in told
    }
    texts = {row["row"]: row for row in base["reviews"].select(["row", "source", "text"]).to_pylist()}
    by_row: dict[int, list[Correction]] = {}
    unfit: dict[Correction, str] = {}
    for one in effective(told):
        own = [texts[row] for row in places[one]]
        if problem := _unplaced(one, own):
            unfit[one] = problem
            continue
        for row in own:
            by_row.setdefault(row["row"], []).append(one)
    langs = dict(zip(*(base["reviews"].column(name).to_pylist() for name in ("row", "lang")), strict=True))
    done = judge(
        _read_anew(base, by_row, langs, assembly),
        by_row,
        themes=assembly.taxonomy.by_id,
        usual=_usual(run, told, assembly),
        langs=langs,
    )
    done.unfit = unfit | done.unfit
    done.tables = _with_classes(done, assembly)
    return Overlay(run, told, base, done, places)


def uncorrected(run: Path, name: str, table: pa.Table) -> pa.Table:
    """Give a table of a run as the models had it."""
    file = run / UNCORRECTED / f"{name}.parquet"
    if not file.exists():
        return table
    others = _without(table, _rows_kept(run))
    return pa.concat_tables([others, conform(pq.read_table(file), others.schema)]).sort_by("row")


def _rows_kept(run: Path) -> set[int]:
    """Give the rows of which the folder has kept what the models said."""
    file = run / UNCORRECTED / "reviews.parquet"
    return set(pq.read_table(file, columns=["row"])["row"].to_pylist()) if file.exists() else set()


def _base(run: Path, rows: Collection[int], kept: Collection[int]) -> Tables:
    """Give what the models said of some reviews, table by table."""
    base = {}
    for name in _TABLES:
        file, old = run / f"{name}.parquet", run / UNCORRECTED / f"{name}.parquet"
        if file.is_file():
            new = rows_of(file, set(rows) - set(kept))
            known = [_only(conform(pq.read_table(old), new.schema), kept)] if old.exists() else []
            base[name] = pa.concat_tables([new, *known]).sort_by("row")
    return base


def _unplaced(one: Correction, own: Sequence[dict[str, Any]]) -> str:
    """Say why nobody can tell which review a correction is about; empty where it is plain."""
    of = f" of {one.source!r}" if one.source else ""
    if not own:
        return f"there is no review {one.review_id!r}{of} in the run"
    # Copies are one review: what is right of one is right of all.
    if len({row["text"] for row in own}) > 1:
        sources = dict.fromkeys(row["source"] for row in own)
        how = "say which input with source" if len(sources) > 1 else "reviews need ids of their own"
        return f"{len(own)} different reviews{of} have the id {one.review_id!r} ({', '.join(sources)}): {how}"
    return ""


def _read_anew(
    base: Tables, by_row: dict[int, list[Correction]], known: dict[int, str | None], assembly: Assembly
) -> Tables:
    """Read the reviews whose language was corrected in that language."""
    told = {row: one.value for row, own in by_row.items() for one in own if one.field == "lang"}
    langs = {row: lang for row, lang in told.items() if lang != known[row]}
    if not langs:
        return base
    own = _only(base["reviews"], langs)
    given = {
        "lang": pa.array([langs[row] for row in own.column("row").to_pylist()], pa.string()),
        "lang_confidence": pa.array([1.0] * own.num_rows, pa.float64()),
    }
    stages = assembly.stages(given=[f"reviews.{name}" for name in given])
    done = process(with_columns(conform(own, INPUT), given), stages)
    anew = {}
    for name, table in base.items():
        made = getattr(done, name)
        read = table.schema.empty_table() if made is None else conform(made, table.schema)
        if name == "reviews":
            # What the stages do not make stays: marks, and columns of the input that the run is cut by.
            kept = {*_MARKS, *(set(table.column_names) - set(made.column_names))}
            read = conform(with_columns(read, {mark: own.column(mark) for mark in kept}), table.schema)
        anew[name] = pa.concat_tables([_without(table, langs), read]).sort_by("row")
    return anew


def _with_classes(done: Judged, assembly: Assembly) -> Tables:
    """Tell the loyalty classes of corrected reviews anew: words and scores may be others now."""
    reviews = done.tables["reviews"]
    if not done.touched:
        return done.tables
    stage = Likelihood(assembly.row_model, assembly.config.scales)
    told = stage(Batch(reviews, segments=done.tables["segments"])).reviews
    mine = pc.is_in(reviews.column("row"), pa.array(sorted(done.touched), pa.int64()))
    names = [need.partition(".")[2] for need in stage.adds]
    columns = {name: pc.if_else(mine, told.column(name), reviews.column(name)) for name in names}
    return {**done.tables, "reviews": conform(with_columns(reviews, columns), reviews.schema)}


def _usual(run: Path, told: Sequence[Correction], assembly: Assembly) -> dict[str, Ends]:
    """Give the scale of each score that is corrected: as set, or as most rows have it, or as is usual."""
    usual = {}
    for name in SCORED:
        if not any(one.field == name for one in told):
            continue
        ends = [f"{name}_min", f"{name}_max"]
        seen = (
            pq.ParquetFile(run / "reviews.parquet")
            .read(ends)
            .drop_null()
            .group_by(ends)
            .aggregate([([], "count_all")])
        )
        most = seen.sort_by([("count_all", "descending"), *((end, "ascending") for end in ends)]).slice(0, 1)
        usual[name] = usual_scale(name, assembly.config.scales)
        for row in most.to_pylist():
            usual[name] = row[ends[0]], row[ends[1]]
    return usual


def _only(table: pa.Table, rows: Collection[int]) -> pa.Table:
    return table.filter(pc.is_in(table.column("row"), pa.array(sorted(rows), pa.int64())))


def _without(table: pa.Table, rows: Collection[int]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table.column("row"), pa.array(sorted(rows), pa.int64()))))
