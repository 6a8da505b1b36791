from earful.pages.quotes import given, mismatched, theme_quotes, typical
from earful.runs.store import Store


def quotes(builder, *themes, **options):
    with Store.of(builder.write()) as store:
        return theme_quotes(store, themes, **options)


def test_a_term_is_cut_out_exactly_also_beyond_the_basic_plane(builder):
    row = builder.review("😀👍🏽 Ужас! Батарея 🔋 сдохла через день, больше не куплю.", score=-0.9, lang="ru")
    builder.mention(row, "t", "сдохла", "negative")
    (quote,) = quotes(builder, "t")["t"]
    assert quote.term == "сдохла"
    assert (
        quote.before + quote.term + quote.after
        == "😀👍🏽 Ужас! Батарея 🔋 сдохла через день, больше не куплю."
    )


def test_the_other_side_is_heard_and_languages_take_turns(builder):
    for k in range(6):
        builder.mention(
            builder.review(f"Very late again, number {k}, I am quite fed up.", score=-0.99),
            "t",
            "late",
            "negative",
            -0.99,
        )
    ru = builder.review("Опять всё привезли с опозданием на неделю.", score=-0.7, lang="ru")
    builder.mention(ru, "t", "опозданием", "negative", -0.7)
    good = builder.review("Never late, always a pleasure to order here.", score=0.6)
    builder.mention(good, "t", "late", "positive", 0.6)
    chosen = quotes(builder, "t")["t"]
    assert [quote.review["polarity"] for quote in chosen] == ["negative", "negative", "positive"]
    assert {quote.review["lang"] for quote in chosen[:2]} == {"en", "ru"}


def test_a_review_that_says_the_contrary_as_a_whole_comes_last(builder):
    odd = builder.review("They said it never arrived, what luck, a great day!", score=0.99)
    builder.mention(odd, "t", "never arrived", "negative", -0.99)
    stars = {"rating_min": 1.0, "rating_max": 5.0}
    rated = builder.review("It never arrived, a neighbour had taken it in.", score=-0.9, rating=5.0, **stars)
    builder.mention(rated, "t", "never arrived", "negative", -0.98)
    plain = builder.review("It never arrived and nobody told me why.", score=-0.5, rating=1.0, **stars)
    builder.mention(plain, "t", "never arrived", "negative", -0.5)
    chosen = [quote.review["row"] for quote in quotes(builder, "t")["t"]]
    assert chosen[0] == plain
    assert set(chosen[1:]) == {odd, rated}


def test_a_review_is_quoted_once_and_copies_and_non_answers_never(builder):
    one = builder.review("Late and broken, both at the same time, well done.", score=-0.9)
    copy = builder.review("Late and broken, both at the same time, well done.", score=-0.9, duplicate_of=one)
    none = builder.review("late", score=-0.9, non_answer=True)
    for row in (one, copy, none):
        builder.mention(row, "a", "ate", "negative")
    builder.mention(one, "b", "broken", "negative")
    chosen = quotes(builder, "a", "b")
    assert [quote.review["row"] for quote in chosen["a"]] == [one]
    assert chosen["b"] == []


def test_a_huge_text_is_cut_to_a_window_of_whole_sentences(builder):
    filler = "Nothing to see here, move along please. " * 30_000
    row = builder.review(filler + "The courier threw it over the fence. " + filler, score=-0.9)
    builder.mention(row, "t", "threw it", "negative")
    (quote,) = quotes(builder, "t")["t"]
    assert quote.cut_before
    assert quote.cut_after
    assert len(quote.before) <= 160
    assert len(quote.after) <= 220
    assert quote.before.startswith("Nothing")
    assert quote.after.endswith(".")


def test_a_word_without_end_is_cut_somewhere(builder):
    row = builder.review("a" * 5000 + "bad" + "z" * 5000, score=-0.9)
    builder.mention(row, "t", "bad", "negative")
    (quote,) = quotes(builder, "t")["t"]
    assert quote.term == "bad"
    assert len(quote.before) <= 160


def test_the_choice_does_not_depend_on_the_order_of_mentions(builder):
    for k in range(40):
        row = builder.review(f"Broken on day {k}, what a shame it is indeed.", score=-0.5)
        builder.mention(row, "t", "Broken", "negative", -0.5)
    first = [quote.review["row"] for quote in quotes(builder, "t")["t"]]
    builder.tables["mentions"].reverse()
    builder.tables["reviews"].reverse()
    assert [quote.review["row"] for quote in quotes(builder, "t")["t"]] == first


def test_mismatches_come_surest_first_and_without_copies(builder):
    builder.review("So-so", score=-0.4, mismatch="score_above_text", mismatch_q=0.09)
    sure = builder.review("Awful", score=-0.9, mismatch="score_above_text", mismatch_q=0.01)
    builder.review("Awful", score=-0.9, mismatch="score_above_text", mismatch_q=0.01, duplicate_of=sure)
    builder.review("Fine", score=0.4)
    with Store.of(builder.write()) as store:
        assert [quote.before for quote in mismatched(store, 10)] == ["Awful", "So-so"]


def test_the_typical_sentence_is_of_the_theme_that_most_reviews_speak_of(builder):
    for k in range(3):
        builder.mention(
            builder.review(f"Late again, number {k}, all of it.", score=-0.5 - 0.1 * k),
            "t.late",
            "Late",
            "negative",
            -0.5 - 0.1 * k,
        )
    loud = builder.review("Broken, the worst that I have ever had.", score=-0.99)
    builder.mention(loud, "t.broken", "Broken", "negative", -0.99)
    other = builder.review("Late, and this one is of another group.", score=-0.95)
    builder.mention(other, "t.late", "Late", "negative", -0.95)
    with Store.of(builder.write()) as store:
        quote = typical(store, [0, 1, 2, loud], "negative")
        assert (quote.term, quote.review["theme"], quote.review["of_theme"]) == ("Late", "t.late", 3)
        assert quote.review["row"] == 2
        assert typical(store, [0, 1, 2, loud], "negative", "t.b").review["row"] == loud
        assert typical(store, [0, 1], "positive") is None
        assert typical(store, [], "negative") is None


def test_reviews_are_given_in_the_order_asked_for_without_copies_and_silence(builder):
    for k in range(4):
        builder.review(f"words {k}", score=0.1)
    copy = builder.review("words 0", score=0.1, duplicate_of=0)
    silent = builder.review("")
    with Store.of(builder.write()) as store:
        found = given(store, [copy, 3, silent, 1, 0, 77], 2)
        assert [quote.before for quote in found] == ["words 3", "words 1"]
        assert given(store, [], 2) == []


def test_mismatches_of_some_reviews_with_one_side_first(builder):
    up = builder.review("bad words", score=-0.9, mismatch="score_above_text", mismatch_q=0.01)
    down = builder.review("good words", score=0.9, mismatch="text_above_score", mismatch_q=0.05)
    builder.review("other words", score=-0.9, mismatch="score_above_text", mismatch_q=0.001)
    with Store.of(builder.write()) as store:
        found = mismatched(store, 5, among=[up, down], side="text_above_score")
        assert [quote.review["row"] for quote in found] == [down, up]
        assert len(mismatched(store, 5)) == 3
