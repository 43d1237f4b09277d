"""Numbers in Vietnamese words, as records repeat them: "40 thiết bị (bốn mươi thiết bị)".

A number is read in groups of three digits. Inside a group the last digit changes with what
stands before it: *năm* becomes *lăm* after mười and mươi, *một* becomes *mốt* and *bốn* becomes
*tư* after mươi; a zero ten is read *linh*.
"""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
GROUPS = ("", "nghìn", "triệu", "tỷ")
LIMIT = 10**12


def in_words(number: int) -> str:
    """Return `number` in words: 105 is "một trăm linh năm".

    Raises:
        ValueError: `number` is negative or has more than twelve digits.
    """
    if not 0 <= number < LIMIT:
        raise ValueError(f"{number} is not between 0 and {LIMIT - 1}")
    if number == 0:
        return DIGITS[0]
    spoken: list[str] = []
    for power in reversed(range(len(GROUPS))):
        group = number // 1000**power % 1000
        if group:
            spoken += _group(group, leading=not spoken)
            spoken.append(GROUPS[power])
    return " ".join(word for word in spoken if word)


def _group(group: int, *, leading: bool) -> list[str]:
    hundreds, rest = divmod(group, 100)
    spoken = [DIGITS[hundreds], "trăm"] if hundreds or not leading else []
    if rest:
        spoken += _below_hundred(rest, alone=not spoken)
    return spoken


def _below_hundred(rest: int, *, alone: bool) -> list[str]:
    tens, ones = divmod(rest, 10)
    if tens == 0:
        return [DIGITS[ones]] if alone else ["linh", DIGITS[ones]]
    spoken = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if ones:
        spoken.append(_last(ones, tens))
    return spoken


def _last(ones: int, tens: int) -> str:
    if ones == 5:
        return "lăm"
    if tens > 1:
        return {1: "mốt", 4: "tư"}.get(ones, DIGITS[ones])
    return DIGITS[ones]
