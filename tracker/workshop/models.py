"""What the workshop finds and does: inspections, faults, erasures, blockers."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.db import Base


class ChecklistVersion(Base):
    """A checklist that a coordinator made from the version before it. It never changes."""

    __tablename__ = "checklist_version"
    __table_args__ = (
        CheckConstraint("category IN ('desktop', 'laptop', 'tablet', 'phone', 'other')", name="category"),
        UniqueConstraint("category", "version"),
    )

    #: Category and version, such as laptop/3.
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    category: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    #: JSON, see `workshop.versions`.
    body: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class Inspection(Base):
    """One inspection of one device, by the checklist that was valid when it began."""

    __tablename__ = "inspection"
    __table_args__ = (
        Index(
            "one_open_inspection",
            "device_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_inspection_device_id", "device_id"),
        Index("ix_inspection_org_id_ended_at", "org_id", "ended_at"),
        Index("ix_inspection_started_at", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    #: Category and version of the checklist, such as laptop/1.
    checklist: Mapped[str] = mapped_column(String(40))
    #: The inspection before the repair that this one comes after; empty for the first since it came in.
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"))
    started_at: Mapped[datetime]
    started_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: Who inspects it; empty while nobody has taken it.
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: passed, repaired (a second one follows), or left (retired, lost or given up while it was open).
    result: Mapped[str] = mapped_column(String(16), default="")
    grade: Mapped[str] = mapped_column(String(8), default="")


class CheckResult(Base):
    """The answer to one check of an inspection; the last answer counts, who and when stay."""

    __tablename__ = "check_result"
    __table_args__ = (
        CheckConstraint("result IN ('pass', 'fail', 'na')", name="result"),
        Index("ix_check_result_inspection_id", "inspection_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    check: Mapped[str] = mapped_column("check_key", String(40))
    result: Mapped[str] = mapped_column(String(8))
    #: What was measured, in the unit of the check; empty where a person judges.
    value: Mapped[float | None] = mapped_column(Double)
    #: Whether the machine's own evidence answered; then `by` is who sent it.
    evidence: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class RepairJob(Base):
    """One repair of one device, from when it was sent to repair until it is inspected again or given up."""

    __tablename__ = "repair_job"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (result = '')", name="result_when_closed"),
        CheckConstraint("minutes >= 0 AND cost >= 0", name="not_negative"),
        Index(
            "one_open_job",
            "device_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_repair_job_device_id", "device_id"),
        Index("ix_repair_job_org_id_closed_at", "org_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: Who repairs it; empty until somebody takes it.
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: Minutes of labour.
    minutes: Mapped[int] = mapped_column(default=0)
    #: In đồng, beside the parts of the stock: what was paid to others.
    cost: Mapped[int] = mapped_column(default=0)
    #: Who bears it, where a maker's or a seller's warranty does.
    warranty_of: Mapped[str] = mapped_column(String(80), default="")
    #: Until when whoever repaired it answers for the repair.
    warranty_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: finished, left (retired or lost meanwhile) or undone.
    result: Mapped[str] = mapped_column(String(16), default="")


class JobWait(Base):
    """A time in which a repair waited for something."""

    __tablename__ = "job_wait"
    __table_args__ = (
        CheckConstraint("kind IN ('part', 'quote', 'decision')", name="kind"),
        CheckConstraint("until IS NULL OR until >= since", name="order"),
        Index(
            "one_open_wait_of_a_kind",
            "job_id",
            "kind",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("repair_job.id"))
    kind: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime]
    since_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    until: Mapped[datetime | None]
    until_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Fault(Base):
    """Something wrong with a device, open until it has an outcome."""

    __tablename__ = "fault"
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (outcome = '')", name="outcome_when_settled"),
        Index("ix_fault_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"))
    #: From the list in `workshop.rules`, such as battery or screen.
    kind: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime]
    found_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: fixed, replaced-part, not-a-fault, cannot-fix.
    outcome: Mapped[str] = mapped_column(String(24), default="")
    outcome_note: Mapped[str] = mapped_column(Text, default="")
    #: Why it cannot be repaired, by the Open Repair Data Standard; empty otherwise.
    barrier: Mapped[str | None] = mapped_column(String(24))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Erasure(Base):
    """A record that the data on a device (or one drive of it) was erased, or that it failed."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("method IN ('clear', 'purge', 'destroy')", name="method"),
        CheckConstraint("result IN ('ok', 'failed')", name="result"),
        Index("ix_erasure_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: NIST SP 800-88: clear, purge or destroy.
    method: Mapped[str] = mapped_column(String(16))
    tool: Mapped[str] = mapped_column(String(80))
    #: The log that says so.
    log_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_file.id"))
    #: Which drive, when it is not the whole device.
    drive: Mapped[str] = mapped_column(String(160), default="")
    # What its certificate says; empty where it was not told, and in what was recorded before certificates were.
    drive_make: Mapped[str | None] = mapped_column(String(80))
    drive_model: Mapped[str | None] = mapped_column(String(80))
    drive_serial: Mapped[str | None] = mapped_column(String(80))
    #: In the words on the drive, such as 256 GB.
    capacity: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: What was read back, such as “10 %: nothing left”.
    readback: Mapped[str | None] = mapped_column(String(160))
    #: Who read it back, by name and position; often no user.
    verified_by: Mapped[str | None] = mapped_column(String(120))
    verified_position: Mapped[str | None] = mapped_column(String(120))
    result: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class Blocker(Base):
    """A reason why a device does not move on, beside its status."""

    __tablename__ = "blocker"
    __table_args__ = (
        Index(
            "one_open_blocker_of_a_kind",
            "device_id",
            "kind",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    #: needs-part, wipe-failed, account-locked, reported-stolen, needs-decision.
    kind: Mapped[str] = mapped_column(String(24))
    note: Mapped[str] = mapped_column(Text, default="")
    set_at: Mapped[datetime]
    set_by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class RetiredDevice(Base):
    """What a recycler wants to know of a device that was retired."""

    __tablename__ = "retired_device"
    __table_args__ = (
        CheckConstraint("grams BETWEEN 1 AND 60000", name="grams"),
        Index("ix_retired_device_org_id_at", "org_id", "at"),
    )

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, autoincrement=False)
    #: Who had it then.
    org_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str] = mapped_column(String(24))
    grams: Mapped[int]
    #: Whether it was put on scales; otherwise it has the usual weight of its category.
    weighed: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class CollectedAnswer(Base):
    """What became of a file that the collecting script sent."""

    __tablename__ = "collected_answer"

    #: The name that the script was given when it sent.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: A status of HTTP.
    status: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
