"""What pages say: the same keys and places in every language, forms by the number, safe in HTML."""

import re

import pytest

from earful.pages import names, numbers
from earful.pages.html import environment
from earful.pages.words import LANGUAGES, messages, retold, say, speaking, stated, tell

OTHERS = [language for language in LANGUAGES if language != "en"]
FORMS = {
    "en": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "bg": {"one", "other"},
    "lv": {"zero", "one", "other"},
}


def forms(message):
    return [message] if isinstance(message, str) else list(message.values())


def places(message):
    return set(re.findall(r"\{(\w+)\}", " ".join(forms(message))))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_all_that_english_does_with_the_same_places(language):
    english, told = messages("en"), messages(language)
    assert told.keys() == english.keys()
    for key, message in english.items():
        assert places(told[key]) <= places(message), key
        assert places(message) - places(told[key]) <= {"n", "values"}, key
        assert all(form.strip() for form in forms(told[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_with_forms_has_those_that_its_language_needs(language):
    for key, message in messages(language).items():
        if isinstance(message, dict):
            assert set(message) == FORMS[language], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_breaks_out_of_an_attribute_and_marks_are_the_same(language):
    english = messages("en")
    for key, message in messages(language).items():
        for form in forms(message):
            assert '"' not in form, key
            wanted = re.findall(r"</?\w+", forms(english[key])[0])
            assert sorted(re.findall(r"</?\w+", form)) == sorted(wanted), key


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("en", 1, "1 review"), ("en", 0, "0 reviews"), ("en", 1234, "1,234 reviews"),
        ("ru", 1, "1 отзыв"), ("ru", 3, "3 отзыва"), ("ru", 5, "5 отзывов"), ("ru", 11, "11 отзывов"),
        ("ru", 21, "21 отзыв"), ("ru", 1022, "1\xa0022 отзыва"),
        ("bg", 1, "1 отзив"), ("bg", 2, "2 отзива"), ("bg", 21, "21 отзива"), ("bg", 1234, "1234 отзива"),
        ("lv", 1, "1 atsauksme"), ("lv", 2, "2 atsauksmes"), ("lv", 10, "10 atsauksmju"),
        ("lv", 11, "11 atsauksmju"), ("lv", 21, "21 atsauksme"), ("lv", 12345, "12\xa0345 atsauksmes"),
    ],
)  # fmt: skip
def test_words_follow_the_number(language, n, said):
    with speaking(language):
        assert say("n.reviews", n=n) == said


@pytest.mark.parametrize(
    ("language", "day", "month", "number"),
    [
        ("en", "4 Sep 2026", "Sep 2026", "−1.5"),
        ("ru", "4 сент. 2026 г.", "сент. 2026", "−1,5"),
        ("bg", "4 сеп 2026 г.", "сеп 2026", "−1,5"),
        ("lv", "2026. gada 4. sept.", "2026. g. sept.", "−1,5"),
    ],
)
def test_numbers_and_dates_have_the_form_of_the_language(language, day, month, number):
    with speaking(language):
        assert numbers.date(1_788_480_000_000_000) == day
        assert numbers.month("2026-09-01") == month
        assert numbers.signed(-1.5, 1) == number


def test_touchpoints_and_languages_are_named_and_what_is_no_key_stays():
    with speaking("lv"):
        assert names.touchpoint("delivery") == "Piegāde"
        assert names.language("en") == "Angļu"
        assert names.touchpoint("Riga shop") == "Riga shop"
        assert names.polarity("odd") == "odd"
    assert names.touchpoint("product") == "The product itself"


def test_what_is_put_into_html_is_escaped_and_is_no_place_itself():
    told = tell("report.made", when="<b>{low}</b>")
    assert told == "Made &lt;b&gt;{low}&lt;/b&gt;."


def test_what_is_the_same_on_every_page_is_said_anew_for_each():
    template = environment("earful.report").from_string('{{ "touchpoint"|cut }}, {{ 1234.5|plain(1) }}')
    told = []
    for language in ("lv", "ru", "en"):
        with speaking(language):
            told.append(template.render())
    assert told == ["Saskarsmes punkts, 1234,5", "Точка контакта, 1\xa0234,5", "Touchpoint, 1,234.5"]


def test_a_sentence_does_not_end_with_two_full_stops():
    with speaking("ru"):
        assert say("report.made", when="4 сент. 2026 г.") == "Составлен 4 сент. 2026 г."


def test_what_a_run_tells_in_english_is_told_anew():
    with speaking("ru"):
        assert retold("1,204 rows were refused; each stands in rejects.jsonl with its reason") == (
            "отклонено 1\xa0204 строки; они сохранены в rejects.jsonl с причинами",
            True,
        )
        assert stated("NPS 0-10, promoters 9-10, detractors 0-6; CSAT 1-5, satisfied 4-5") == (
            "NPS 0-10: промоутеры 9-10, критики 0-6; CSAT 1-5: довольны 4-5"
        )
        assert retold("nobody has ever said this") == ("nobody has ever said this", False)
    assert stated("12 fields where the header has 9") == "12 fields where the header has 9"


@pytest.mark.parametrize("language", OTHERS)
def test_why_an_export_was_recognised_is_told_anew(language):
    from earful.readers.exports import exports

    headers = ["Note", "Date, time", "A (b)", "and", "Row", "Id"]
    for export in exports().values():
        for n in range(1, len(headers) + 1):
            with speaking(language):
                told = retold(export.describe(headers[:n]))
            assert told[1]
            assert export.title in told[0]
            assert "'Note'" in told[0]
            assert "other" not in told[0]


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_that_hold_what_parts_sentences_are_told_whole_among_others(language):
    taken = "'points' is the same in every row of a product; "
    taken += "it is read as each review's rating, and may be the product's"
    leave, empty = "to leave it out: --map rating=", "holds a header and no rows"
    with speaking(language):
        wanted = [retold(one)[0] for one in (taken, leave, empty)]
        assert stated(f"{taken}; {leave}") == "; ".join(wanted[:2])
        assert stated(f"{empty}; {taken}; {leave}") == "; ".join([wanted[2], *wanted[:2]])
        assert stated(f"nobody said this; {taken}; nor that") == f"nobody said this; {wanted[0]}; nor that"
        # However many there are, each is told, and soon.
        assert stated("; ".join([empty] * 2000)) == "; ".join([wanted[2]] * 2000)


@pytest.mark.parametrize("language", OTHERS)
def test_a_number_that_a_run_tells_is_written_as_the_language_parts_thousands(language):
    for told in (
        "1,204,000 rows repeat another row in every field (duplicate_of); the index counts copies once",
        "1,204,000 reviews stand in both runs: the changes are surer than their intervals say.",
    ):
        with speaking(language):
            assert "1\xa0204\xa0000" in retold(told)[0]


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    "kind",
    [key for key in messages("en") if isinstance(messages("en")[key], dict) and key.startswith("stored.")],
)
def test_one_and_many_are_told_and_told_anew(kind, n):
    told = say(kind, n=n)
    assert told != say(kind, n=3 - n).replace(str(3 - n), str(n))
    for language in OTHERS:
        with speaking(language):
            assert retold(told) == (say(kind, n=n), True)


def test_what_an_earlier_version_told_of_one_row_is_still_known():
    with speaking("ru"):
        assert retold("1 rows were refused; each stands in rejects.jsonl with its reason") == (
            "отклонена 1 строка; она сохранена в rejects.jsonl с причиной",
            True,
        )


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_run_says_of_its_rows_and_definitions_is_known(language):
    from earful.config import Config
    from earful.jobs.manifest import _row_warnings
    from earful.loyalty.scales import BoxScale, FlagScale, WordsScale, nps_scale, stamp

    kinds = ("rejected", "duplicates", "near_duplicates", "bursts", "asides", "truncated", "non_answers")
    told = _row_warnings(dict.fromkeys(kinds, 3) | {"replaced": 1}) + _row_warnings(dict.fromkeys(kinds, 1))
    told += [stamp(one) for one in (nps_scale(0, 10), FlagScale(), WordsScale(), BoxScale.of("stars", 1, 5))]
    assert Config().report.lang == "en"
    with speaking(language):
        assert [sentence for sentence in told if not retold(sentence)[1]] == []


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="allowed: en, ru, bg, lv"), speaking("de"):
        pass


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        ("the dates span 3 months; change points need 16", ("3 месяца", "3 месеца", "3 mēneši")),
        ("the dates span 1 week; change points need 16", ("1 неделя", "1 седмица", "1 nedēļa")),
        (
            "no group of 30 reviews or more has 16 quarters of 5 reviews or more",
            ("16 кварталов", "16 тримесечия", "16 ceturkšņu"),
        ),
        (
            "1,200 dates in 'when' lie in the future, the latest is 2031-01-01",
            ("1\xa0200 дат", "1200 дати", "1200 datumu"),
        ),
        (
            "2 rows above the header ('Report') are not read; --skip-rows and --header-rows say otherwise",
            ("2 строки ('Report')", "2 реда ('Report')", "2 rindas ('Report')"),
        ),
        (
            "Only 2 products can be compared (with words and answers, 30 reviews or more): too few for an "
            "interval of a correlation.",
            (
                "2 продукта; условие: 30 отзывов",
                "2 продукта; условие: 30 отзива",
                "2 produkti; nosacījums: 30",
            ),
        ),
        (
            "The measured side is the recommend rate, as was asked for.",
            ("доля готовых рекомендовать", "дял на препоръчващите", "ieteicēju daļa"),
        ),
        (
            "CES 1-7, high means effort, 100 = easiest",
            ("это большие усилия", "значи много усилия", "nozīmē lielu piepūli"),
        ),
    ],
)
def test_no_part_of_what_a_run_tells_stays_english(told, parts):
    for language, part in zip(("ru", "bg", "lv"), parts, strict=True):
        with speaking(language):
            assert part in retold(told)[0]


def test_a_count_in_what_comes_from_outside_stays_as_it_is():
    with speaking("ru"):
        assert retold("column 3 reviews was ignored") == ("столбец 3 reviews не использован", True)
