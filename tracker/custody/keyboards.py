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
from itertools import permutations, product

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

#: The tone marks of the layout called Vietnamese: in a row of more than these, or with more possible orders, none is told.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
MOST_MARKS, MOST_ORDERS = 4, 100

#: Keys that a Vietnamese typing method takes for a mark on a letter before: Telex, then VNI.
_MARKS = frozenset("SFRXJZWAEOD0123456789")  # the two methods


def cleaned(text: str) -> str:
    """Return a scanned text without what scanners add: control characters, and the prefix that names its kind."""
    return _PREFIX.sub("", _CONTROL.sub("", text).strip())


def undone(text: str) -> Iterator[str]:
    """Yield what the text is if it was typed through each layout, as far as that changes it."""
    for name, back in _BACK.items():
        apart = "".join([sign if sign in back else _parted(sign) for sign in text])
        for typed in _orders(apart) if name == "Vietnamese" else [apart]:
            meant = "".join([back.get(sign, sign) for sign in typed])
            if meant != apart:
                yield meant


def _parted(sign: str) -> str:
    """Return a joined sign as it was typed: the hat of a letter belongs to the letter, as a key has both."""
    letter, *marks = list(unicodedata.normalize("NFD", sign))
    for hat in marks:
        if hat in "\u0302\u0306":
            marks.remove(hat)
            return unicodedata.normalize("NFC", letter + hat) + "".join(marks)
    return "".join([letter, *marks])


def _orders(text: str) -> Iterator[str]:
    """Yield every text that can have been typed: an editor may have sorted neighbouring tone marks.

    It sets the dot below before the marks above, as Unicode has it. Where they stand otherwise, nobody has.
    """
    choices = []
    for run in re.split(f"([{_TONES}]{{2,}})", text):
        if len(run) < 2 or run[0] not in _TONES or run != "".join(sorted(run, key=unicodedata.combining)):
            choices.append([run])
        elif len(run) > MOST_MARKS:
            return
        else:
            choices.append(sorted({"".join(order) for order in permutations(run)}))
    if math.prod(len(each) for each in choices) <= MOST_ORDERS:
        yield from map("".join, product(*choices))


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
