"""lscpu: names and values, in English or in the Vietnamese of util-linux; or lscpu -J."""

from tracker.evidence.facts import Cpu, Facts, Kind
from tracker.evidence.plain import each, get, said, whole
from tracker.evidence.refusals import NothingWhole
from tracker.evidence.structured import json_values
from tracker.evidence.text import field, lines_of

#: The Vietnamese is that of util-linux 2.38 (vi.po), which prints it under LANG=vi_VN.
NAMES = {
    "Model name": "model",
    "Tên mô hình": "model",
    "CPU(s)": "threads",
    "CPU": "threads",
    "Core(s) per socket": "cores",
    "Số lõi mỗi đế cắm": "cores",
    "Core(s) per cluster": "cores",
    "Socket(s)": "sockets",
    "Số đế cắm": "sockets",
    "Cluster(s)": "sockets",
}


def facts(text: str) -> Facts:
    """Return the facts of lscpu's lines.

    Raises: NothingWhole.
    """
    lines, ended = lines_of(text)
    return _facts([field(line) for line in lines], whole_file=ended)


def from_json(text: str) -> Facts:
    """Return the facts of lscpu -J; newer ones nest what belongs to the model.

    Raises: Cut, TooDeep or NothingWhole.
    """
    pairs: list[tuple[str, str]] = []
    waiting = [row for value in json_values(text) for row in each(get(value, "lscpu"))]
    while waiting:
        row = waiting.pop(0)
        pairs.append((said(row.get("field")).removesuffix(":"), said(row.get("data"))))
        waiting = each(row.get("children")) + waiting
    return _facts(pairs, whole_file=True)


def _facts(pairs: list[tuple[str, str]], *, whole_file: bool) -> Facts:
    values: dict[str, str] = {}
    for name, value in pairs:
        if (key := NAMES.get(name)) and said(value):
            values.setdefault(key, said(value))
    if not values:
        raise NothingWhole("lscpu")
    each_socket, sockets = whole(values.get("cores")), whole(values.get("sockets"))
    cores = each_socket * sockets if each_socket and sockets else None
    return Facts(
        Kind.LSCPU,
        cpu=Cpu(values.get("model", ""), cores, whole(values.get("threads")), sockets),
        whole=whole_file,
    )
