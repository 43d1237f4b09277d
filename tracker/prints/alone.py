"""One label of a job on a page of its own size."""

from dataclasses import replace

from labels.job import Job, Label
from labels.sheets import prepared
from tracker.prints.rules import Paper


def alone(label: Label, paper: Paper) -> Job:
    """Return the job of one label whose page is the label. What corrects a sheet has no part in it.

    Raises:
        PaperRefused: see `labels.sheets`.
    """
    of = paper.sheet
    single = replace(
        of,
        page_width=of.label_width,
        page_height=of.label_height,
        columns=1,
        rows=1,
        left=0.0,
        top=0.0,
        pitch_x=of.label_width,
        pitch_y=of.label_height,
    )
    return prepared([label], stock=single, design=paper.laid_out, dpi=paper.dpi)
