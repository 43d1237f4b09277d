"""What comes out of a keyboard that a hand scanner types through: layouts, and Vietnamese typing methods.

The methods follow UniKey's rules with marks set freely in the word. They are written from the keys to the text,
and know nothing of how it is told back.
"""

import unicodedata

from tracker.custody.keyboards import LAYOUTS, US

VOWELS = "aeiouyăâêôơư"
TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
SHAPES = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}


def through(layout: str, keys: str) -> str:
    """Type on a layout what is on these keys of an American keyboard."""
    return keys.translate(str.maketrans(dict(zip(US, LAYOUTS[layout], strict=True))))


def caps_lock(keys: str) -> str:
    return keys.swapcase()


def _base(sign: str) -> str:
    return unicodedata.normalize("NFD", sign)[0].lower()


def _marked(word: list[str], at: int, mark: str) -> None:
    word[at] = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word[at]) + mark)


def _last(word: list[str], letters: str) -> int | None:
    return next((at for at in reversed(range(len(word))) if _base(word[at]) in letters), None)


def _by_words(text: str, key, breaks_at_digits: bool) -> str:
    out, word = [], []
    for sign in text:
        if sign.isalpha() or (sign.isdigit() and not breaks_at_digits and word):
            key(word, sign)
        else:
            out += [*word, sign]
            word = []
    return "".join([*out, *word])


def telex(text: str) -> str:
    def key(word: list[str], sign: str) -> None:
        low = sign.lower()
        vowel = _last(word, "aeiouy")
        if low in TELEX_TONES and vowel is not None:
            _marked(word, vowel, TELEX_TONES[low])
        elif low in "aeo" and (same := _last(word, low)) is not None:
            _marked(word, same, SHAPES["^"])
        elif low == "d" and (same := _last(word, "d")) is not None:
            word[same] = "Đ" if word[same].isupper() else "đ"
        elif low == "w" and (same := _last(word, "aou")) is not None:
            _marked(word, same, SHAPES["("] if _base(word[same]) == "a" else SHAPES["+"])
        elif low == "w":
            word.append("Ư" if sign.isupper() else "ư")
        elif low == "z" and vowel is not None:
            pass
        else:
            word.append(sign)

    return _by_words(text, key, True)


def vni(text: str) -> str:
    def key(word: list[str], sign: str) -> None:
        vowel = _last(word, "aeiouy")
        if sign in VNI_TONES and vowel is not None:
            _marked(word, vowel, VNI_TONES[sign])
        elif sign == "6" and (same := _last(word, "aeo")) is not None:
            _marked(word, same, SHAPES["^"])
        elif sign == "7" and (same := _last(word, "ou")) is not None:
            _marked(word, same, SHAPES["+"])
        elif sign == "8" and (same := _last(word, "a")) is not None:
            _marked(word, same, SHAPES["("])
        elif sign == "9" and (same := _last(word, "d")) is not None:
            word[same] = "Đ" if word[same].isupper() else "đ"
        else:
            word.append(sign)

    return _by_words(text, key, False)


WAYS = {
    "as it is": lambda keys: keys,
    "Telex": telex,
    "VNI": vni,
    "Telex, composed otherwise": lambda keys: unicodedata.normalize("NFD", telex(keys)),
    "caps lock": caps_lock,
    "caps lock and Telex": lambda keys: telex(caps_lock(keys)),
    "with the prefix of its kind": lambda keys: "]Q1" + keys,
    "with signs of control": lambda keys: f"\x02{keys}\x1d\x03",
    **{f"{name} keyboard": lambda keys, name=name: through(name, keys) for name in LAYOUTS},
    "Vietnamese keyboard, sorted": lambda keys: unicodedata.normalize("NFC", through("Vietnamese", keys)),
    "Vietnamese keyboard, joined": lambda keys: "".join(
        unicodedata.normalize("NFC", pair) for pair in _pairs(through("Vietnamese", keys))
    ),
}


def _pairs(text: str) -> list[str]:
    """Return each sign with the one mark after it, as an editor joins them."""
    found: list[str] = []
    for sign in text:
        if found and unicodedata.combining(sign) and len(found[-1]) == 1 and found[-1].isalpha():
            found[-1] += sign
        else:
            found.append(sign)
    return found
