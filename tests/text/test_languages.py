"""The files of languages and scripts: what stands in them is told at their head and can be read."""

import itertools
import re
from pathlib import Path

from earful.text import languages
from earful.text.languages import SCRIPTS, by_language

FILE = Path(languages.__file__).parent / "data" / "languages.toml"
KEYS = {key for facts in languages._LANGUAGES.values() for key in facts}


def test_every_key_is_told_at_the_head():
    head = FILE.read_text(encoding="utf-8").partition("\n\n")[0]
    told = {word.strip(",") for line in head.splitlines() for word in line.split()}
    assert told >= KEYS


def test_every_language_is_one_and_says_something():
    for code, facts in languages._LANGUAGES.items():
        assert re.fullmatch("[a-z]{2}|und", code)
        assert facts
        assert all(value or value == "" for value in facts.values()), code
    assert by_language("never").keys() == by_language("maybe").keys()
    assert by_language("typed").keys() == by_language("read").keys() == {"bg", "ru"}


def test_lists_have_no_gaps():
    for key in ("turns", "heads", "non_answers", "labels", "praise", "blame", "negations"):
        for code, listed in by_language(key).items():
            assert all(part.strip() for part in listed.split("|")), (key, code)
            assert "\n" not in listed, (key, code)


def test_no_code_point_is_in_two_scripts():
    ranges = sorted(span for script in SCRIPTS.values() for span in script.ranges)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(ranges))
    assert SCRIPTS["Greek"].only == "el"
