"""Answers that say nothing: ``n/a``, ``don't know``, ``-``, ``нет``, ``nav``, ``asdf``.

An answer counts as one only as a whole: "nothing works" says a lot.
"""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa

from earful.pipeline import Batch

__all__ = ["Answers", "is_non_answer"]

#: Folded answers (see _fold) by language, parted by "|"; junk is typed to get past the question.
_NON_ANSWERS = {
    "en": (
        "n a|na|n|none|non|nil|null|nan|nothing|nope|no|nothing really|nothing to add|nothing to say|"
        "nothing else|nothing special|nothing in particular|nothing comes to mind|nothing more|"
        "nothing at all|not really|not applicable|not sure|unsure|dont know|do not know|don t know|"
        "i don t know|i dont know|i do not know|idk|dunno|no idea|no comment|no comments|no comment s|"
        "no answer|no response|no opinion|no feedback|no suggestions|no suggestion|no reason|no review|"
        "no text|no remarks|cant say|can t say|cannot say|cant think of anything|can t think of anything|"
        "i have nothing to add|i have no comment|i have no comments|prefer not to say|skip|pass|blank|"
        "empty|unknown|undefined|see above|as above|same as above|ditto|tbd|tba|as stated|"
        "already answered"
    ),
    "ru": (
        "нет|не|нету|ничего|нечего|не знаю|незнаю|не могу сказать|затрудняюсь ответить|затрудняюсь|"
        "без комментариев|нет комментариев|комментариев нет|нет ответа|без ответа|нет мнения|"
        "нечего сказать|нечего добавить|ничего не могу сказать|ничего не скажу|ничего особенного|"
        "не применимо|неприменимо|нет отзыва|без отзыва|пусто|нет слов для отзыва|нет предложений|"
        "нет пожеланий|пожеланий нет|предложений нет|хз|не помню|пропустить|н д|нд|не указано|"
        "отсутствуют|отсутствует"
    ),
    "bg": (
        "няма|нямам|нищо|не знам|незнам|не мога да кажа|без коментар|нямам коментар|няма коментар|"
        "нямам мнение|няма мнение|без мнение|без отговор|няма отговор|нищо особено|нищо конкретно|"
        "нищо за добавяне|нямам какво да добавя|нямам какво да кажа|не съм сигурен|не съм сигурна|"
        "неприложимо|нямам предложения|няма предложения|не е приложимо"
    ),
    "lv": (
        "nav|ne|nē|nekas|neko|nezinu|nevaru pateikt|grūti pateikt|bez komentāriem|bez komentāra|"
        "nav komentāru|nav ko teikt|nav ko piebilst|nav viedokļa|nav atbildes|nekas īpašs|neko īpašu|"
        "neesmu pārliecināts|neesmu pārliecināta|nav zināms|nav piemērojams|nav ieteikumu|"
        "nav priekšlikumu|bez atbildes"
    ),
    "lt": (
        "nėra|ne|nieko|nežinau|be komentarų|neturiu ką pasakyti|nėra komentarų|neturiu nuomonės|"
        "sunku pasakyti|jokių"
    ),
    "uk": "немає|нема|ні|нічого|не знаю|без коментарів|немає коментарів|важко сказати|нічого сказати",
    "de": (
        "nichts|nein|keine|kein|keiner|keines|keinen|weiß nicht|weiss nicht|ich weiß nicht|"
        "ich weiss nicht|ich weiß es nicht|weiß ich nicht|weiss ich nicht|keine ahnung|k a|ka|"
        "kein kommentar|keine angabe|keine angaben|keine meinung|keine antwort|nichts besonderes|"
        "nichts hinzuzufügen|entfällt|nicht zutreffend|fällt mir nichts ein|mir fällt nichts ein"
    ),
    "es": (
        "nada|ninguno|ninguna|no sé|no se|no lo sé|no lo se|ni idea|sin comentarios|sin comentario|"
        "ningún comentario|ningun comentario|no aplica|no tengo comentarios|nada que decir|"
        "nada que añadir|nada más|nada en particular|nada en especial|no procede|no contesta|ns nc|nsnc|"
        "sin respuesta|sin opinión"
    ),
    "fr": (
        "rien|non|aucun|aucune|je ne sais pas|je sais pas|sais pas|ne sais pas|ne sait pas|jsp|"
        "aucune idée|pas de commentaire|pas de commentaires|sans commentaire|aucun commentaire|"
        "rien à dire|rien a dire|rien à ajouter|rien à signaler|ras|r a s|rien de particulier|"
        "rien de spécial|sans avis|pas d avis|sans opinion|néant|sans objet|pas de réponse|nsp|"
        "ne se prononce pas"
    ),
    "it": (
        "niente|nulla|nessuno|nessuna|non so|non lo so|non saprei|nessun commento|nessuna idea|"
        "niente da dire|niente da aggiungere|nulla da dire|nulla da aggiungere|niente di particolare|"
        "non applicabile|no comment|senza commento|boh|nessuna opinione"
    ),
    "pl": (
        "nic|nie|brak|nie wiem|nie mam zdania|bez komentarza|brak komentarza|brak komentarzy|brak uwag|"
        "nie dotyczy|nic szczególnego|trudno powiedzieć|brak zdania|bez uwag|nie mam uwag|nie pamiętam|"
        "brak odpowiedzi"
    ),
    "nl": (
        "niets|nee|geen|geen idee|weet niet|weet ik niet|ik weet het niet|weet het niet|geen commentaar|"
        "geen opmerkingen|geen mening|nvt|n v t|niet van toepassing|niks|niets bijzonders|"
        "niets te melden|geen antwoord"
    ),
    "pt": (
        "não|nao|nada|nenhum|nenhuma|não sei|nao sei|sem comentários|sem comentarios|sem comentário|"
        "nenhum comentário|não se aplica|nao se aplica|nada a declarar|nada a dizer|nada a acrescentar|"
        "sem opinião|sem resposta|nada de especial"
    ),
    "tr": (
        "yok|hiç|hiçbir şey|hiçbirşey|hiç bir şey|bilmiyorum|bilmem|fikrim yok|yorum yok|yorumum yok|"
        "cevap yok|hayır|boş|geçerli değil"
    ),
    "junk": (
        "test|testing|test test|тест|тестване|tests|asdf|asdfg|asdfgh|asdfghjkl|qwe|qwer|qwert|qwerty|"
        "йцукен|фыва|ываыва|qqq|aaa|zzz|ааа|lorem ipsum|abc|abcd|абв|blah|blah blah|blah blah blah|"
        "бла бла|бла бла бла"
    ),
}
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_NOT_LETTERS = re.compile(r"[^\w]+|_+")
_EMOTICON = re.compile(r"[:;=8][\-^'o]?[()\[\]{}|/\\*<>]|[()]{2,}|<3|\^_*\^|[!]{2,}")
#: Longest answer that is looked at: what is longer says something.
_MAX_LENGTH = 60


def is_non_answer(text: str) -> bool:
    """Say whether a text, as a whole, says nothing.

    Parameters
    ----------
    text
        A cleaned text. Punctuation alone is a non-answer; emoji, emoticons and ``!!!`` are answers, as they
        carry feeling, and so are digits, which may be a score. An empty text is no answer at all, and so not
        a non-answer.
    """
    stripped = text.strip()
    if not stripped:
        return False
    if len(stripped) > _MAX_LENGTH:
        return not any(character.isalnum() or _feels(character) for character in stripped)
    folded = _fold(stripped)
    if folded:
        return folded in _KNOWN or (len(folded) == 1 and folded.isalpha() and folded.isascii())
    return not (_EMOTICON.search(stripped) or any(map(_feels, stripped)))


def _feels(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} and character not in "`´¨^¯°"


def _fold(text: str) -> str:
    """Fold case, drop apostrophes' shape, and make one space of all between letters and digits."""
    plain = _APOSTROPHES.sub(" ", unicodedata.normalize("NFC", text).casefold())
    return _NOT_LETTERS.sub(" ", plain).strip()


_KNOWN = frozenset(_fold(answer) for line in _NON_ANSWERS.values() for answer in line.split("|"))


class Answers:
    """Stage: mark the reviews whose words say nothing."""

    name = "answers"
    requires: tuple[str, ...] = ("texts",)
    adds: tuple[str, ...] = ("reviews.non_answer",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.non_answer``."""
        return batch.with_reviews(
            non_answer=pa.array([is_non_answer(clean.text) for clean in batch.texts], pa.bool_())
        )
