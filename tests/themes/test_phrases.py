from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.text.words import split_words
from earful.themes import phrases
from earful.themes.phrases import CONFIDENCE, UNKNOWN_LANGUAGE_FACTOR, PhraseMatcher
from earful.themes.taxonomy import load_taxonomy, parse_taxonomy


@pytest.fixture(scope="module")
def cx():
    return PhraseMatcher(load_taxonomy("cx"))


def matcher(text: str) -> PhraseMatcher:
    return PhraseMatcher(parse_taxonomy([("t.toml", text)], name="t"))


def look(m: PhraseMatcher, text: str, lang: str):
    return m.match(text.split(), lang)


def themes(found) -> set[str]:
    return {match.theme for match in found}


SMALL = """
[words.en]
box = "parcel|small packet"
[[theme]]
id = "d.late"
phrases = {en = ["@box ... late", "late", "?slow"]}
[[theme]]
id = "d.cold"
phrases = {en = ["cold -beer"]}
"""


@pytest.mark.parametrize(
    ("lang", "text", "theme"),
    [
        # inflection
        ("en", "The deliveries were delayed again", "delivery.speed"),
        ("ru", "Курьером доволен", "delivery.courier"),
        ("ru", "Очередью из двадцати человек меня не удивишь, очереди большие", "store.queue"),
        ("bg", "Качеството е лошо", "product.quality"),
        ("bg", "Куриерът не се обади", "delivery.courier"),
        ("bg", "Персоналът беше любезен", "support.attitude"),
        ("bg", "Цените са прекалено високи", "price.level"),
        ("lv", "Ar kvalitāti neesam apmierināti", "product.quality"),
        ("lv", "Kurjeram vajadzēja piezvanīt", "delivery.courier"),
        ("lv", "Cenām vajadzētu būt zemākām, cenas augstas", "price.level"),
        # case, diacritics, the other alphabet
        ("en", "STAFF WERE RUDE", "support.attitude"),
        ("lv", "cenas ir parak augstas", "price.level"),
        ("lv", "piegaade ļoti leena, piegaadaaja pēc nedēļas", "delivery.speed"),
        ("ru", "Счёт пришёл с ошибкой", "renewal.billing"),
        ("ru", "Счет пришел с ошибкой", "renewal.billing"),
        ("bg", "cenite sa mnogo visoki", "price.level"),
        ("bg", "personala beshe mnogo grub", "support.attitude"),
        ("ru", "dostavka ochen bystro", "delivery.speed"),
    ],
)
def test_inflection_and_spelling_do_not_matter(cx, lang, text, theme):
    assert theme in themes(look(cx, text, lang))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I ordered in order to fit in"),
        ("en", "Bill Murray caught a cold at the park"),
        ("en", "Two hours later we left"),
        ("en", "It sounds like rain"),
        ("ru", "Моя супруга купила билет"),
        ("ru", "Персональный компьютер стоит на столе"),
        ("bg", "Филмът е добър, гледайте го"),
        ("lv", "Rupjmaize stāv uz galda"),
        ("lv", "Man ir iespēja braukt uz jūru"),
    ],
)
def test_words_in_another_sense_are_left_alone(cx, lang, text):
    assert look(cx, text, lang) == []


@pytest.mark.parametrize("lang", ["en", "ru", "bg", "lv"])
def test_most_examples_of_cx_are_found(cx, lang):
    # The examples are written apart from the phrases, for a model to learn from: not all can be found.
    taxonomy = cx.taxonomy
    pairs = [(theme.id, text) for theme in taxonomy.themes for text in theme.examples[lang]]
    found = sum(theme in themes(look(cx, text, lang)) for theme, text in pairs)
    assert found / len(pairs) >= 0.75


def test_longest_match_wins_and_words_count_once():
    found = look(matcher(SMALL), "my parcel came late", "en")
    assert [(m.theme, m.first, m.last) for m in found] == [("d.late", 1, 3)]
    found = look(matcher(SMALL), "late and again late", "en")
    assert [(m.first, m.last) for m in found] == [(0, 0), (3, 3)]


def test_gap_is_bounded_and_pauses_count():
    m = matcher(SMALL)
    assert look(m, "parcel a b c d late", "en")[0].first == 0
    assert look(m, "parcel a b c d e late", "en")[0].first == 6
    assert look(m, "parcel , a b c late", "en")[0].first == 5
    assert look(m, "small packet late", "en")[0].first == 0
    assert look(m, "small , packet late", "en")[0].first == 3


def test_ruled_out_words():
    m = matcher(SMALL)
    assert themes(look(m, "it was cold", "en")) == {"d.cold"}
    assert look(m, "cold beer", "en") == []


def test_confidence_follows_how_specific_the_phrase_is():
    m = matcher(SMALL)
    assert m.match(["slow"], "en")[0].confidence == CONFIDENCE["weak"]
    assert m.match(["late"], "en")[0].confidence == CONFIDENCE["single"]
    assert look(m, "parcel was late", "en")[0].confidence == CONFIDENCE["loose"]
    assert all(0 < value <= 1 for value in CONFIDENCE.values())


def test_unknown_language_tries_every_language_of_the_script(cx):
    sure = look(cx, "Курьер опоздал", "ru")
    unsure = look(cx, "Курьер опоздал", "und")
    assert "delivery.courier" in themes(sure) & themes(unsure)
    by_theme = {m.theme: m.confidence for m in sure}
    for match in unsure:
        if match.theme in by_theme:
            assert match.confidence == pytest.approx(by_theme[match.theme] * UNKNOWN_LANGUAGE_FACTOR)
    assert "delivery.courier" in themes(cx.match(["kurjers"], "und"))


def test_language_without_phrases_finds_nothing(cx):
    assert look(cx, "die lieferung war late and rude", "de") == []


def test_phrases_without_a_language_are_tried_in_all():
    m = matcher('[[theme]]\nid = "a.b"\nphrases = ["wifi"]')
    assert [themes(m.match(["WiFi"], lang)) for lang in ("en", "ru", "de", "und")] == [{"a.b"}] * 4


def test_theme_without_phrases_is_found_by_its_label():
    m = matcher('[[theme]]\nid = "a.b"\nlabels = {en = "Battery life", ru = "Батарея"}\ndescription = "x"')
    assert themes(look(m, "the battery life is short", "en")) == {"a.b"}
    assert themes(look(m, "батареи хватает", "ru")) == {"a.b"}


def test_hostile_segments_end_soon(cx):
    words = ["delivery", "late", "slow", "service", "staff", "rude", "food", "good", ","] * 1500
    assert cx.match(words, "en")
    assert cx.match(["a" * 1_000_000, "\u0301" * 5000, "*", "[[["], "en") == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=12), st.sampled_from(["en", "lv", "ru", "bg", "und"]))
def test_any_words_give_ordered_matches_inside(words, lang):
    found = _CX.match(words, lang)
    assert found == _CX.match(list(words), lang)
    assert found == sorted(found, key=lambda m: (m.first, m.last, m.theme))
    assert all(0 <= m.first <= m.last < len(words) and 0 < m.confidence <= 1 for m in found)


_CX = PhraseMatcher(load_taxonomy("cx"))


@pytest.mark.parametrize(
    ("text", "there"),
    [("Cancelling.", True), ("Just cancelling!", True), ("Cancelling of noise is great", False)],
)
def test_a_word_that_is_all_that_is_said(text, there):
    m = matcher('[[theme]]\nid = "d.leave"\nphrases = {en = ["^cancelling"]}')
    assert (themes(look(m, text, "en")) == {"d.leave"}) is there


def every_hit(m, words, lang):
    """Look for every pattern at every place, without any index: (theme, first, last, pattern) of tokens."""
    language = m._language(lang)
    filled, token_of, last_word, n_words = [], [], -1, 0
    for number, token in enumerate(words):
        for _, _, word in split_words(token):
            last_word, n_words = len(token_of), n_words + 1
            filled.append(language._lookup(word))
            token_of.append(number)
        if any(mark in phrases._PAUSES for mark in token):
            filled += [frozenset()] * phrases._PAUSE_WORDS
            token_of += [number] * phrases._PAUSE_WORDS
    hits = set()
    for pattern in language.patterns:
        if any(pattern.without in slots for slots in filled):
            continue
        ways = [(at, at) for at, slots in enumerate(filled) if pattern.slots[0] in slots]
        for slot, gap in zip(pattern.slots[1:], pattern.gaps[1:], strict=True):
            ways = [
                (first, at)
                for first, before in ways
                for at in range(before + 1, min(before + gap + 2, len(filled)))
                if slot in filled[at]
            ]
        for _, last in ways:
            first = max(one for one, other in ways if other == last)
            if not pattern.alone or (last == last_word and n_words <= pattern.longest):
                hits.add((pattern.theme, token_of[first], token_of[last], pattern.number))
    return hits


_WORDS = [",", "the", "не", "didn't", "ļoti", "not"]


def pieces(lang):
    """Words of phrases in their order, and any words of phrases, with others between."""
    language = _CX._language(lang)
    texts = {number: [word.text for word in slot] for slot, number in language._slot_ids.items()}
    words = sorted({text for slot in texts.values() for text in slot})
    phrase = st.sampled_from(language.patterns).flatmap(
        lambda pattern: st.tuples(*(st.sampled_from(texts[slot]) for slot in pattern.slots)).map(list)
    )
    one = st.sampled_from(words).map(lambda word: [word])
    return st.lists(st.one_of(phrase, one, st.sampled_from([[word] for word in _WORDS])), max_size=6)


_PIECES = {lang: pieces(lang) for lang in ("en", "ru", "lv")}


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(_PIECES)))
def test_no_mention_is_lost_to_the_sets_that_are_asked_first(data, lang):
    words = [word for piece in data.draw(_PIECES[lang]) for word in piece]
    found = _CX._language(lang).find(words, 1.0)
    hits = {(theme, first, last, number) for _, _, first, last, theme, number in found}
    assert hits == every_hit(_CX, words, lang)
