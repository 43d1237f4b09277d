"""The tables of docs/reading-labels.md: `python -m tests.labels.reading`, some minutes by hand."""

from functools import partial

import qrcode
from PIL import Image

from labels.reading import CODE_128, QR
from tests.labels.damage import (
    DPIS,
    Code,
    Harm,
    bled,
    blob,
    blurred,
    faded,
    fitting,
    printed,
    rate,
    scratches,
    unharmed,
)
from tests.labels.makers import some_labels

OFF = {"corners": False}
ANYWHERE = {"corners": True}
#: What is done, how, and at how many camera pixels a module it is seen.
HARMS: tuple[tuple[str, Harm, float], ...] = (
    ("nothing", unharmed, 4),
    *(
        (f"seen from afar: {pixels} pixels a module", unharmed, pixels)
        for pixels in (3, 2.5, 2, 1.8, 1.6, 1.4)
    ),
    *(
        (f"blur of {size} module", partial(blurred, modules=size), 4)
        for size in (0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
    ),
    ("black runs over by a dot", bled, 4),
    ("ink 100 on paper 140 of 255", partial(faded, ink=100, paper=140), 4),
    ("ink 120 on paper 140", partial(faded, ink=120, paper=140), 4),
    ("ink 125 on paper 135", partial(faded, ink=125, paper=135), 4),
    *(
        (f"{colour} spot of {share:.0%}, {where}", partial(blob, share=share, shade=shade, **off), 4)
        for where, off in (("off the corners", OFF), ("anywhere", ANYWHERE))
        for share in (0.06, 0.08, 0.1, 0.12)
        for colour, shade in (("white", 255), ("black", 0))
    ),
    *(
        (f"{count} white scratches across", partial(scratches, count=count, shade=255), 4)
        for count in (1, 2, 6)
    ),
)
LEVELS = {"Q": qrcode.ERROR_CORRECT_Q, "H": qrcode.ERROR_CORRECT_H}


def of(kind: object, dpi: int) -> list[tuple[str, list[Code]]]:
    """Return the codes of one kind by stock."""
    found = [
        (name, [code for code in printed(name, dpi) if code.kind == kind])
        for name, at in fitting()
        if at == dpi
    ]
    return [(name, codes) for name, codes in found if codes]


def harms() -> None:
    """Print how many of all codes are read after each harm, and on the worst stock."""
    kinds = [(name, kind, dpi) for name, kind in (("QR", QR), ("bars", CODE_128)) for dpi in DPIS]
    print("| what is done | " + " | ".join(f"{name}, {dpi} dpi" for name, _, dpi in kinds) + " |")
    print("|---" * (len(kinds) + 1) + "|")
    for title, harm, pixels in HARMS:
        cells = []
        for _, kind, dpi in kinds:
            rates = [rate(title, harm, codes, pixels=pixels) for _, codes in of(kind, dpi)]
            cells.append(f"{sum(rates) / len(rates):.0%} ({min(rates):.0%})")
        print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


def stocks() -> None:
    """Print the size of the codes of each stock, and from how many pixels a millimetre all are read."""
    print("| stock | dpi | QR, mm | module, mm | bar, mm | pixels a mm |\n|---|---|---|---|---|---|")
    for dpi in DPIS:
        bars = dict(of(CODE_128, dpi))
        for name, codes in of(QR, dpi):
            code, millimetre = codes[0], dpi / 25.4
            module = code.module / millimetre
            need = min(
                (
                    pixels
                    for pixels in (1.4, 1.6, 1.8, 2, 2.5, 3, 4)
                    if rate("far", unharmed, codes, pixels=pixels) == 1
                ),
            )
            bar = f"{bars[name][0].module / millimetre:.2f}" if name in bars else "none"
            side = code.image.width / millimetre
            print(f"| {name} | {dpi} | {side:.1f} | {module:.2f} | {bar} | {need / module:.1f} |", flush=True)


def symbol(text: str, version: int, level: str, dots: int) -> Code:
    """Return a symbol of the library's with its quiet zone, `dots` a module."""
    code = qrcode.QRCode(version, LEVELS[level], border=4, mask_pattern=0)
    code.add_data(text)
    code.make(fit=False)
    rows = code.get_matrix()
    image = Image.frombytes("L", (len(rows),) * 2, bytes(0 if dark else 255 for row in rows for dark in row))
    return Code(image.resize((len(rows) * dots,) * 2, Image.Resampling.NEAREST), dots, text, QR)


def levels() -> None:
    """Print what another level of error correction would give, at 5 dots a module."""
    shares = (0.08, 0.1, 0.12, 0.15, 0.2)
    print("| symbol | modules | " + " | ".join(f"{share:.0%}" for share in shares) + " |")
    print("|---" * (len(shares) + 2) + "|")
    texts = [label.url for label in some_labels(20)]
    for version, level in ((3, "Q"), (3, "H"), (4, "Q"), (4, "H")):
        codes = [symbol(text, version, level, 5) for text in texts]
        cells = [
            f"{sum(rate(f'{version}{share}', partial(blob, share=share, shade=shade, **OFF), codes) for shade in (0, 255)) / 2:.0%}"
            for share in shares
        ]
        print(f"| {version}-{level} | {17 + 4 * version} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    for table in (levels, stocks, harms):
        table()
        print()
