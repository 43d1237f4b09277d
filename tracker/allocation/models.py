"""Pupils, their one support, and the device bound to it."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Pupil(Base):
    """A pupil on a school's list. Personal: shown to their school and the coordinators only.

    The ledger never names a pupil; a blanked row leaves it whole.
    """

    __tablename__ = "pupil"
    __table_args__ = (
        CheckConstraint("sex IN ('', 'M', 'F')", name="sex"),
        Index(
            "one_pupil_of_a_number",
            "citizen_id",
            unique=True,
            sqlite_where=text("citizen_id IS NOT NULL"),
            postgresql_where=text("citizen_id IS NOT NULL"),
        ),
        Index("ix_pupil_school_id_cls_id", "school_id", "cls", "id"),
        Index("ix_pupil_school_id_id", "school_id", "id"),
        Index("ix_pupil_name_key_dob", "name_key", "dob"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: Class, such as 10A1.
    cls: Mapped[str] = mapped_column(String(16), default="")
    name: Mapped[str] = mapped_column(String(120))
    #: The name without marks and with y = i: one person writes it so, another so.
    name_key: Mapped[str] = mapped_column(String(120))
    sex: Mapped[str] = mapped_column(String(1), default="")
    dob: Mapped[date | None] = mapped_column(Date)
    #: When only the year is known, or besides.
    dob_year: Mapped[int | None] = mapped_column(Integer)
    citizen_id: Mapped[str | None] = mapped_column(String(12))
    #: Commune code as valid on 2021-11-01, the day of the lists.
    commune: Mapped[str] = mapped_column(String(8), default="")
    #: Of `ngheo can_ngheo mo_coi khuyet_tat`, space separated.
    policy: Mapped[str] = mapped_column(String(60), default="")
    no_device: Mapped[bool] = mapped_column(Boolean, default=False)
    no_net: Mapped[bool] = mapped_column(Boolean, default=False)
    parent: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    list_id: Mapped[str | None] = mapped_column(ForeignKey("imported_list.id"))
    #: Reason codes of the list that ask for a second look, space separated.
    remarks: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class Support(Base):
    """That this pupil is supported. One for each pupil, for ever; a replacement belongs to it too."""

    __tablename__ = "support"

    #: Random: the only name of a pupil that the ledger and its readers know.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id"), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class Binding(Base):
    """A device joined to a support, open until released, taken back, lost or retired."""

    __tablename__ = "binding"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_event IS NULL)", name="closed"),
        Index(
            "one_open_binding_of_a_support",
            "support_id",
            unique=True,
            sqlite_where=text("closed_event IS NULL"),
            postgresql_where=text("closed_event IS NULL"),
        ),
        Index(
            "one_open_binding_of_a_device",
            "device_id",
            unique=True,
            sqlite_where=text("closed_event IS NULL"),
            postgresql_where=text("closed_event IS NULL"),
        ),
        Index("ix_binding_support_id", "support_id"),
        Index("ix_binding_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    support_id: Mapped[str] = mapped_column(ForeignKey("support.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    opened_event: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    closed_event: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
