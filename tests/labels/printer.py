"""Two label printers: they read the commands that `labels.tspl` and `labels.zpl` use, strictly, and paint the labels.

What a real printer would skip, clip or misread is a `Jam` here: an unknown command, a value out of its bounds, a
picture that is not exactly as long as it says or leaves the label, a control sequence amid a picture.
"""

import re
import zlib
from base64 import b64decode
from binascii import crc_hqx
from dataclasses import dataclass

from PIL import Image, ImageChops

WHITE, BLACK = 0, 255  # of the buffer, turned over when printed
HEAD = 104  # mm


class Jam(Exception):
    pass


@dataclass(frozen=True)
class Printed:
    """One label as it leaves the printer: black on white, in its dots; and how many of them."""

    image: Image.Image
    copies: int


def dots(millimetres: str, dpi: int) -> int:
    # A head of 203 dpi has 8 dots a millimetre, one of 300 has 11.8, one of 600 has 23.6: up to one dot more or less.
    return round(float(millimetres) / 25.4 * dpi)


def _int(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"0|[1-9]\d*", text) or not least <= int(text) <= most:
        raise Jam(f"{text} is not from {least} to {most}")
    return int(text)


def _mask(rows: bytes, width: int, height: int) -> Image.Image:
    return Image.frombytes("1", (width, height), rows).convert("L")


def _paste(label: Image.Image, picture: Image.Image, x: int, y: int, slack: int) -> None:
    """Paint over the label. The last byte of a row may reach beyond it with up to `slack` white dots."""
    if x + picture.width > label.width + slack or y + picture.height > label.height:
        raise Jam(f"{picture.size} at {x}, {y} is outside of a label of {label.size}")
    beyond = picture.crop((label.width - x, 0, max(picture.width, label.width - x), picture.height))
    if beyond.size[0] and beyond.getbbox():
        raise Jam("black beyond the label's edge")
    label.paste(picture, (x, y))


# TSPL


_TSPL = {
    "SIZE": r"([\d.]+) mm,([\d.]+) mm",
    "GAP": r"0,0|(?:[1-9]|1\d|2[0-5]|0(?=\.[1-9]))(?:\.\d+)? mm,0 mm",
    "DIRECTION": "0,0",
    "REFERENCE": "0,0",
    "DENSITY": r"\d+",
    "SPEED": r"\d+",
    "CLS": "",
    "PRINT": r"1,(\d+)",
}
_BOUNDS = {"DENSITY": (0, 15), "SPEED": (1, 14)}


class Tspl:
    """A printer of `dpi`. 0 burns in its pictures."""

    def __init__(self, dpi: int) -> None:
        self.dpi = dpi
        self.size: tuple[int, int] | None = None
        self.buffer: Image.Image | None = None
        self.printed: list[Printed] = []
        self.settings: dict[str, str] = {}

    def read(self, program: bytes) -> list[Printed]:
        at = 0
        while at < len(program):
            picture = re.compile(rb"BITMAP (\d+),(\d+),(\d+),(\d+),0,").match(program, at)
            if picture:
                at = self._bitmap(program, picture)
                continue
            end = program.find(b"\r\n", at)
            if end < 0:
                raise Jam("the last line has no end")
            self._line(program[at:end].decode("ascii"))
            at = end + 2
        if self.buffer is not None and self.buffer.getbbox():
            raise Jam("a label was drawn and not printed")
        return self.printed

    def _bitmap(self, program: bytes, head: re.Match[bytes]) -> int:
        x, y, across, height = (int(number) for number in head.groups())
        end = head.end() + across * height
        data = program[head.end() : end]
        if program[end : end + 2] != b"\r\n" or across * height < 1:
            raise Jam("a picture is not as long as it says")
        if b"\x1b!" in data:
            raise Jam("a picture has a sequence that is obeyed at once")
        if self.buffer is None or x % 8:
            raise Jam("a picture before CLS, or between bytes")
        turned = bytes(byte ^ 255 for byte in data)
        _paste(self.buffer, _mask(turned, 8 * across, height), x, y, slack=7)
        return end + 2

    def _line(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if not line:
            return
        if word not in _TSPL or not (found := re.fullmatch(_TSPL[word], rest)):
            raise Jam(f"unknown: {line}")
        if word in _BOUNDS:
            _int(rest, *_BOUNDS[word])
        self.settings[word] = rest
        if word == "SIZE":
            self._size(*found.groups())
        elif word == "CLS":
            self._clear()
        elif word == "PRINT":
            self._print(found[1])

    def _size(self, width: str, height: str) -> None:
        if float(width) > HEAD:
            raise Jam("wider than the head")
        self.size = dots(width, self.dpi), dots(height, self.dpi)

    def _clear(self) -> None:
        if not self.settings.keys() >= {"SIZE", "GAP", "DIRECTION", "REFERENCE"}:
            raise Jam("CLS before the label is known")
        self.buffer = Image.new("L", self.size, WHITE)

    def _print(self, copies: str) -> None:
        if self.buffer is None:
            raise Jam("nothing to print")
        self.printed.append(Printed(ImageChops.invert(self.buffer), _int(copies, 1, 999_999_999)))
        self.buffer = None


def tspl(program: bytes, *, dpi: int) -> list[Printed]:
    return Tspl(dpi).read(program)


# ZPL

_ZPL = {
    **dict.fromkeys(("^XA", "^FS", "^XZ"), ""),
    "^MU": "D",
    "^MC": "Y",
    "^PO": "N",
    "^PM": "N",
    "^LR": "N",
    "^LH": "0,0",
    "^MN": "[NY]",
    **dict.fromkeys(("^PR", "^PW", "^LL", "^PQ"), r"\d+"),
    "~SD": r"[012]\d|30",
    "^FO": r"\d+,\d+",
    "^GF": r"A,\d+,\d+,\d+,.+",
}
_LIMITS = {"^PR": (1, 14), "^PW": (2, 32_000), "^LL": (1, 32_000), "^PQ": (1, 99_999_999)}
#: What a former format may have left otherwise.
_ALWAYS = {"^MU", "^MC", "^PO", "^PM", "^LR", "^LH", "^MN", "^PW", "^LL", "^PQ"}
_COUNTS = {letter: number for number, letter in enumerate("GHIJKLMNOPQRSTUVWXY", 1)}
_COUNTS |= {letter: 20 * number for number, letter in enumerate("ghijklmnopqrstuvwxyz", 1)}


class Zpl:
    """A printer of `dpi`. 1 burns in its pictures."""

    def __init__(self, dpi: int) -> None:
        self.dpi = dpi
        self.settings: dict[str, str] = {}
        self.said: set[str] = set()
        self.printed: list[Printed] = []
        self.buffer: Image.Image | None = None
        self.origin: tuple[int, ...] | None = None
        self.open = False

    def read(self, program: bytes) -> list[Printed]:
        text = program.decode("ascii").replace("\r\n", "")
        if not re.fullmatch(r"[ -~]*", text):
            raise Jam("a control character")
        before, *commands = re.split(r"(?=[\^~])", text)
        if before:
            raise Jam(f"no command: {before}")
        for command in commands:
            self._command(command[:3], command[3:])
        if self.open:
            raise Jam("the last format has no end")
        return self.printed

    def _command(self, word: str, rest: str) -> None:
        if self.open == (word in ("^XA", "~SD")):
            raise Jam(f"{word} in the wrong place")
        if word not in _ZPL or not re.fullmatch(_ZPL[word], rest):
            raise Jam(f"unknown: {word}{rest[:20]}")
        if word in _LIMITS:
            _int(rest, *_LIMITS[word])
        self.settings[word] = rest
        self.said.add(word)
        if word == "^XA":
            self.open, self.buffer, self.origin, self.said = True, None, None, set()
        elif word == "^FO":
            self.origin = tuple(int(number) for number in rest.split(","))
        elif word == "^GF":
            self._picture(rest)
        elif word == "^FS":
            self.origin = None
        elif word == "^XZ":
            self._print()

    def _picture(self, rest: str) -> None:
        kind, sent, total, stride, data = rest.split(",", 4)
        stride, total = _int(stride, 1, 99_999), _int(total, 1, 99_999)
        if kind != "A" or sent != str(total) or total % stride:
            raise Jam(f"^GF{kind},{sent},{total},{stride}")
        rows = _z64(data) if data.startswith(":Z64:") else _hexadecimal(data, stride)
        if len(rows) != total:
            raise Jam(f"a picture of {total} bytes has {len(rows)}")
        if self.origin is None or not self.said >= {"^PW", "^LL"}:
            raise Jam("a picture without a place")
        if self.buffer is None:
            size = int(self.settings["^PW"]), int(self.settings["^LL"])
            if size[0] > dots(str(HEAD), self.dpi):
                raise Jam("wider than the head")
            self.buffer = Image.new("L", size, WHITE)
        _paste(self.buffer, _mask(rows, 8 * stride, total // stride), *self.origin, slack=7)

    def _print(self) -> None:
        if self.buffer is None or self.origin or not self.said >= _ALWAYS:
            raise Jam("nothing drawn, or a setting left to chance")
        self.printed.append(Printed(ImageChops.invert(self.buffer), int(self.settings["^PQ"])))
        self.open = False


def _z64(data: str) -> bytes:
    _, _, text, crc = data.split(":")
    if f"{crc_hqx(text.encode(), 0):04X}" != crc:
        raise Jam("the sum is wrong")
    return zlib.decompress(b64decode(text, validate=True))


def _hexadecimal(data: str, stride: int) -> bytes:
    """Undo Zebra's counted runs: letters count the digit after them; “,”, “!” and “:” end a line."""
    lines: list[str] = []
    line = ""
    if not re.fullmatch(r"(?:[g-z]?[G-Y]?[0-9A-F]|[,!:])+", data):
        raise Jam("signs that are no picture")
    for letters, sign in re.findall(r"([g-zG-Y]*)(.)", data):
        if sign not in ",!:":
            line += sign * (sum(_COUNTS[letter] for letter in letters) or 1)
        elif sign == ":":
            line += lines[-1] if lines and not line else "?"
        else:
            line = line.ljust(2 * stride, "0" if sign == "," else "F")
        if len(line) == 2 * stride:
            lines.append(line)
            line = ""
    rows = "".join(lines)
    if line or not re.fullmatch(r"[0-9A-F]*", rows):
        raise Jam("a line that is too short or too long")
    return bytes.fromhex(rows)


def zpl(program: bytes, *, dpi: int) -> list[Printed]:
    return Zpl(dpi).read(program)
