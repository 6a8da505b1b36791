import pytest

from earful.text.answers import is_non_answer


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
