"""When the bench says no."""

from tracker.refused import Refused
from tracker.words import Words, _


class NotReady(Refused):
    """The device does not pass yet; `missing` lists everything that is still to do."""

    def __init__(self, missing: list[Words]) -> None:
        self.missing = missing
        super().__init__(
            _("It cannot pass yet. %(missing)s.", missing="; ".join(str(each) for each in missing)),
            out=_("Finish these on the device’s workshop page, then pass it."),
        )


class StillOpen(Refused):
    """A repair is not finished while a fault has no outcome."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _("Faults without an outcome: %(n)s", n=count),
            out=_("Say of each what became of it, then finish."),
        )


class NoFault(Refused):
    """Nothing was found that could be repaired."""

    def __init__(self) -> None:
        super().__init__(
            _("There is no open fault to repair."), out=_("Write down at least one fault first.")
        )


class NoInspection(Refused):
    """Checks and faults belong to an inspection, and none is going on."""

    def __init__(self) -> None:
        super().__init__(_("No inspection of this device is going on."), out=_("Start the inspection first."))


class NotOnBench(Refused):
    """Erasures and blockers are recorded of what the workshop works on."""

    def __init__(self) -> None:
        super().__init__(
            _("This device is not being worked on."), out=_("Start an inspection, then record it there.")
        )


class DataLeft(Refused):
    """A device does not leave without proof that its data are gone."""

    def __init__(self) -> None:
        super().__init__(
            _("Its data have not been erased."),
            out=_("Record the erasure first, or that its drive was destroyed."),
        )


class OtherChecklist(Refused):
    """The form shows another version of the checklist than the inspection goes by."""

    def __init__(self) -> None:
        super().__init__(
            _("The inspection goes by another version of the checklist than this page."),
            out=_("Open the page again: it shows the right one."),
        )


class SameHands(Refused):
    """Who repaired it is not to inspect it."""

    def __init__(self) -> None:
        super().__init__(
            _("You repaired it; by this checklist somebody else inspects it now."),
            out=_("Hand it to a colleague."),
        )
