"""The report in every language: nothing of it left in English, the same numbers, names as they were given."""

import re

import pytest

from earful.errors import ConfigError
from earful.report import write_report
from tests.spoken_pages import english_left, texts


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
def test_nothing_is_left_in_english(full, language):
    full.rising("delivery.speed", n=25, product="Lamp", grouping="product")
    full.manifest["analyses"] = {"trends": {"period": "month", "note": None}}
    given = texts([full.tables["reviews"], full.tables["themes"]])
    given += texts(
        [
            full.manifest["inputs"][0]["mapping"],
            full.manifest["command"],
            full.manifest["model"],
            "anchor",
            "rows",
        ]
    )
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
