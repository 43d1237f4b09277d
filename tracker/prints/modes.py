"""What can be scanned at a station before the devices: the action as a printed card. Pure."""

from typing import NamedTuple

from tracker.words import Words, _


class Mode(NamedTuple):
    """An action of a station: what stands on its card, and one line that says what it does."""

    action: str
    label: Words
    line: Words


MODES: dict[str, Mode] = {
    mode.action: mode
    for mode in (
        Mode("inspect", _("Inspect"), _("Begin the inspection of every device that is scanned.")),
        Mode("send-to-repair", _("Send to repair"), _("Write down the fault and send the device to repair.")),
        Mode("ready", _("Ready"), _("Pass the inspected device: it may go to a pupil.")),
        Mode("move", _("Move to a place"), _("Scan the place, then everything that now stands there.")),
        Mode("count", _("Count the stock"), _("Compare what stands here with the list.")),
        Mode("load", _("Load into a handover"), _("Put the scanned devices on the handover's list.")),
        Mode("confirm", _("Confirm receipt"), _("Scan what arrived, and sign the record.")),
        Mode("give", _("Give to the pupil"), _("Hand the device to its pupil, and take the signature.")),
        Mode("look", _("Look up"), _("Show what a code is, and change nothing.")),
    )
}


def address(base: str, action: str) -> str:
    """Return what the QR of a mode's card holds."""
    return f"{base}/M/{action}".upper()
