import pyarrow as pa
import pytest

from earful.pipeline import Batch
from earful.text.answers import Answers, is_non_answer
from earful.text.normalise import clean


@pytest.mark.parametrize(
    "text",
    [
        "n/a",
        "N/A",
        "N.A.",
        "None",
        "none.",
        "Nothing",
        "nothing!",
        "-",
        "--",
        "...",
        "?",
        ".",
        "don't know",
        "Don’t know.",
        "I DON'T KNOW",
        "dont know",
        "idk",
        "No comment",
        "no comments",
        "test",
        "asdf",
        "null",
        "x",
        "нет",
        "Не знаю",
        "НИЧЕГО",
        "без комментариев",
        "Няма",
        "не знам",
        "нищо",
        "nav",
        "Nezinu",
        "nekas",
        "keine Ahnung",
        "weiß nicht",
        "Weiss nicht",
        "nada",
        "no sé",
        "sin comentarios",
        "rien",
        "Je ne sais pas",
        "RAS",
        "niente",
        "non so",
        "nic",
        "nie wiem",
        "brak",
        "niets",
        "n.v.t.",
        "weet ik niet",
        "nada a declarar",
        "não sei",
        "yok",
        "bilmiyorum",
        " none \n",
    ],
)
def test_says_nothing(text):
    assert is_non_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "nothing works",
        "Good",
        "no delivery",
        "нет доставки",
        "няма паркинг",
        "nav garšīgi",
        "ничего хорошего",
        "Нормально",
        "rien ne marche",
        "5",
        "10/10",
        "😀",
        "👍",
        ":)",
        ")))",
        "!!!",
        "<3",
        "好",
        "не работи",
        "I don't know why it broke",
        "tests fail",
        "Nada funciona",
        "not good",
        "no problems",
        "all good",
        "",
        "  ",
    ],
)
def test_is_an_answer(text):
    assert not is_non_answer(text)


def test_long_texts_are_answers_but_rows_of_marks_are_not():
    assert not is_non_answer("nothing " * 50)
    assert is_non_answer("-" * 10_000)
    assert not is_non_answer("😀" * 10_000)


def test_a_title_that_says_something_is_an_answer_too():
    texts = ["-", "n/a", "n/a", "нет", "Late."]
    titles = ["Broke after a week", None, "  ", "n/a", None]
    table = pa.table({"text": texts, "title": pa.array(titles, pa.string())})
    batch = Batch(table, texts=tuple(clean(text)[0] for text in texts))
    marked = Answers()(batch).reviews.column("non_answer").to_pylist()
    assert marked == [False, True, True, True, False]
