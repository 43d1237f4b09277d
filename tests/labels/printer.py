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
        match word:
            case "":
                if line:
                    raise Jam("a line of blanks")
            case "SIZE":
                width, height = re.fullmatch(r"([\d.]+) mm,([\d.]+) mm", rest).groups()
                if float(width) > HEAD:
                    raise Jam("wider than the head")
                self.size = dots(width, self.dpi), dots(height, self.dpi)
            case "GAP":
                found = re.fullmatch(r"0,0|([\d.]+) mm,0 mm", rest)
                if not found or found[1] and not 0 < float(found[1]) <= 25.4:
                    raise Jam(line)
                self.settings[word] = found[1] or "0"
            case "DENSITY":
                self.settings[word] = str(_int(rest, 0, 15))
            case "SPEED":
                self.settings[word] = str(_int(rest, 1, 14))
            case "DIRECTION" | "REFERENCE":
                if rest != "0,0":
                    raise Jam(line)
                self.settings[word] = rest
            case "CLS":
                if rest or not self.settings.keys() >= {"GAP", "DIRECTION", "REFERENCE"}:
                    raise Jam("CLS before the label is known")
                self.buffer = Image.new("L", self.size, WHITE)
            case "PRINT":
                sets, copies = rest.split(",")
                copies = _int(sets, 1, 1) * _int(copies, 1, 999_999_999)
                self.printed.append(Printed(ImageChops.invert(self.buffer), copies))
                self.buffer = None
            case _:
                raise Jam(f"unknown: {line}")


def tspl(program: bytes, *, dpi: int) -> list[Printed]:
    return Tspl(dpi).read(program)


# ZPL

_ACROSS = {"^MUD", "^MCY", "^PON", "^PMN", "^LRN"}
_COUNTS = {letter: number for number, letter in enumerate("GHIJKLMNOPQRSTUVWXY", 1)}
_COUNTS |= {letter: 20 * number for number, letter in enumerate("ghijklmnopqrstuvwxyz", 1)}


class Zpl:
    """A printer of `dpi`. 1 burns in its pictures."""

    def __init__(self, dpi: int) -> None:
        self.dpi = dpi
        self.settings: dict[str, str] = {}
        self.printed: list[Printed] = []
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
        match word:
            case "^XA":
                self.open, self.size, self.buffer, self.copies, self.said = True, [0, 0], None, 1, set()
            case "~SD":
                if not re.fullmatch(r"[012]\d|30", rest):
                    raise Jam(rest)
                self.settings[word] = rest
            case "^LH" if rest == "0,0":
                self.said.add("^LH")
            case "^MN" if rest in ("N", "Y"):
                self.settings[word] = rest
                self.said.add(word)
            case "^PR":
                self.settings[word] = str(_int(rest, 1, 14))
            case "^PW":
                self.size[0] = _int(rest, 2, dots(HEAD, self.dpi))
            case "^LL":
                self.size[1] = _int(rest, 1, 32_000)
            case "^FO":
                self.origin = [_int(number, 0, 32_000) for number in rest.split(",")]
            case "^GF":
                self._picture(rest)
            case "^FS" if not rest:
                del self.origin  # a field that ends had begun
            case "^PQ":
                self.copies = _int(rest, 1, 99_999_999)
            case "^XZ" if not rest:
                self._print()
            case _ if word + rest in _ACROSS:
                self.said.add(word + rest)
            case _:
                raise Jam(f"unknown: {word}{rest[:20]}")

    def _picture(self, rest: str) -> None:
        kind, sent, total, stride, data = rest.split(",", 4)
        stride, total = _int(stride, 1, 99_999), _int(total, 1, 99_999)
        if kind != "A" or sent != str(total) or total % stride:
            raise Jam(f"^GF{kind},{sent},{total},{stride}")
        rows = _z64(data) if data.startswith(":Z64:") else _hexadecimal(data, stride)
        if len(rows) != total:
            raise Jam(f"a picture of {total} bytes has {len(rows)}")
        if self.buffer is None:
            self.buffer = Image.new("L", tuple(self.size), WHITE)
        _paste(self.buffer, _mask(rows, 8 * stride, total // stride), *self.origin, slack=7)

    def _print(self) -> None:
        if self.buffer is None or self.said != _ACROSS | {"^LH", "^MN"}:
            raise Jam("nothing drawn, or a setting left to chance")
        self.printed.append(Printed(ImageChops.invert(self.buffer), self.copies))
        self.open = False


def _z64(data: str) -> bytes:
    _, _, text, crc = data.split(":")
    if f"{crc_hqx(text.encode(), 0):04X}" != crc:
        raise Jam("the sum is wrong")
    return zlib.decompress(b64decode(text, validate=True))


def _hexadecimal(data: str, stride: int) -> bytes:
    """Undo Zebra's counted runs: letters count the digit after them; “,”, “!” and “:” end a line."""
    lines: list[str] = []
    line, count = "", 0
    for sign in data:
        if sign in _COUNTS:
            count += _COUNTS[sign]
            if not 0 < count <= 419:
                raise Jam("a count that no letters make")
            continue
        if sign in "0123456789ABCDEF":
            line, count = line + sign * (count or 1), 0
        elif count:
            raise Jam("a count of nothing")
        elif sign in ",!":
            line = line.ljust(2 * stride, "0" if sign == "," else "F")
        elif sign == ":" and not line and lines:
            line = lines[-1]
        else:
            raise Jam(f"{sign} in a picture")
        if len(line) > 2 * stride:
            raise Jam("a line that is too long")
        if len(line) == 2 * stride:
            lines.append(line)
            line = ""
    if line or count:
        raise Jam("a line that is too short")
    return bytes.fromhex("".join(lines))


def zpl(program: bytes, *, dpi: int) -> list[Printed]:
    return Zpl(dpi).read(program)
