"""What says fast where a sentence can end or turn never says no where it does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from earful.text.clauses import _patterns
from earful.text.sentences import _CANDIDATE, _candidates

_PIECES = [
    *".!?…:;=)(<3xXdD^_-•🙂,",
    *(
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "xD",
        ":-)",
        ":'(",
        "👍🏽",
        "1. ",
        "2) ",
        "good",
        "Плохо",
        "Плюсы: ",
        "Pros:",
    ),
    *("но", "but", "however", ", зато ", "; ", "ſ", "K", "т.е.", "http://a.ru/b. "),
]


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
def test_what_a_sentence_can_end_at_is_found_from_where_it_begins(text):
    found = [(one.span(), one.lastgroup) for one in _candidates(text)]
    assert found == [(one.span(), one.lastgroup) for one in _CANDIDATE.finditer(text)]


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from(_PIECES), max_size=25).map("".join), st.sampled_from(["en", "ru", "bg", "lv"])
)
def test_where_a_sentence_turns_a_hint_says_so(text, lang):
    hint, turn, _ = _patterns(lang)
    assert hint.search(text) or not turn.search(text)
