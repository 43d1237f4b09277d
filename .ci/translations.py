"""The Vietnamese of the whole house, from one catalogue a room.

    python .ci/translations.py extract   print what no catalogue translates yet, ready to be pasted into one
    python .ci/translations.py compile   merge tracker/translations/vi/*.po into what the application reads
    python .ci/translations.py check     say everything that is wrong, and fail if there is anything

Messages are English in the code and Vietnamese in tracker/translations/vi/<room>.po. Rooms may
translate the same message, but only in the same words.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tokenize import TokenError

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent
METHODS = [
    ("**.py", "python"),
    ("**.html", "jinja2"),
    ("**.txt", "jinja2"),
    ("**.xml", "jinja2"),
    ("**.svg", "jinja2"),
]
EXTENSIONS = "jinja2.ext.do,jinja2.ext.loopcontrols"
OPTIONS = {"**.py": {"encoding": "utf-8"}} | {
    pattern: {"encoding": "utf-8", "trimmed": "true", "silent": "false", "extensions": EXTENSIONS}
    for pattern, method in METHODS
    if method == "jinja2"
}
KEYWORDS = {
    "_": None,
    "translate": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ #0-9.]*[a-zA-Z]|\{(\w*)\}")
VIETNAMESE = re.compile("[ăâđêôơưàảãáạ\u0306\u031b\u0309\u0323\u0300\u0301\u0303]", re.IGNORECASE)

Id = str | tuple[str, ...]
Key = tuple[str | None, Id]


@dataclass
class House:
    """What the code says and what the catalogues answer, with the places of both."""

    root: Path = ROOT
    used: dict[Key, list[str]] = field(default_factory=dict)
    translated: dict[Key, list[tuple[Path, Message]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def catalogues(self) -> Path:
        return self.root / "tracker" / "translations" / "vi"

    @property
    def compiled(self) -> Path:
        return self.catalogues / "LC_MESSAGES" / "messages.mo"

    def read_code(self) -> None:
        for folder in ("tracker", "labels", "templates"):
            if (self.root / folder).is_dir():
                self.read_folder(folder)

    def read_folder(self, folder: str) -> None:
        from jinja2 import TemplateError  # not there where a wheel is built, which only compiles

        reading = folder

        def note(name: str, _method: str, _options: object) -> None:
            nonlocal reading
            reading = f"{folder}/{name}"

        found = extract_from_dir(
            self.root / folder,
            METHODS,
            OPTIONS,
            keywords=KEYWORDS,
            callback=note,
            directory_filter=is_source,
        )
        try:
            for name, line, message, _comments, context in found:
                self.used.setdefault((context, message), []).append(f"{folder}/{name}:{line}")
        except (TemplateError, SyntaxError, TokenError) as error:
            self.wrong.append(f"{reading}:{getattr(error, 'lineno', '?')}: cannot be read: {error}")

    def read_catalogues(self) -> None:
        for path in sorted(self.catalogues.glob("*.po")):
            try:
                with path.open("rb") as file:
                    catalogue = read_po(file, locale="vi", charset="utf-8", abort_invalid=True)
            except (PoFileError, UnicodeDecodeError) as error:
                self.wrong.append(f"{path.name}: cannot be read: {error}")
                continue
            self.wrong += [f"{path.name}: {said}" for said in repeated(path)]
            for message in catalogue:
                if message.id:
                    self.translated.setdefault((message.context, message.id), []).append((path, message))

    def missing(self) -> list[Key]:
        return sorted((key for key in self.used if key not in self.translated), key=str)

    def check(self) -> list[str]:
        """Return one line for everything that is wrong."""
        wrong = list(self.wrong)
        wrong += [f"{self.used[key][0]}: not translated: {shown(key)}" for key in self.missing()]
        for key, places in sorted(self.used.items(), key=str):
            if any(VIETNAMESE.search(unicodedata.normalize("NFD", part)) for part in parts(key[1])):
                wrong.append(f"{places[0]}: a message is English in the code: {shown(key)}")
        for key, answers in self.translated.items():
            if key not in self.used:
                wrong.append(f"{answers[0][0].name}: nothing says this: {shown(key)}")
            if len({str(message.string) for _, message in answers}) > 1:
                names = ", ".join(path.name for path, _ in answers)
                wrong.append(f"{names}: two translations of {shown(key)}")
            for path, message in answers:
                wrong += [f"{path.name}: {said}: {shown(key)}" for said in faults(message)]
        return wrong

    def merged(self) -> Catalog:
        whole = Catalog(locale="vi", domain="messages", charset="utf-8")
        for key, answers in sorted(self.translated.items(), key=str):
            whole.add(key[1], answers[0][1].string, context=key[0])
        return whole


def is_source(folder: str) -> bool:
    return Path(folder).name not in {"static", "vendor", "translations", "__pycache__"}


def parts(words: Id) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def shown(key: Key) -> str:
    return " / ".join(parts(key[1]))


def placeholders(text: str) -> set[str]:
    return {named or "{" + braced + "}" for named, braced in PLACEHOLDER.findall(text)}


def faults(message: Message) -> Iterator[str]:
    answers = parts(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not all(answers):
        yield "empty"
        return
    if any(unicodedata.normalize("NFC", answer) != answer for answer in answers):
        yield "not in NFC"
    # In Vietnamese there is one form, and it must be able to say the number.
    wanted = set.union(*(placeholders(part) for part in parts(message.id)))
    if any(placeholders(answer) != wanted for answer in answers):
        yield "other placeholders than in English"
    said = parts(message.id)[0]
    if (said[:1].isspace(), said[-1:].isspace()) != (answers[0][:1].isspace(), answers[0][-1:].isspace()):
        yield "other spaces at the ends than in English"


def repeated(path: Path) -> Iterator[str]:
    """Yield messages that stand twice in one file: Babel would quietly keep the last."""
    seen: set[str] = set()
    for entry in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        lines = [line for line in entry.splitlines() if not line.startswith("#")]
        said = "\n".join(lines).partition("msgstr")[0].strip()
        if said in seen and said:
            yield f"stands twice: {said}"
        seen.add(said)


def compile_all(root: Path = ROOT) -> None:
    """Write the merged catalogue, unless it is newer than all its sources.

    Raises:
        SystemExit: a catalogue cannot be read, contradicts another, or holds fuzzy messages.
    """
    house = House(root)
    sources = [Path(__file__), house.catalogues, *house.catalogues.glob("*.po")]
    newest = max((path.stat().st_mtime for path in sources if path.exists()), default=0)
    if house.compiled.exists() and house.compiled.stat().st_mtime > newest:
        return
    house.read_catalogues()
    for key, answers in house.translated.items():
        if any(message.fuzzy for _, message in answers):
            house.wrong.append(f"{answers[0][0].name}: fuzzy: {shown(key)}")
        if len({str(message.string) for _, message in answers}) > 1:
            house.wrong.append(f"two translations of {shown(key)}")
    if house.wrong:
        sys.exit("\n".join(house.wrong))
    written = BytesIO()
    write_mo(written, house.merged())
    house.compiled.parent.mkdir(parents=True, exist_ok=True)
    fresh = house.compiled.with_suffix(".new")
    fresh.write_bytes(written.getvalue())
    fresh.replace(house.compiled)


def skeleton(house: House) -> Iterator[str]:
    for context, words in house.missing():
        yield f"#: {' '.join(house.used[context, words][:3])}"
        if context:
            yield f"msgctxt {quoted(context)}"
        yield f"msgid {quoted(parts(words)[0])}"
        if not isinstance(words, str):
            yield f"msgid_plural {quoted(words[1])}"
        yield 'msgstr ""\n' if isinstance(words, str) else 'msgstr[0] ""\n'


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def main(arguments: list[str]) -> None:
    if arguments not in (["extract"], ["compile"], ["check"]):
        sys.exit(__doc__)
    if arguments == ["compile"]:
        compile_all()
        return
    house = House()
    house.read_code()
    house.read_catalogues()
    if arguments == ["extract"]:
        print("\n".join(skeleton(house)))
    elif wrong := house.check():
        sys.exit("\n".join([*wrong, f"{len(wrong)} wrong in the translations."]))


if __name__ == "__main__":
    main(sys.argv[1:])
