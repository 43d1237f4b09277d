"""What the papers of a device say, and what they may not lack.

All are laid out as Decree 30/2020/NĐ-CP, Annex I, wants papers of offices. Nothing on a paper that is signed
is ever cut off or left empty: what is missing or too long is refused by name.
"""

from labels.records.checks import LONGEST, LONGEST_LINK, MOST_ITEMS, checked, drawings, may_lack
from labels.records.kinds import DonationReceipt, HandoverRecord, Record, Signer
from labels.records.parts import Checkpoint, Item, Party

__all__ = [
    "LONGEST",
    "LONGEST_LINK",
    "MOST_ITEMS",
    "Checkpoint",
    "DonationReceipt",
    "HandoverRecord",
    "Item",
    "Party",
    "Record",
    "Signer",
    "checked",
    "drawings",
    "may_lack",
]
