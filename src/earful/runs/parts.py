"""The unfinished run: a plan, parts with receipts, and their merging into the final tables.

A part is one batch's output. It is written into ``parts/NNNNNNNN.XXXXXXXX.tmp`` and renamed, so that it is
there whole or not at all; its receipt has the checksums of its files. A part that is there and sound is
skipped when the run is resumed.
"""

from __future__ import annotations

import glob
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from earful.errors import RunError
from earful.pipeline import Batch
from earful.runs.files import checksum, copy_as_csv, link, told, whole, write_json
from earful.runs.run import FILES, PARTS, PLAN, REJECTS, read_plan
from earful.schema import TABLES, conform, with_fields

if TYPE_CHECKING:
    from earful.runs.depot import Depot

__all__ = ["ROW_GROUP", "Parts", "Receipt", "regroup", "seal"]

#: Rows in a row group of a final table: fixed, so that the files do not depend on the batch size.
ROW_GROUP = 65_536
_RECEIPT = "receipt.json"


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
    depot
        Where machines that do not see the folder put the parts that they make.
    """

    def __init__(
        self,
        run: Path,
        fields: Mapping[str, Sequence[pa.Field]] | None = None,
        depot: Depot | None = None,
    ) -> None:
        self.run = run
        self.folder = run / PARTS
        self.fields, self.depot = fields, depot
        self._schemas = {
            name: with_fields(table.schema, (fields or {}).get(name, ()))
            for name, table in TABLES.items()
            if table.parts
        }

    def start(self, plan: dict[str, Any]) -> None:
        """Begin anew: drop the parts there are and lay down the plan."""
        self.begin()
        self.lay(plan)

    def begin(self) -> None:
        """Drop the parts there are; without a plan, those that are written from here on count for nothing."""
        self._drop()
        self._sweep()
        with told(self.folder):
            self.folder.mkdir(parents=True)

    def lay(self, plan: dict[str, Any]) -> None:
        """Lay down the plan that the parts are made by."""
        write_json(self.folder / PLAN, plan)
        if self.depot is not None:
            self.depot.lay(self.plan())

    def plan(self) -> bytes:
        """Give the plan as it lies there, nothing where none was laid down yet."""
        plan = self.folder / PLAN
        return plan.read_bytes() if plan.is_file() else b""

    def is_planned(self, plan: bytes) -> bool:
        """Say whether this is the folder of the run with this plan."""
        return self.folder.is_dir() and self.plan() == plan

    def resume(self, plan: dict[str, Any]) -> list[int]:
        """Go on with the parts there are, and give those that were damaged and are gone now.

        Raises
        ------
        RunError
            The plan they were made with differs from this one.
        """
        old = read_plan(self.run)
        changed = sorted(key for key in old.keys() | plan.keys() if old.get(key) != plan.get(key))
        if changed:
            raise RunError(
                f"cannot be resumed: {', '.join(changed)} changed since it was begun",
                where=str(self.run),
                fix=f"repeat the command as it was, or remove {self.folder} to begin anew",
            )
        self._sweep()
        damaged = [part for part in self._numbers() if not is_sound(self._path(part))]
        for part in damaged:
            shutil.rmtree(self._path(part))
        return sorted({*damaged, *self._fetch_all()})

    def fetch(self, part: int) -> bool:
        """Bring a part from the depot, where there is one; say whether it is here and sound."""
        if self.depot is None or self._path(part).exists():
            return self._path(part).exists()
        with told(self.folder), tempfile.TemporaryDirectory(suffix=".tmp", dir=self.folder) as made:
            folder = Path(made) / f"{part:08d}"
            folder.mkdir()
            self.depot.take(part, folder)
            if sound := is_sound(folder):
                folder.rename(self._path(part))
        return sound

    def _fetch_all(self) -> list[int]:
        """Bring what the depot has; give the parts that are damaged there, which are removed."""
        if self.depot is None:
            return []
        self.depot.lay(self.plan())
        damaged = [part for part in self.depot.parts() if not self.fetch(part)]
        for part in damaged:
            self.depot.remove(part)
        return damaged

    def receipt(self, part: int) -> Receipt | None:
        """Give a part's receipt, or ``None`` where the part is not there."""
        written = _receipt_in(self._path(part))
        if written is None:
            return None
        return Receipt(*(written[name] for name in ("part", "rows", "accepted", "rejected")))

    def receipts(self) -> list[Receipt]:
        """Give the receipts of all parts, in input order."""
        found = [self.receipt(part) for part in self._numbers()]
        return [receipt for receipt in found if receipt is not None]

    def write(self, part: int, batch: Batch, rejects: list[str]) -> Receipt:
        """Write a part; ``rejects`` are JSON lines."""
        receipt = Receipt(part, len(batch) + len(rejects), len(batch), len(rejects))
        with self.adding(receipt) as folder:
            for name, schema in self._schemas.items():
                table = getattr(batch, name)
                made = schema.empty_table() if table is None else conform(table, schema)
                pq.write_table(made, folder / f"{name}.parquet")
            (folder / REJECTS).write_text("".join(f"{line}\n" for line in rejects), encoding="utf-8")
        return receipt

    @contextmanager
    def adding(self, receipt: Receipt) -> Iterator[Path]:
        """Give a folder to write a part's files into; with its receipt it becomes the part at the end.

        Raises
        ------
        RunError
            There is no room, or no right to write there.
        """
        # A name of its own: on a cluster a part may be tried twice at a time, and either will do.
        temporary = self.folder / f"{receipt.part:08d}.{secrets.token_hex(4)}.tmp"
        with told(self.folder):
            try:
                temporary.mkdir()
                yield temporary
                seal(temporary, receipt)
                if not self._path(receipt.part).exists():
                    temporary.rename(self._path(receipt.part))
            except OSError:
                # A part that has come there meanwhile says the same.
                if not self._path(receipt.part).exists():
                    raise
            finally:
                shutil.rmtree(temporary, ignore_errors=True)

    def adopt(self, run: Path, folder: Path, without: Collection[int]) -> None:
        """Put a finished run's tables into a part that is being added, without some of its rows."""
        gone = pa.array(sorted(without), pa.int64())
        for name, schema in self._schemas.items():
            source, target = run / f"{name}.parquet", folder / f"{name}.parquet"
            if not source.is_file():
                pq.write_table(schema.empty_table(), target)
            elif not without:
                link(source, target)
            else:
                with pq.ParquetWriter(target, schema) as writer:
                    for rows in _row_groups(source):
                        writer.write_table(rows.filter(pc.invert(pc.is_in(rows.column("row"), gone))))

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
        with whole(self.run / REJECTS) as target, target.open("wb") as out:
            for part in self._numbers():
                with (self._path(part) / REJECTS).open("rb") as lines:
                    shutil.copyfileobj(lines, out)

    def drop(self) -> None:
        """Remove the parts of a finished run, those in the depot too."""
        self._drop()
        if self.depot is not None:
            self.depot.drop()

    def _drop(self) -> None:
        with told(self.folder):
            # First what says that there is something to go on with.
            (self.folder / PLAN).unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what was half written when the run broke off."""
        for stray in self.folder.glob("*.tmp"):
            shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
        for name in FILES:
            self.run.joinpath(f"{name}.tmp").unlink(missing_ok=True)

    def _path(self, part: int) -> Path:
        return self.folder / f"{part:08d}"

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdigit())

    def _tables(self, table: str, change: Callable[[pa.Table], pa.Table] | None) -> Iterator[pa.Table]:
        for number in self._numbers():
            for rows in _row_groups(self._path(number) / f"{table}.parquet"):
                yield change(rows) if change else rows


def seal(folder: Path, receipt: Receipt) -> None:
    """Put a part's receipt beside its files, with what each of them is to be."""
    sums = {path.name: checksum(path) for path in sorted(folder.iterdir())}
    write_json(folder / _RECEIPT, asdict(receipt) | {"files": sums})


def is_sound(folder: Path) -> bool:
    """Say whether a part's files are what its receipt says."""
    written = _receipt_in(folder)
    return written is not None and all(
        (folder / name).is_file() and checksum(folder / name) == expected
        for name, expected in written["files"].items()
    )


def _receipt_in(folder: Path) -> dict[str, Any] | None:
    try:
        written: dict[str, Any] = json.loads((folder / _RECEIPT).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return written


def _row_groups(path: Path) -> Iterator[pa.Table]:
    """Read a part's table a row group at a time: what is added to may be a whole run."""
    try:
        # Not read_table: it would open the file as a dataset and mind the folder's other names.
        with pq.ParquetFile(path) as part:
            groups = (part.read_row_group(group) for group in range(part.num_row_groups))
            yield from groups
    except (pa.ArrowException, OSError) as error:
        raise RunError(
            f"cannot be read ({error})",
            where=str(path),
            fix="repeat the command with --resume: damaged parts are made anew",
        ) from None


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
