"""What a hand scanner meant that types through a keyboard other than its own.

A scanner presses the keys of an American keyboard. A computer that is set to another makes other signs of
them, the same for each key, so they can be told back. Vietnamese typing methods (Telex, VNI) only reach the
host's name: the symbols of our codes are chosen so that they alter none.

Layouts: as Windows has them. The one it calls Vietnamese has letters and tone marks on the row of digits.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations, product

#: The keys of an American keyboard, row by row, without and with the shift key.
US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"

LAYOUTS = {
    "French": "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
    "German": "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    "Spanish": "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-ª!\"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_",
    "Italian": "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-|!\"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_",
    "Japanese": "`1234567890-^qwertyuiop@[]asdfghjkl;:zxcvbnm,./~!\"#$%&'()_=~QWERTYUIOP`{}ASDFGHJKL+*ZXCVBNM<>?",
    "Russian": 'ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю.Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
    "Vietnamese": (
        "`ăâêô\u0300\u0309\u0303\u0301\u0323đ-₫qwertyuiopươ\\asdfghjkl;'zxcvbnm,./"
        '~ĂÂÊÔ\u0300\u0309\u0303\u0301\u0323Đ_+QWERTYUIOPƯƠ|ASDFGHJKL:"ZXCVBNM<>?'
    ),
}

#: Of a sign that two keys make, the first is meant: codes have digits, and no tone mark is typed with shift.
_BACK = {
    name: {sign: key for key, sign in reversed(list(zip(US, signs, strict=True)))}
    for name, signs in LAYOUTS.items()
}

#: What a scanner may set before the text to say of which kind the code was (ISO/IEC 15424).
_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Za-z]")

_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

#: The tone marks of the layout called Vietnamese: with more possible orders than these, none is told.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
MOST_ORDERS = 100
_DOT = "\u0323"
_WITH_MARKS = re.compile(f"[^{_TONES}\u0302\u0306][{_TONES}\u0302\u0306]*|[{_TONES}\u0302\u0306]+", re.DOTALL)

#: Keys that a Vietnamese typing method takes for a mark on a letter before: Telex, then VNI.
_MARKS = frozenset("SFRXJZWAEOD0123456789")  # the two methods


def cleaned(text: str) -> str:
    """Return a scanned text without what scanners add: control characters, and the prefix that names its kind."""
    return _PREFIX.sub("", _CONTROL.sub("", text).strip())


def undone(text: str) -> Iterator[str]:
    """Yield what the text is if it was typed through each layout, as far as that changes it."""
    for name, back in _BACK.items():
        for typed in _orders(text) if name == "Vietnamese" else [text]:
            meant = "".join([back.get(sign, sign) for sign in typed])
            if meant != text:
                yield meant


def _orders(text: str) -> Iterator[str]:
    """Yield every text that can have been typed where now this one stands, with each tone mark by itself.

    An editor may have joined marks with letters, and sorted them: the dot below comes before the marks above, as
    Unicode has it. A text that is not sorted is as it was typed.
    """
    is_sorted = unicodedata.normalize("NFC", text) == text
    signs = _WITH_MARKS.findall(unicodedata.normalize("NFD", text)) if is_sorted else text
    runs = re.split(f"([{_TONES}]{{2,}})", "".join([_parted(one) for one in signs]))
    # Every second part is a row of marks.
    choices = [_sorts(run) if is_sorted and at % 2 else [run] for at, run in enumerate(runs)]
    if math.prod(len(each) for each in choices) <= MOST_ORDERS:
        yield from map("".join, product(*choices))


def _sorts(run: str) -> list[str]:
    """Return what a row of marks may have been before the dots among them came first."""
    above = run.replace(_DOT, "")
    found = []
    for dots in combinations(range(len(run)), len(run) - len(above)):
        rest = iter(above)
        found.append("".join(_DOT if at in dots else next(rest) for at in range(len(run))))
    return found


def _parted(sign: str) -> str:
    """Return a letter and its marks as they were typed: a hat belongs to the letter, as one key has both."""
    letter, *marks = list(unicodedata.normalize("NFD", sign))
    for hat in marks:
        if hat in "\u0302\u0306":
            marks.remove(hat)
            return unicodedata.normalize("NFC", letter + hat) + "".join(marks)
    return "".join([letter, *marks])


def is_host(typed: str, own: str) -> bool:
    """Return whether `typed` is the name of the host `own`, perhaps typed by a Vietnamese method.

    Such a method takes a key for a mark on a letter before it, so each letter that is missing needs a mark
    that is there. Without marks the names must be the same.
    """
    typed, own = typed.upper(), own.upper()
    if typed == own:
        return True
    apart = unicodedata.normalize("NFD", typed.replace("Đ", "D\u0335"))
    marks = sum(unicodedata.combining(sign) > 0 for sign in apart)
    left = "".join(sign for sign in apart if not unicodedata.combining(sign))
    missing = len(own) - len(left)
    if not 0 < missing <= marks:
        return False
    at = 0
    for sign in own:
        if at < len(left) and left[at] == sign:
            at += 1
        elif sign not in _MARKS:
            return False
    return at == len(left)
