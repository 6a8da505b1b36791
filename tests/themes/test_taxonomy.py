from __future__ import annotations

from pathlib import Path

import pytest

from earful.errors import TaxonomyError
from earful.themes import taxonomy
from earful.themes.notation import parse_phrase
from earful.themes.taxonomy import ANY, builtin_taxonomies, load_taxonomy, parse_taxonomy

CONTRACT = """
awareness misleading | website_app crash usability speed login | checkout ordering payment
messages information | onboarding setup instructions
product quality defect durability features fit design taste | price value level fees
support reachability speed attitude competence resolution | delivery speed damage lost courier cost
returns process refund warranty | renewal cancellation billing | loyalty_programme rewards
store staff queue cleanliness comfort location availability | trust fraud privacy
"""


def parse(text: str):
    return parse_taxonomy([("my.toml", text)], name="my")


def refused(text: str) -> str:
    with pytest.raises(TaxonomyError) as caught:
        parse(text)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("my.toml")
    return message


@pytest.fixture(scope="module")
def cx():
    return load_taxonomy("cx")


def test_cx_has_exactly_the_themes_of_the_contract(cx):
    expected = []
    for group in CONTRACT.replace("\n", "|").split("|"):
        touchpoint, *names = group.split() or [""]
        expected += [f"{touchpoint}.{name}" for name in names]
    assert [theme.id for theme in cx.themes] == expected


def test_cx_is_complete_in_four_languages(cx):
    for theme in cx.themes:
        for lang in ("en", "ru", "bg", "lv"):
            assert theme.labels[lang].strip(), (theme.id, lang)
            assert len(set(theme.examples[lang])) >= 4, (theme.id, lang)
            assert len(theme.phrases[lang]) >= 4, (theme.id, lang)
        assert len(theme.description.split()) >= 6
        assert theme.touchpoint == theme.id.split(".")[0]
    labels = [theme.label("en") for theme in cx.themes]
    assert len(set(labels)) == len(labels)


def test_cx_words_are_written_in_the_script_of_their_language(cx):
    for theme in cx.themes:
        for lang in ("ru", "bg"):
            for text in (theme.labels[lang], *theme.examples[lang]):
                assert any("а" <= char <= "я" for char in text.lower()), text
        for text in (theme.labels["lv"], *theme.examples["lv"]):
            assert not any("а" <= char <= "я" for char in text.lower()), text


def test_description_and_examples_alone_are_enough():
    taxonomy = parse(
        '[[theme]]\nid = "a.b"\ndescription = "Long waits."\n[[theme]]\nid = "a.c"\nexamples = ["x y"]'
    )
    assert [theme.id for theme in taxonomy.themes] == ["a.b", "a.c"]
    assert taxonomy["a.c"].examples == {ANY: ("x y",)}
    assert taxonomy["a.b"].label() == "A: b"


def test_a_folder_and_a_file_say_the_same(tmp_path):
    words, theme = (
        '[words.en]\nbox = "box|parcel"\n',
        '[[theme]]\nid = "a.b"\nphrases = {en = ["lost @box"]}\n',
    )
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "0.toml").write_text(words, encoding="utf-8")
    (tmp_path / "folder" / "1.toml").write_text(theme, encoding="utf-8")
    (tmp_path / "folder.toml").write_text("\ufeff" + words + theme, encoding="utf-8")
    folder, file = load_taxonomy(tmp_path / "folder"), load_taxonomy(tmp_path / "folder.toml")
    assert folder == load_taxonomy(str(tmp_path / "folder"))
    assert folder.checksum == file.checksum
    assert folder.name == "folder"


def test_checksum_sees_what_decides_and_nothing_else():
    base = '[[theme]]\nid = "a.b"\ndescription = "One."\nphrases = {en = ["late parcel"]}\n'
    one = parse(base).checksum
    assert parse("# a comment\n" + base.replace(" = ", "   =  ")).checksum == one
    assert parse(base.replace("late", "lost")).checksum != one
    assert parse(base.replace("One.", "Two.")).checksum != one


def test_labels_fall_back():
    theme = parse('[[theme]]\nid = "a.b"\ndescription = "d"\nlabels = {lv = "Cena", en = "Price"}').themes[0]
    assert [theme.label("lv"), theme.label("ru"), theme.label()] == ["Cena", "Price", "Price"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[[theme]]\nid = 'a.b'\ndescripton = 'x'",
            "theme 'a.b': unknown key 'descripton' (did you mean 'description'?)",
        ),
        ("[[themes]]\nid = 'a.b'", "unknown key 'themes' (did you mean 'theme'?)"),
        ("[theme]\nid = 'a.b'", "[[theme]]"),
        (
            "[[theme]]\nid = 'a.b'\ndescription='x'\n[[theme]]\nid = 'a.b'\ndescription='x'",
            "'a.b' is there twice",
        ),
        ("[[theme]]\ndescription = 'x'", "number 1 has no id"),
        ("[[theme]]\nid = ' '\ndescription = 'x'", "number 1 has no id"),
        ("[[theme]]\nid = 'Delivery Speed'\ndescription = 'x'", "touchpoint.name"),
        ("[[theme]]\nid = 'speed'\ndescription = 'x'", "touchpoint.name"),
        ("[[theme]]\nid = 'a.b'", "says nothing"),
        ("[[theme]]\nid = 'a.b'\ndescription = ' '", "says nothing"),
        ("[[theme]]\nid = 'a.b'\ndescription = 3", "description"),
        ("[[theme]]\nid = 'a.b'\ndescription = 'x'\nlabels = {en = ''}", "labels.en is empty"),
        (
            "[[theme]]\nid = 'a.b'\ndescription = 'x'\nlabels = {English = 'x'}",
            "'English' is not a language code",
        ),
        ("[[theme]]\nid = 'a.b'\nphrases = {en = ['ok', '']}", "phrases.en"),
        ("[[theme]]\nid = 'a.b'\nexamples = {en = 'one'}", "examples.en"),
        ("[[theme]]\nid = 'a.b'\nphrases = {en = ['@boxes']}", "no word list 'boxes'"),
        ("[[theme]]\nid = 'a.b'\nphrases = {ru = ['& & &']}", "phrase '& & &' (ru)"),
        ("name = ''\n[[theme]]\nid = 'a.b'\ndescription = 'x'", "name"),
        ("[words.en]\nBox = 'a'", "'Box'"),
        ("[words]\nen = 'a'", "words.en"),
        ("[words.en]\nbox = 3", "words.en.box"),
        ("a = = 1", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(text, words):
    assert words in refused(text)


def test_an_empty_file_is_refused():
    with pytest.raises(TaxonomyError, match="holds no theme"):
        parse("")


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(TaxonomyError, match=r"no taxonomy 'cxx' \(did you mean 'cx'\?\)"):
        load_taxonomy("cxx")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TaxonomyError, match=r"no \.toml file"):
        load_taxonomy(tmp_path / "empty")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(TaxonomyError, match="not UTF-8"):
        load_taxonomy(tmp_path / "latin.toml")


def test_unknown_theme_names_the_nearest(cx):
    with pytest.raises(TaxonomyError, match=r"did you mean 'delivery.speed'"):
        cx["delivery.sped"]


def test_every_phrase_of_cx_opens(cx):
    for theme in cx.themes:
        for lang, phrases in theme.phrases.items():
            for phrase in phrases:
                assert parse_phrase(phrase, cx.words.get(lang)), phrase


@pytest.mark.parametrize("name", builtin_taxonomies())
def test_phrases_of_our_own_files_follow_the_notation(name):
    """A run takes that for granted, for to check them all takes long."""
    files = sorted((Path(taxonomy.__file__).parent / "data" / name).glob("*.toml"))
    read = parse_taxonomy([(str(file), file.read_text(encoding="utf-8")) for file in files], name=name)
    assert read.themes == load_taxonomy(name).themes


def test_a_file_of_somebody_elses_is_checked(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[[theme]]\nid = "a.b"\nphrases = {en = ["@nowhere"]}\n', encoding="utf-8")
    with pytest.raises(TaxonomyError, match=r"mine\.toml"):
        load_taxonomy(path)
