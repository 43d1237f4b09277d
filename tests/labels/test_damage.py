"""What a printed QR survives, as docs/reading-labels.md says; the whole table is `python -m tests.labels.reading`."""

import random
from functools import partial

import pytest
from PIL import Image

from labels.reading import CODE_128, QR
from tests.labels.damage import (
    bled,
    blob,
    blurred,
    faded,
    fitting,
    photographed,
    printed,
    rate,
    read,
    scratches,
    unharmed,
)
from tests.labels.makers import some_labels
from tests.labels.reading import symbol

PRINTED = [one for one in fitting() if one[0] in {"L7160", "L7551", "50x30", "40x30"}]
SPOT = partial(blob, share=0.08, corners=False)


@pytest.mark.parametrize(("stock", "dpi"), PRINTED)
@pytest.mark.parametrize(
    ("harm", "pixels"),
    [
        (unharmed, 2.5),
        (partial(blurred, modules=0.4), 4),
        (bled, 4),
        (partial(faded, ink=100, paper=140), 4),
        (partial(SPOT, shade=0), 4),
        (partial(SPOT, shade=255), 4),
    ],
    ids=["far", "blurred", "bled", "faded", "black spot", "white spot"],
)
def test_every_qr_survives(stock, dpi, harm, pixels):
    codes = [code for code in printed(stock, dpi) if code.kind == QR]

    assert rate("survives", harm, codes, pixels=pixels, rounds=3) == 1


@pytest.mark.parametrize(("stock", "dpi"), PRINTED)
@pytest.mark.parametrize(
    ("harm", "pixels"),
    [
        (unharmed, 2.5),
        (bled, 4),
        (partial(faded, ink=100, paper=140), 4),
        (partial(blurred, modules=0.35), 4),
    ],
    ids=["far", "bled", "faded", "blurred"],
)
def test_all_bars_survive(stock, dpi, harm, pixels):
    codes = [code for code in printed(stock, dpi) if code.kind == CODE_128]

    assert not codes or rate("survives", harm, codes, pixels=pixels, rounds=3) == 1


@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1)])
def test_no_level_saves_a_qr_without_one_of_its_corners(corner):
    for code in (printed("L7160", 203)[0], symbol(some_labels(1)[0].url, 3, "H", 5)):
        assert read(photographed(code.image, code, random.Random(1), pixels=4), code)
        left, top, right, bottom = (round(edge) for edge in code.ink)
        finder = round(7 * code.module)
        harmed = code.image.copy()
        at = (right - finder if corner[0] else left, bottom - finder if corner[1] else top)
        harmed.paste(Image.new("L", (finder, finder), 255), at)

        assert not read(photographed(harmed, code, random.Random(1), pixels=4), code)


def test_level_h_of_the_same_size_survives_larger_spots_than_level_q():
    texts = [label.url for label in some_labels(10)]
    spot = partial(blob, share=0.12, shade=0, corners=False)

    q, h = (rate("level", spot, [symbol(text, 3, level, 5) for text in texts], rounds=3) for level in "QH")

    assert q < 0.95
    assert h == 1


def test_scratches_across_are_survived_by_few():
    codes = [code for code in printed("L7160", 203) if code.kind == QR]

    assert rate("scratched", partial(scratches, count=6, shade=255), codes) < 0.2
