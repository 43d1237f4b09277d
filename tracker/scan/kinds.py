"""The words for every kind of event, as the device's page says them."""

from tracker.custody.road import Move
from tracker.words import Words, _

FACTS: dict[str, Words] = {
    "label": _("New label"),
    "place": _("Moved to another place"),
    "dispatch": _("Sent to another organisation"),
    "arrive": _("Arrived"),
    "erase": _("Data erasure recorded"),
    "block": _("Blocked"),
    "unblock": _("Unblocked"),
    "evidence": _("Evidence of the machine kept"),
    "fit": _("Part built in"),
    "fit-drive": _("Drive built in"),
    "take-out": _("Part taken out again"),
    "harvest": _("Part taken out for others"),
    "amend": _("Details corrected"),
    "undo": _("Undone"),
    "pupil": _("The pupil"),
    "photograph": _("Photographed"),
}

DONE: dict[Move, Words] = {
    Move.RECEIVE: _("Received from the donor"),
    Move.INSPECT: _("Inspection started"),
    Move.SEND_TO_REPAIR: _("Sent to repair"),
    Move.FINISH_REPAIR: _("Repair finished"),
    Move.PASS: _("Inspection passed"),
    Move.BIND: _("Bound to a pupil"),
    Move.RELEASE: _("Released from the pupil"),
    Move.SEND: _("Sent to the school"),
    Move.CONFIRM: _("Receipt confirmed by the school"),
    Move.GIVE: _("Given to the pupil"),
    Move.TAKE_BACK: _("Taken back"),
    Move.LOSE: _("Reported missing"),
    Move.FIND: _("Found again"),
    Move.RETIRE: _("Retired"),
}


WORDS: dict[str, Words] = {**FACTS, **{str(move): words for move, words in DONE.items()}}


def label_of(kind: str) -> Words:
    """Return the words for a kind of event; an unknown kind speaks for itself."""
    return WORDS.get(kind) or Words(kind)
