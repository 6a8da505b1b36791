"""The unfinished run: a plan, parts with receipts, and their merging into the final tables.

A part is one batch's output. It is written into ``parts/NNNNNNNN.tmp`` and renamed, so that it is there
whole or not at all; a part that is there is skipped when the run is resumed.
"""

from __future__ import annotations

import glob
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.errors import RunError
from earful.pipeline import Batch
from earful.runs.files import copy_as_csv, whole, write_json
from earful.schema import TABLES, conform, with_fields

__all__ = ["ROW_GROUP", "Parts", "Receipt", "regroup"]

#: Rows in a row group of a final table: fixed, so that the files do not depend on the batch size.
ROW_GROUP = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a part holds: how many input rows it covers and what became of them."""

    part: int
    rows: int
    accepted: int
    rejected: int


class Parts:
    """The parts folder of a run.

    Parameters
    ----------
    run
        The run folder; made where it does not exist.
    fields
        Of each table the columns that stages write beside the documented ones, or whose type they decide.
    """

    def __init__(self, run: Path, fields: Mapping[str, Sequence[pa.Field]] | None = None) -> None:
        self.run = run
        self.folder = run / "parts"
        self._schemas = {
            name: with_fields(table.schema, (fields or {}).get(name, ()))
            for name, table in TABLES.items()
            if table.parts
        }

    @property
    def unfinished(self) -> bool:
        """Whether there is a plan that was not carried out to the end."""
        return (self.folder / "plan.json").exists()

    def start(self, plan: dict[str, Any]) -> None:
        """Begin anew: drop the parts there are and lay down the plan."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        write_json(self.folder / "plan.json", plan)

    def resume(self, plan: dict[str, Any]) -> None:
        """Go on with the parts there are.

        Raises
        ------
        RunError
            The plan they were made with differs from this one.
        """
        old = json.loads((self.folder / "plan.json").read_text(encoding="utf-8"))
        changed = sorted(key for key in old.keys() | plan.keys() if old.get(key) != plan.get(key))
        if changed:
            raise RunError(
                f"cannot be resumed: {', '.join(changed)} changed since it was begun",
                where=str(self.run),
                fix="repeat the command as it was, or leave out --resume to begin anew",
            )
        for stray in self.folder.glob("*.tmp"):
            shutil.rmtree(stray)

    def receipt(self, part: int) -> Receipt | None:
        """Give a part's receipt, or ``None`` where the part is not there."""
        path = self._path(part) / "receipt.json"
        if not path.exists():
            return None
        return Receipt(**json.loads(path.read_text(encoding="utf-8")))

    def receipts(self) -> list[Receipt]:
        """Give the receipts of all parts, in input order."""
        found = [self.receipt(int(path.name)) for path in self._paths()]
        return [receipt for receipt in found if receipt is not None]

    def write(self, part: int, batch: Batch, rejects: list[str]) -> Receipt:
        """Write a part; ``rejects`` are JSON lines."""
        temporary = self.folder / f"{part:08d}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name, schema in self._schemas.items():
            table = getattr(batch, name)
            made = schema.empty_table() if table is None else conform(table, schema)
            pq.write_table(made, temporary / f"{name}.parquet")
        (temporary / "rejects.jsonl").write_text("".join(f"{line}\n" for line in rejects), encoding="utf-8")
        receipt = Receipt(part, len(batch) + len(rejects), len(batch), len(rejects))
        write_json(temporary / "receipt.json", asdict(receipt))
        shutil.rmtree(self._path(part), ignore_errors=True)
        temporary.rename(self._path(part))
        return receipt

    def pattern(self, table: str) -> str:
        """Give the pattern that names a table's parts, for SQL."""
        return f"{glob.escape(str(self.folder))}/[0-9]*[0-9]/{table}.parquet"

    def merge(self, table: str, change: Callable[[pa.Table], pa.Table] | None = None) -> None:
        """Write a final table from its parts, in input order, whatever the parts' sizes were.

        Parameters
        ----------
        table
            A table that is written by parts, such as ``reviews``.
        change
            Fills columns that only the whole run can know; called with each part.
        """
        schema = self._schemas[table]
        target = self.run / f"{table}.parquet"
        with whole(target) as path, pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for group in regroup(self._tables(table, change)):
                writer.write_table(group, row_group_size=ROW_GROUP)
        if TABLES[table].csv:
            copy_as_csv(target)

    def merge_rejects(self) -> None:
        """Write ``rejects.jsonl`` from the parts, in input order."""
        with whole(self.run / "rejects.jsonl") as target, target.open("wb") as out:
            for path in self._paths():
                with (path / "rejects.jsonl").open("rb") as part:
                    shutil.copyfileobj(part, out)

    def drop(self) -> None:
        """Remove the parts of a finished run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, part: int) -> Path:
        return self.folder / f"{part:08d}"

    def _paths(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.name.isdigit())

    def _tables(self, table: str, change: Callable[[pa.Table], pa.Table] | None) -> Iterator[pa.Table]:
        for path in self._paths():
            # Not read_table: it would open the file as a dataset and mind the folder's other names.
            part = pq.ParquetFile(path / f"{table}.parquet").read()
            yield change(part) if change else part


def regroup(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Give the rows of tables in tables of :data:`ROW_GROUP`."""
    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += table.num_rows
        while rows >= ROW_GROUP:
            joined = pa.concat_tables(waiting)
            yield joined.slice(0, ROW_GROUP).combine_chunks()
            waiting = [joined.slice(ROW_GROUP)]
            rows -= ROW_GROUP
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()
