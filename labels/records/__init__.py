"""What the papers of a device say, and what they may not lack.

All are laid out as Decree 30/2020/NĐ-CP, Annex I, wants papers of offices. Nothing on a paper that is signed
is ever cut off or left empty: what is missing or too long is refused by name.
"""

from labels.records.base import Record, Signer
from labels.records.checks import LONGEST, MOST, MOST_ITEMS, checked, drawings, may_lack, undrawn
from labels.records.kinds import DonationReceipt, HandoverRecord, PupilHandover, ReturnRecord, TransferRecord
from labels.records.pages import LONGEST_LINK, PageOf, page_link, page_of
from labels.records.parts import (
    Checkpoint,
    Device,
    Drive,
    Guardian,
    Inspected,
    Item,
    Member,
    Method,
    Party,
    Pupil,
    Repaired,
    Retired,
    Returned,
    Thing,
)
from labels.records.plain import KINDS, plain, restored
from labels.records.workshop import (
    STANDARD,
    ErasureCertificate,
    InspectionRecord,
    RepairRecord,
    RetirementRecord,
)

__all__ = [
    "KINDS",
    "LONGEST",
    "LONGEST_LINK",
    "MOST",
    "MOST_ITEMS",
    "STANDARD",
    "Checkpoint",
    "Device",
    "DonationReceipt",
    "Drive",
    "ErasureCertificate",
    "Guardian",
    "HandoverRecord",
    "Inspected",
    "InspectionRecord",
    "Item",
    "Member",
    "Method",
    "PageOf",
    "Party",
    "Pupil",
    "PupilHandover",
    "Record",
    "RepairRecord",
    "Repaired",
    "Retired",
    "RetirementRecord",
    "ReturnRecord",
    "Returned",
    "Signer",
    "Thing",
    "TransferRecord",
    "checked",
    "drawings",
    "may_lack",
    "page_link",
    "page_of",
    "plain",
    "restored",
    "undrawn",
]
