"""Donors and what they gave."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Donor(Base):
    """A person or organisation that gives devices, or money that buys them."""

    __tablename__ = "donor"
    __table_args__ = (CheckConstraint("kind IN ('agency', 'company', 'person')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The code on the list it came from, such as TC001; may be empty.
    code: Mapped[str | None] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), default="")
    representative: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    #: The name without tones, for finding.
    search: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class Donation(Base):
    """One gift of one donor to one receiving organisation."""

    __tablename__ = "donation"
    __table_args__ = (
        UniqueConstraint("year", "seq"),
        UniqueConstraint("list_id", "donor_id"),
        CheckConstraint("kind IN ('in-kind', 'bought')", name="kind"),
        CheckConstraint("kind = 'bought' OR amount IS NULL", name="amount_only_when_bought"),
        Index("ix_donation_donor_id", "donor_id"),
        Index("ix_donation_org_id_id", "org_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    #: Number within the year, as on the receipt: 05/2021.
    seq: Mapped[int] = mapped_column(Integer)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: Given as devices, or bought with money the donor gave.
    kind: Mapped[str] = mapped_column(String(16))
    #: Whole đồng, for donations bought with money.
    amount: Mapped[int | None] = mapped_column(BigInteger)
    received_on: Mapped[date] = mapped_column(Date)
    #: How many devices the donor announced, when known.
    expected: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")
    #: The spreadsheet it came in with: one donation for each donor on it.
    list_id: Mapped[str | None] = mapped_column(ForeignKey("imported_list.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    @property
    def number(self) -> str:
        return f"{self.seq:02d}/{self.year}"
