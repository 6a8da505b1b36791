"""What a reader sees of a page, and what of it is our English on a page in another language."""

import re
from html.parser import HTMLParser

from earful.pages.words import messages
from tests.written_runs import VOID

WORD = re.compile(r"[A-Za-z]{3,}")
#: What is the same in all languages: names of files, columns, options and measures, and the product's own.
SAME = {"earful", "nps", "csat", "ces", "auc", "utf", "csv", "jsonl", "parquet", "json", "manifest", "sha"}
#: Attributes that are read out or shown.
TOLD = (
    "aria-label", "title", "placeholder", "label", "alt",
    "data-by", "data-of", "data-filter", "data-sort", "data-given", "data-shown",
)  # fmt: skip


class Seen(HTMLParser):
    """What a reader sees or is read out of a page, but for customers' words, records and settings."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.told = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        hidden = (
            tag in ("style", "script", "blockquote", "code")
            or given.get("lang") == "en"
            or "record" in (given.get("class") or "")
        )
        if tag not in VOID:
            self.open.append((tag, hidden and tag != "html"))
        self.told += [given[name] for name in TOLD if given.get(name)]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if not any(hidden for _, hidden in self.open):
            self.told.append(data)


def english_left(source, data, language):
    """Words of our English sentences that stand on a page in another language."""

    def words(texts):
        return {word.lower() for text in texts for word in WORD.findall(text)}

    def all_forms(told):
        return [form for one in told.values() for form in ([one] if isinstance(one, str) else one.values())]

    ours = words(all_forms(messages("en"))) - words(all_forms(messages(language))) - SAME
    return (words(Seen(source).told) & ours) - words(data)


def texts(thing):
    """All texts in a thing, names of its parts among them."""
    if isinstance(thing, dict):
        return [text for one in (*thing, *thing.values()) for text in texts(one)]
    if isinstance(thing, list):
        return [text for one in thing for text in texts(one)]
    return [thing] if isinstance(thing, str) else []
