"""The report in every language: nothing of it left in English, the same numbers, names as they were given."""

import re
from html.parser import HTMLParser

import pytest

from earful.errors import ConfigError
from earful.pages.words import messages
from earful.report import write_report

WORD = re.compile(r"[A-Za-z]{3,}")
#: What is the same in all languages: names of files, columns, options and measures, and the product's own.
SAME = {"earful", "nps", "csat", "ces", "auc", "utf", "csv", "jsonl", "parquet", "json", "manifest", "sha"}


class Seen(HTMLParser):
    """What a reader sees or is read out of a page, but for customers' words, records and settings."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.told = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        hidden = (
            tag in ("style", "script", "blockquote")
            or given.get("lang") == "en"
            or "record" in (given.get("class") or "")
        )
        if tag not in ("meta", "input", "br"):
            self.open.append((tag, hidden and tag != "html"))
        names = ("aria-label", "data-by", "data-of", "data-filter", "data-sort", "data-given", "data-shown")
        self.told += [given[name] for name in names if given.get(name)]

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
    if isinstance(thing, dict):
        return [text for one in (*thing, *thing.values()) for text in texts(one)]
    if isinstance(thing, list):
        return [text for one in thing for text in texts(one)]
    return [thing] if isinstance(thing, str) else []


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
def test_nothing_is_left_in_english(full, language):
    full.rising("delivery.speed", n=25, product="Lamp", grouping="product")
    full.manifest["analyses"] = {"trends": {"period": "month", "note": None}}
    given = texts([full.tables["reviews"], full.tables["themes"]])
    given += texts([full.manifest["inputs"][0]["mapping"], full.manifest["command"], "anchor", "rows"])
    given += ["no words and no score"]  # written by hand: no reader gives this reason
    source = write_report(full.write(), lang=language).read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in source
    assert english_left(source, given, language) == set()


def test_the_scan_finds_english_where_there_is_some(full):
    source = write_report(full.write()).read_text(encoding="utf-8")
    assert len(english_left(source, [], "ru")) > 100


def test_the_numbers_are_the_same_in_all_languages(full):
    run = full.write()
    found = []
    for language in ("en", "ru", "bg", "lv"):
        source = write_report(run, lang=language).read_text(encoding="utf-8")
        found.append(re.findall(r'data-v="([^"]*)"', source))
    assert found[0]
    assert all(one == found[0] for one in found)


def test_the_language_of_the_run_is_the_default_and_themes_have_their_names_in_it(full, parse):
    full.manifest["config"]["report"] = {"lang": "bg"}
    full.manifest["config"]["themes"] = {"taxonomy": "cx"}
    full.tables["themes"][0]["label"] = "On-time delivery"
    full.tables["themes"][1]["label"] = "Our quality"
    run = full.write()
    words = parse(write_report(run)).words()
    assert "Доклад за лоялността" in words
    assert "On-time delivery" not in words
    # A theme that was renamed in the run keeps its name.
    assert "Our quality" in words
    assert "Loyalty report" in parse(write_report(run, lang="en")).words()


def test_another_language_is_refused_with_those_there_are(full):
    with pytest.raises(ConfigError, match="allowed: en, ru, bg, lv"):
        write_report(full.write(), lang="de")
