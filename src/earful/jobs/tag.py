"""Tags for tickets: which themes each text carries, how surely, and by which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.config import Config
from earful.engines.worker import process
from earful.errors import ConfigError
from earful.jobs.assembly import Assembly
from earful.jobs.rowwise import Texts, file_schema, read_file, read_texts
from earful.pipeline import with_columns
from earful.schema import REVIEWS, described
from earful.themes.intents import read_wish
from earful.themes.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    import pandas as pd

    from earful.jobs.watcher import Watcher
    from earful.pipeline import Stage

__all__ = ["FILE_TAGS", "TAGS", "tag", "tag_file", "tagger"]


_TAGGED = [
    REVIEWS.field("row"),
    REVIEWS.field("lang"),
    described("themes", pa.list_(pa.string()), "ids of the themes found, in the order of the taxonomy"),
    described(
        "confidence", pa.list_(pa.float64()), "how sure each theme is, in (0, 1]; the surest of its mentions"
    ),
    described("terms", pa.list_(pa.string()), "for each theme the words of its surest mention, as received"),
    described(
        "polarity",
        pa.list_(pa.string()),
        "for each theme negative, neutral or positive; null where polarity was not asked for",
    ),
    described("intents", pa.list_(pa.string()), "what is wanted: bug, question, request, complaint, praise"),
    described("urgency", pa.list_(pa.string()), "words that say it cannot wait, as received"),
]

#: What ``tag`` gives for texts.
TAGS = pa.schema(_TAGGED)

#: What ``tag_file`` writes: the same, with where the row came from and why it could not be read.
FILE_TAGS = file_schema(_TAGGED)

#: What ``tag_file`` writes for a help desk: ready to import, tags as Zendesk spells them.
HELP_DESK = pa.schema([pa.field("id", pa.string()), pa.field("tags", pa.string())])


def tag(
    texts: Texts,
    themes: str | Path | Taxonomy = "cx",
    *,
    min_confidence: float = 0.0,
    polarity: bool = False,
) -> pd.DataFrame:
    """Find the themes of texts.

    Parameters
    ----------
    texts
        As :func:`earful.score` takes them; ``None`` and texts without words get no theme.
    themes
        A taxonomy, or the name, file or folder of one; or the folder of a model that ``earful themes learn``
        wrote, whose tags come without terms.
    min_confidence
        Themes less sure than this are left out, in [0, 1].
    polarity
        Say of each theme what is thought of it, which needs the sentiment model. A theme that is praised and
        blamed in one text stands there once for each.

    Returns
    -------
    DataFrame
        One row per text, in the same order and under the index of a Series or DataFrame, as :data:`TAGS`.

    Raises
    ------
    TypeError
        As :func:`earful.score` raises it; ``InputError`` too.
    TaxonomyError
        The taxonomy cannot be used.

    Examples
    --------
    >>> tag(["The parcel came late and the courier was rude."])["themes"].tolist()
    [['delivery.speed', 'delivery.courier']]
    """
    import pandas as pd

    frame = read_texts(texts, TAGS, partial(_reader, themes, min_confidence, Config() if polarity else None))
    for name in ("themes", "confidence", "terms", "polarity", "intents", "urgency"):
        lists = [None if value is None else list(value) for value in frame[name]]
        frame[name] = pd.Series(lists, index=frame.index, dtype=object)
    return frame


def tag_file(
    source: str | Path,
    output: str | Path,
    themes: str | Path | Taxonomy = "cx",
    *,
    min_confidence: float = 0.0,
    help_desk: bool = False,
    polarity: bool = False,
    config: Config | Mapping[str, Any] | str | Path | None = None,
    watcher: Watcher | None = None,
) -> Path:
    """Find the themes of the rows of a file: one output row per input row, in the same order.

    Parameters
    ----------
    source, output, config, watcher
        As :func:`earful.jobs.score.score_file` takes them; the output is as :data:`FILE_TAGS`. A title, such
        as a ticket's subject, is read with the text. In CSV, lists are parted by spaces, terms by `` | ``.
    themes, min_confidence, polarity
        As :func:`tag` takes them.
    help_desk
        Write ``id`` and ``tags`` alone, tags parted by spaces with ``_`` for the dot, as help desks import;
        with polarity ``delivery_speed:negative``.

    Raises
    ------
    InputError
        As ``score_file`` raises it.
    TaxonomyError
        The taxonomy cannot be used.
    """
    from earful.jobs.analyze import resolve

    settings = resolve(config)
    shape = _for_help_desk if help_desk else None
    make_reader = partial(_reader, themes, min_confidence, settings if polarity else None)
    return read_file(source, output, FILE_TAGS, make_reader, settings, watcher, shape)


def _reader(
    themes: str | Path | Taxonomy, least: float, config: Config | None
) -> Callable[[pa.Table], pa.Table]:
    tagged = tagger(themes, config)
    return lambda table: tagged(table, least)


_Tagger = Callable[[pa.Table, float], pa.Table]
#: Theme, confidence, words, and polarity where it was asked for.
_Tag = tuple[str, float, str, str | None]


def tagger(themes: str | Path | Taxonomy, config: Config | None = None) -> _Tagger:
    """Give what turns a table of input rows into one of tags; with settings, polarity by their model."""
    if isinstance(themes, Taxonomy):
        return _by_phrases(themes, config)
    if (Path(themes) / "learned.json").is_file():
        if config is not None:
            raise ConfigError(
                "a learned model gives no polarity", where=str(themes), fix="leave --polarity out"
            )
        return _by_model(Path(themes))
    return _by_phrases(load_taxonomy(themes), config)


def _by_phrases(taxonomy: Taxonomy, config: Config | None) -> _Tagger:
    if config is None:
        return _plain(taxonomy)
    # Assemblies with models are not kept: settings can differ in more than can be compared at no cost.
    stages = Assembly(config, taxonomy).stages(("mentions.polarity", "reviews.lang"))
    return _by_stages(taxonomy, stages)


@lru_cache(maxsize=4)
def _plain(taxonomy: Taxonomy) -> _Tagger:
    return _by_stages(taxonomy, Assembly(Config(), taxonomy).stages(("mentions", "reviews.lang")))


def _by_stages(taxonomy: Taxonomy, stages: Sequence[Stage]) -> _Tagger:
    order = {theme.id: number for number, theme in enumerate(taxonomy.themes)}

    def tagged(table: pa.Table, least: float) -> pa.Table:
        batch = process(_with_title(table), stages)
        best: dict[int, dict[tuple[str, str | None], _Tag]] = {}
        for mention in batch.mentions.to_pylist() if batch.mentions is not None else []:
            known = best.setdefault(mention["row"], {})
            key = (mention["theme"], mention.get("polarity"))
            confidence = mention["confidence"]
            if confidence >= least and (key not in known or confidence > known[key][1]):
                known[key] = (key[0], confidence, mention["term"], key[1])
        found = [
            sorted(best.get(row, {}).values(), key=lambda one: (order[one[0]], one[3] or ""))
            for row in batch.column("row")
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
            [(theme, sure, "", None) for theme, sure in row if sure >= least] if text.strip() else []
            for text, row in zip(texts, model.tag(texts), strict=True)
        ]
        return _with_tags(process(joined, stages).reviews, table, found)

    return tagged


def _with_tags(reviews: pa.Table, given: pa.Table, found: Sequence[Sequence[_Tag]]) -> pa.Table:
    """Give the rows with their words as given, their tags, and what they want."""
    langs = reviews.column("lang").to_pylist()
    joined = _with_title(given).column("text").to_pylist()
    wishes = [read_wish(text or "", lang or "und") for text, lang in zip(joined, langs, strict=True)]
    signs = [[sign for *_, sign in row] for row in found]
    strings = pa.list_(pa.string())
    columns = {
        "text": given.column("text"),
        "themes": pa.array([[theme for theme, *_ in row] for row in found], strings),
        "confidence": pa.array([[sure for _, sure, *_ in row] for row in found], pa.list_(pa.float64())),
        "terms": pa.array([[term for _, _, term, _ in row] for row in found], strings),
        "polarity": pa.array([None if None in row else row for row in signs], strings),
        "intents": pa.array([list(wish.intents) for wish in wishes], strings),
        "urgency": pa.array([list(wish.urgency) for wish in wishes], strings),
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
    rows = zip(known.column("themes").to_pylist(), known.column("polarity").to_pylist(), strict=True)
    tags = [
        " ".join(
            theme.replace(".", "_") + (f":{sign}" if sign else "")
            for theme, sign in zip(themes or [], signs or [None] * len(themes or []), strict=True)
        )
        for themes, signs in rows
    ]
    return pa.table({"id": known.column("review_id"), "tags": pa.array(tags, pa.string())}, schema=HELP_DESK)
