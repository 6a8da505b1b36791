import time
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from earful.pipeline import Batch, run_stages
from earful.text.mending import mendings
from earful.text.normalise import Clean, Normalise, _clusters, clean

SCRIPTS = {
    "Arabic": "الخدمة ممتازة جداً، شكراً لكم",
    "Persian": "می‌خواهم دوباره بیایم",
    "Japanese": "ラーメンとコーヒーが美味しかったー！",
    "Thai": "อาหารอร่อยมากครับ",
    "Hindi": "सेवा बहुत अच्छी थी",
    "Hebrew": "שירות מצוין, תודה",
    "Chinese": "服务很好，东西便宜。",
    "Korean": "정말 맛있어요",
    "Russian": "Ёлка, объём и йогурт",
    "Bulgarian": "Ъгълът е чудесен, ѝ казах",
    "Latvian": "Ļoti garšīgi ēdieni, čau!",
    "Greek": "Πολύ ωραίο φαγητό",
    "emoji": "👨‍👩‍👧‍👦 🇧🇬 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 1️⃣ 👍🏽 ☹️",
    "Latin": "Čia ąžuolas, łódź, çok güzel, naïve café",
}


def text_of(raw):
    return clean(raw)[0].text


@pytest.mark.parametrize("raw", SCRIPTS.values(), ids=SCRIPTS)
def test_plain_text_of_any_script_stays_as_it_is(raw):
    raw = unicodedata.normalize("NFC", raw)
    assert clean(raw) == (Clean(raw), False)


@pytest.mark.parametrize(
    "raw",
    [
        "a < b",
        "<3",
        "I <3 it",
        "x<y and y>z",
        "a<b and b>c",
        "5 > 3 < 4",
        "<user> said",
        "<- back",
        "->",
        "R&D",
        "AT&T",
        "?a=1&copy=2",
        "&foo;",
        "fish & chips",
        "<>",
        "< b >",
        "<!-- open",
        "1<2",
        "<ivan@example.org>",
    ],
)
def test_what_is_no_markup_stays(raw):
    assert text_of(raw) == raw


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("<b>good</b>bad", "goodbad"),
        ("one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"),
        ("<p class='x'>one</p><p>two", "\none\n\ntwo"),
        ('<a href="x?a>b" target=_blank disabled>link</a>', "link"),
        ('<a href="x"class="y">link</a>', "link"),
        ("<script>if (a<b) alert('</b>')</script>ok", "ok"),
        ("<STYLE>p{}</style >ok", "ok"),
        ("<script>never closed", "never closed"),
        ("a<!-- <b>note</b> -->b", "ab"),
        ("<!DOCTYPE html><html>x</html>", "\nx\n"),
        ("<o:p></o:p>x", "x"),
        ("one<img src=x onerror=alert(1)>two", "one two"),
        ("&lt;b&gt; &amp;amp; &quot;x&quot;", '<b> &amp; "x"'),
        ("it&#39;s &#x1F600; &nbsp;&eacute;", "it's 😀  é"),
        ("&#146;", "’"),
        ("e&#x301;", "é"),
    ],
)
def test_markup_goes_and_entities_are_decoded_once(raw, cleaned):
    assert text_of(raw) == cleaned


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x07c\td\x1be\x85f", "ab c\td e f"),
        ("\ufeffso\u00adft\u200b zero\u2060", "soft zero"),
        ("a\u00a0b", "a b"),
        ("\ud83d\ude00", "😀"),
        ("half \ud83d", "half \ufffd"),
        ("a\u200db \u200c", "ab "),
        ("क्\u200dष 👩\u200d🚀", "क्\u200dष 👩\u200d🚀"),
        ("no\ufe0f yes❤\ufe0f", "no yes❤\ufe0f"),
        ("\u200fשלום", "שלום"),
    ],
)
def test_control_and_invisible_characters(raw, cleaned):
    assert text_of(raw) == cleaned


def test_every_offset_leads_back_to_what_it_came_from():
    raw = "<p>Хороши\u0438\u0306 &amp; <b>де\u0301шево</b>\u200b!</p>"
    result, _ = clean(raw)
    assert result.text == "\nХороший & де\u0301шево!\n"

    def back(words):
        start = result.text.index(words)
        return raw[slice(*result.to_raw(start, start + len(words)))]

    assert back("й") == "\u0438\u0306"
    assert back("&") == "&amp;"
    assert back("де\u0301шево") == "де\u0301шево"
    assert back("& де") == "&amp; <b>де"
    assert back("!") == "!"
    assert raw[slice(*result.to_raw(0, 1))] == "<p>"


def test_decomposed_letters_are_composed():
    for text in ("й ё ѝ", "ā ē ģ ņ š", "é ö ñ", "각"):
        result, _ = clean(unicodedata.normalize("NFD", text))
        assert result.text == text
        assert result.to_raw(0, len(text)) == (0, len(unicodedata.normalize("NFD", text)))


def test_a_stretch_outside_the_text_is_refused():
    with pytest.raises(IndexError, match=r"\[2, 5\) does not lie in a text of 3"):
        Clean("abc").to_raw(2, 5)


def test_clusters_hold_all_that_composes():
    composing = _clusters()
    for code in range(0x300, 0x30000):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            pair = chr(int(parts[0], 16)) + chr(int(parts[1], 16))
            found = composing.search(unicodedata.normalize("NFD", pair))
            assert found, hex(code)


def test_the_limit_counts_words_not_markup():
    assert clean("<b>abc</b>def", 6) == (clean("<b>abc</b>def", 100)[0], False)
    result, truncated = clean("<b>abc</b>defg", 6)
    assert (result.text, truncated) == ("abcdef", True)
    assert result.to_raw(3, 6) == (10, 13)
    assert clean("x" * 7, 6)[1]
    assert not clean("x" * 6, 6)[1]


def test_the_limit_parts_no_character_from_its_marks():
    assert clean("abcde\u0301f", 5)[0].text == "abcd"
    assert clean("ab👩\u200d🚀", 4)[0].text == "ab"
    assert clean("abc\r\nd", 4)[0].text == "abc"


HOSTILE = {
    "<": "<" * 10_000_000,
    "&": "&" * 10_000_000,
    "open tags": "<a " * 1_000_000,
    "tags": "<b>" * 1_000_000,
    "nested": "<div>" * 500_000 + "x" + "</div>" * 500_000,
    "comments": "<!--" * 2_500_000,
    "scripts": "<script>" * 100_000,
    "quotes": "<a x=" + "'" * 10_000_000,
    "attributes": "<a " + "x=" * 5_000_000,
    "entities": "&#12" * 2_500_000,
    "marks": "a" + "\u0301\u0316" * 50_000,
    "NUL": "\x00" * 10_000_000,
    "joiners": "\u200d" * 1_000_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_linear_time(raw):
    began = time.process_time()
    result, _ = clean(raw, 20_000)
    assert time.process_time() - began < 5
    assert len(result.text) <= 20_000


PLAIN = st.text(
    st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Zl", "Zp"], blacklist_characters="<&\xa0")
)
ANY = st.text(
    st.one_of(
        st.characters(), st.sampled_from(list("<>&;/ab\"'= \r\n\u0301\u200d\u200c\ufe0f❤👩कЙи\u0306\x00#x1"))
    )
)


@given(PLAIN)
def test_plain_text_is_only_brought_to_nfc(raw):
    kept = "".join(c for c in raw if not ("\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef"))
    assume(not mendings(kept))  # what looks like UTF-8 read in a wrong code page is not plain
    assert clean(kept)[0].text == unicodedata.normalize("NFC", kept)


@given(PLAIN.filter(lambda raw: unicodedata.is_normalized("NFC", raw)))
def test_cleaning_again_changes_nothing(raw):
    once = text_of(raw)
    assert text_of(once) == once


@given(ANY)
@example("<b>й&amp;</b>")
def test_slices_map_in_order_and_inside_the_text(raw):
    result, _ = clean(raw)
    last_start = last_end = 0
    for place in range(len(result.text)):
        start, end = result.to_raw(place, place + 1)
        assert last_start <= start < end <= len(raw)
        assert end >= last_end
        assert result.to_raw(0, place + 1)[1] == end
        last_start, last_end = start, end
    assert result.to_raw(len(result.text), len(result.text))[0] <= len(raw)


@given(ANY)
def test_an_unchanged_character_comes_from_itself(raw):
    result, _ = clean(raw)
    for place, character in enumerate(result.text):
        start, end = result.to_raw(place, place + 1)
        if end - start == 1 and character not in " \n\ufffd" and unicodedata.is_normalized("NFC", raw[start]):
            assert raw[start] == character


def test_the_stage_adds_texts_and_truncated():
    reviews = pa.table({"text": pa.array(["<b>a</b>", "", None, "abcdef"], pa.string())})
    batch = run_stages(Batch(reviews), [Normalise(limit=5)])
    assert [one.text for one in batch.texts] == ["a", "", "", "abcde"]
    assert batch.column("truncated") == [False, False, False, True]
