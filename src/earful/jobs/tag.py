"""Tags for tickets: which themes each text carries, how surely, and by which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.config import Config
from earful.engines.local import process
from earful.jobs.assembly import Assembly
from earful.jobs.rowwise import file_schema, read_file, read_texts
from earful.pipeline import with_columns
from earful.schema import REVIEWS, described
from earful.themes.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

    from earful.jobs.analyze import Watcher

__all__ = ["FILE_TAGS", "TAGS", "tag", "tag_file"]


_TAGGED = [
    REVIEWS.field("row"),
    REVIEWS.field("lang"),
    described("themes", pa.list_(pa.string()), "ids of the themes found, in the order of the taxonomy"),
    described(
        "confidence", pa.list_(pa.float64()), "how sure each theme is, in (0, 1]; the surest of its mentions"
    ),
    described("terms", pa.list_(pa.string()), "for each theme the words of its surest mention, as received"),
]

#: What ``tag`` gives for texts.
TAGS = pa.schema(_TAGGED)

#: What ``tag_file`` writes: the same, with where the row came from and why it could not be read.
FILE_TAGS = file_schema(_TAGGED)

#: What ``tag_file`` writes for a help desk: ready to import, tags as Zendesk spells them.
HELP_DESK = pa.schema([pa.field("id", pa.string()), pa.field("tags", pa.string())])


def tag(
    texts: Sequence[str | None], themes: str | Path | Taxonomy = "cx", *, min_confidence: float = 0.0
) -> pd.DataFrame:
    """Find the themes of texts.

    Parameters
    ----------
    texts
        Any number of texts; ``None`` and texts without words get no theme.
    themes
        A taxonomy, or the name, file or folder of one; or the folder of a model that ``earful themes learn``
        wrote, whose tags come without terms.
    min_confidence
        Themes less sure than this are left out, in [0, 1].

    Returns
    -------
    DataFrame
        One row per text, in the same order, as :data:`TAGS`.

    Raises
    ------
    TypeError
        ``texts`` is one string, or holds something other than strings.
    TaxonomyError
        The taxonomy cannot be used.

    Examples
    --------
    >>> tag(["The parcel came late and the courier was rude."])["themes"].tolist()
    [['support.attitude', 'delivery.speed', 'delivery.courier']]
    """
    frame = read_texts(texts, TAGS, partial(_reader, themes, min_confidence))
    for name in ("themes", "confidence", "terms"):
        frame[name] = [list(value) for value in frame[name]]
    return frame


def tag_file(
    source: str | Path,
    output: str | Path,
    themes: str | Path | Taxonomy = "cx",
    *,
    min_confidence: float = 0.0,
    help_desk: bool = False,
    config: Config | Mapping[str, Any] | str | Path | None = None,
    watcher: Watcher | None = None,
) -> Path:
    """Find the themes of the rows of a file: one output row per input row, in the same order.

    Parameters
    ----------
    source
        A file, a glob pattern, or ``-`` for standard input. A title, such as a ticket's subject, is read
        with the text.
    output
        A ``.parquet``, ``.csv`` or ``.jsonl`` file, as :data:`FILE_TAGS`. In CSV, lists are parted by spaces,
        terms by `` | ``.
    themes, min_confidence
        As :func:`tag` takes them.
    help_desk
        Write ``id`` and ``tags`` alone, tags parted by spaces with ``_`` for the dot, as help desks import.
    config
        Settings, as :func:`earful.analyze` takes them.
    watcher
        Is told of the progress.

    Raises
    ------
    InputError
        The input cannot be read, or the output's ending is none of the three.
    TaxonomyError
        The taxonomy cannot be used.
    """
    from earful.jobs.analyze import resolve

    shape = _for_help_desk if help_desk else None
    make_reader = partial(_reader, themes, min_confidence)
    return read_file(source, output, FILE_TAGS, make_reader, resolve(config), watcher, shape)


def _reader(themes: str | Path | Taxonomy, least: float) -> Callable[[pa.Table], pa.Table]:
    tagger = _tagger(themes)
    return lambda table: tagger(table, least)


_Tagger = Callable[[pa.Table, float], pa.Table]
#: Theme, confidence and words.
_Tag = tuple[str, float, str]


def _tagger(themes: str | Path | Taxonomy) -> _Tagger:
    """Give what turns a table of input rows into one of tags."""
    if isinstance(themes, Taxonomy):
        return _by_phrases(themes)
    if (Path(themes) / "learned.json").is_file():
        return _by_model(Path(themes))
    return _by_phrases(load_taxonomy(themes))


@lru_cache(maxsize=4)
def _by_phrases(taxonomy: Taxonomy) -> _Tagger:
    stages = Assembly(Config(), taxonomy).stages(("mentions", "reviews.lang"))
    order = {theme.id: number for number, theme in enumerate(taxonomy.themes)}

    def tagged(table: pa.Table, least: float) -> pa.Table:
        batch = process(_with_title(table), stages)
        best: dict[int, dict[str, _Tag]] = {}
        for mention in batch.mentions.to_pylist() if batch.mentions is not None else []:
            known = best.setdefault(mention["row"], {})
            theme, confidence = mention["theme"], mention["confidence"]
            if confidence >= least and (theme not in known or confidence > known[theme][1]):
                known[theme] = (theme, confidence, mention["term"])
        found = [
            sorted(best.get(row, {}).values(), key=lambda one: order[one[0]]) for row in batch.column("row")
        ]
        return _with_tags(batch.reviews, table, found)

    return tagged


def _by_model(folder: Path) -> _Tagger:
    from earful.workshop.learn import load_learned

    model = load_learned(folder)
    stages = Assembly(Config()).stages(("reviews.lang",))

    def tagged(table: pa.Table, least: float) -> pa.Table:
        joined = _with_title(table)
        texts = [text or "" for text in joined.column("text").to_pylist()]
        found = [
            [(theme, sure, "") for theme, sure in row if sure >= least] if text.strip() else []
            for text, row in zip(texts, model.tag(texts), strict=True)
        ]
        return _with_tags(process(joined, stages).reviews, table, found)

    return tagged


def _with_tags(reviews: pa.Table, given: pa.Table, found: Sequence[Sequence[_Tag]]) -> pa.Table:
    """Give the rows with their words as given, and their tags."""
    columns = {
        "text": given.column("text"),
        "themes": pa.array([[theme for theme, _, _ in row] for row in found], pa.list_(pa.string())),
        "confidence": pa.array([[sure for _, sure, _ in row] for row in found], pa.list_(pa.float64())),
        "terms": pa.array([[term for _, _, term in row] for row in found], pa.list_(pa.string())),
    }
    return with_columns(reviews, columns)


def _with_title(table: pa.Table) -> pa.Table:
    titles, texts = table.column("title").to_pylist(), table.column("text").to_pylist()
    if not any(titles):
        return table
    joined = [f"{title}\n{text or ''}" if title else text for title, text in zip(titles, texts, strict=True)]
    at = table.column_names.index("text")
    return table.set_column(at, table.field(at), pa.array(joined, pa.string()))


def _for_help_desk(table: pa.Table) -> pa.Table:
    known = table.filter(table.column("review_id").is_valid())
    tags = [
        " ".join(theme.replace(".", "_") for theme in row or []) for row in known.column("themes").to_pylist()
    ]
    return pa.table({"id": known.column("review_id"), "tags": pa.array(tags, pa.string())}, schema=HELP_DESK)
