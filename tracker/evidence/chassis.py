"""What category a machine may be by what its board says of its case.

The word is often wrong for what is between two kinds (a tablet with a keyboard says “Laptop”), so a case allows
more than one, and what allows none says nothing. Sources: DSP0134, System Enclosure Types; the words of lshw;
`ro.build.characteristics` of Android.
"""

import re

from tracker.lists.fold import fold

DESKTOP, LAPTOP, TABLET, PHONE = (frozenset((name,)) for name in ("desktop", "laptop", "tablet", "phone"))

CASES: dict[str, frozenset[str]] = {
    "desktop": DESKTOP,
    "low profile desktop": DESKTOP,
    "low profile": DESKTOP,
    "pizza box": DESKTOP,
    "mini tower": DESKTOP,
    "tower": DESKTOP,
    "space saving": DESKTOP,
    "lunch box": DESKTOP,
    "mini pc": DESKTOP,
    "stick pc": DESKTOP,
    "mini": DESKTOP,
    "all in one": DESKTOP,
    "laptop": LAPTOP | TABLET,
    "notebook": LAPTOP,
    "portable": LAPTOP,
    "sub notebook": LAPTOP,
    "convertible": LAPTOP | TABLET,
    "detachable": LAPTOP | TABLET,
    "tablet": TABLET,
    "hand held": TABLET | PHONE,
    "phone": PHONE,
}


def categories(chassis: str) -> frozenset[str]:
    """Return the categories a case may be of, as in `tracker.custody.facts.Category`; none if it says nothing.

    Android may say several words: “tablet,nosdcard”.
    """
    for word in chassis.split(","):
        key = re.sub(r"[^a-z]+", " ", fold(word)).strip()
        if key in CASES:
            return CASES[key]
    return frozenset()
