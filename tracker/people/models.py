"""Organisations, their people, and how people come in."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class Organisation(Base):
    """One party of the programme that can hold devices or see over them."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('programme', 'warehouse', 'workshop', 'school')", name="kind"),
        Index("ix_organisation_kind_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The code its own authority gave it, such as 26253301 for a school.
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    #: The body above it, as papers print it over the name.
    superior: Mapped[str] = mapped_column(String(200), default="")
    #: For schools: TH, THCS, THPT.
    level: Mapped[str] = mapped_column(String(16), default="")
    #: Administrative codes with the day they were valid on: codes were reused on 1 July 2025.
    commune: Mapped[str] = mapped_column(String(8), default="")
    district: Mapped[str] = mapped_column(String(8), default="")
    units_of: Mapped[date] = mapped_column(Date, default=date(2021, 11, 1))
    address: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    #: Who signs for it on paper.
    representative: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[str] = mapped_column(String(120), default="")
    #: Name and code without tones, for finding.
    search: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class User(Base):
    """A person with one role in one organisation."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint(
            "role IN ('technician', 'storekeeper', 'school', 'coordinator', 'auditor', 'admin')", name="role"
        ),
        Index("ix_user_account_org_id", "org_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Lower case.
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(16))
    #: argon2id; empty until the invitation is used.
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(8), default="vi")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SignIn(Base):
    """One signed-in browser. Ending it here signs that browser out at once."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_user_id", "user_id"),)

    #: SHA-256 of the secret in the cookie.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """A link that lets one person choose a password, once, until it expires."""

    __tablename__ = "invitation"

    #: SHA-256 of the secret in the link.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A sign-in that failed, for the limits on guessing."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: `user:` or `from:` and a hash of the e-mail or the address.
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class Access(Base):
    """Somebody read pupils' data: who, when, which pupils or list, on which page."""

    __tablename__ = "access"
    __table_args__ = (Index("ix_access_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    page: Mapped[str] = mapped_column(String(80))
    #: Ids of the pupils shown, comma separated; never a name.
    pupils: Mapped[str] = mapped_column(Text)
