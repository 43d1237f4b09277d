"""The road as a diagram in text, drawn from its table."""

from tracker.custody.road import ANY, MOVES, Move, Status


def diagram() -> str:
    """Return the road as Mermaid text, which the README shows and `tracker road` prints."""
    lines = ["stateDiagram-v2"]
    for move, step in MOVES.items():
        who = ", ".join(sorted(step.by))
        if not step.start:
            lines.append(f"    [*] --> {_name(step.end)}: {move} ({who})")
        elif step.start == ANY:
            lines.append(f"    anywhere --> {_name(step.end)}: {move} ({who})")
        else:
            lines += [
                f"    {_name(start)} --> {_name(step.end)}: {move} ({who})"
                for start in Status
                if start in step.start
            ]
    lines.append(f"    {_name(MOVES[Move.RETIRE].end)} --> [*]")
    return "\n".join(lines)


def _name(status: Status) -> str:
    return status.replace("-", "_")
