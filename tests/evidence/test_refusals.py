import json

import pytest

from tests.evidence.samples import a_bundle, capture, refusal
from tracker.evidence import refusals
from tracker.evidence.read import read
from tracker.refused import Refused


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", refusals.Empty),
        (b" \r\n\t\n", refusals.Empty),
        (b"\xff\xfe", refusals.Empty),
        (b"\xef\xbb\xbf", refusals.Empty),
        (b"x" * (refusals.MAX_BYTES + 1), refusals.TooLarge),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", refusals.NotText),
        (b"# dmidecode 3.3\n\x00\x00\n", refusals.NotText),
        (bytes(range(128, 256)) * 4, refusals.NotText),
        (b"\x1f\x8b\x08\x08" + bytes(range(1, 200)), refusals.NotText),
        ("Xin chào, đây là máy của phòng kế toán.\n".encode(), refusals.Unknown),
        (b"mobo\n", refusals.Unknown),
        (b"{} []", refusals.EmptyList),
        (b"[]\n", refusals.EmptyList),
        (b'{"answer": 42}', refusals.Unknown),
        (b"<!DOCTYPE html><html><body>lshw</body></html>", refusals.Unknown),
        (b"<?xml version='1.0'?><svg><node></node></svg>", refusals.Unknown),
        (b"<?xml version='1.0'?><list><node class='system'>", refusals.Cut),
        (b"<?xml version='1.0'?>", refusals.Unknown),
        (b"bash: lshw: command not found\n", refusals.ToolMissing),
        (b"sudo: dmidecode: command not found\n", refusals.ToolMissing),
        (b"sh: 1: smartctl: not found\n", refusals.ToolMissing),
        (b"Command 'nwipe' not found, but can be installed with:\nsudo apt install nwipe\n", refusals.ToolMissing),
        ("bash: lscpu: không tìm thấy lệnh\n".encode(), refusals.ToolMissing),
        (b"/sys/firmware/dmi/tables/smbios_entry_point: Permission denied\n", refusals.NotRoot),
        (b"/dev/mem: Permission denied\n", refusals.NotRoot),
        (b"# dmidecode 3.2\nGetting SMBIOS data from sysfs.\nSMBIOS 2.8 present.\n\n", refusals.SaysNothing),
        (b"# dmidecode 3.2\n# No SMBIOS nor DMI entry point found, sorry.\n", refusals.SaysNothing),
        (b"No EEPROM found, the kernel probably does not support your hardware.\n", refusals.SaysNothing),
        (b"smartctl 7.2 2020-12-30 r5155\nSmartctl open device: /dev/sda failed: Permission denied\n",
         refusals.NotOpened),
        (b"smartctl 7.2 2020-12-30 r5155\nCopyright\n", refusals.NothingWhole),
        (b"Architecture:   x86_64\n", refusals.NothingWhole),
        (b"Current Battery Service state:\n  level: 3", refusals.NothingWhole),
        (b"Current Battery Service state:\n  health: 1\n  present: false\n", refusals.SaysNothing),
        (b'{"blockdevices": []}', refusals.SaysNothing),
        (b'{"blockdevices": [{"name": "loop0", "size": 4, "type": "loop"}]}', refusals.SaysNothing),
        (b'[{"json_format_version": [1, 0]}]', refusals.SaysNothing),
        (b'{"id": "x", "class": "bus"}', refusals.SaysNothing),
        (b"Device: /org/freedesktop/UPower/devices/line_power_AC\n  native-path:  AC\n", refusals.SaysNothing),
    ],
)  # fmt: skip
def test_what_holds_no_fact_is_refused_by_name(data: bytes, why: type[Refused]):
    assert refusal(data) is why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("dmidecode-not-root.txt", refusals.NotRoot),
        ("dmidecode-ports.txt", refusals.NothingKept),
        ("smartctl-unopened.json", refusals.NotOpened),
    ],
)
def test_what_a_tool_could_not_read_is_refused_by_name(name: str, why: type[Refused]):
    assert refusal(capture(name)) is why


def test_the_limit_stands_in_the_sentence():
    with pytest.raises(refusals.TooLarge, match="10 MB"):
        read("a", b" " * (refusals.MAX_BYTES + 1))


def test_json_nested_too_deep_is_refused():
    for depth in (refusals.MAX_DEPTH + 1, 5_000, 4_000_000):
        assert refusal(b'{"class": ' + b"[" * depth + b"]" * depth + b"}") is refusals.TooDeep


def test_a_tree_as_deep_as_a_server_s_is_read():
    node: dict[str, object] = {
        "id": "disk",
        "class": "disk",
        "logicalname": "/dev/sda",
        "size": 1000,
        "serial": "S1",
    }
    for _level in range(12):
        node = {"id": "pci", "class": "bridge", "children": [node]}

    assert read("a", json.dumps(node).encode()).drives[0].serial == "S1"


def test_more_drives_than_a_machine_can_have_are_refused():
    rows = [{"name": f"sd{n}", "size": 1000, "type": "disk"} for n in range(refusals.MAX_THINGS + 1)]
    log = "".join(f"[2026/01/01 00:00:00] info: /dev/s{n} x\n" for n in range(20_000))

    assert refusal(json.dumps({"blockdevices": rows}).encode()) is refusals.TooDeep
    assert refusal(log.encode()) is refusals.TooDeep


def test_more_lines_than_any_tool_writes_are_refused():
    assert refusal(b"smartctl 7.2 x" + b"\n" * (refusals.MAX_LINES + 1)) is refusals.TooDeep


def test_xml_with_definitions_of_its_own_is_refused():
    laughs = b"""<?xml version="1.0"?>
<!DOCTYPE list [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<list><node id="x" class="system"><product>&c;</product></node></list>"""
    outside = b"""<!DOCTYPE list SYSTEM "file:///etc/passwd"><list><node class="system"/></list>"""
    parameter = (
        b"""<!DOCTYPE list [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><list><node></node></list>"""
    )

    assert {refusal(data) for data in (laughs, outside, parameter)} == {refusals.Entities}


def test_xml_with_an_entity_that_is_nowhere_defined_is_refused():
    assert refusal(b"<list><node class='system'><product>&x;</product></node></list>") is refusals.Cut


def test_xml_nested_too_deep_or_with_too_many_elements_is_refused():
    assert refusal(b"<list>" + b"<node>" * 100 + b"</node>" * 100 + b"</list>") is refusals.TooDeep
    many = refusals.MAX_ELEMENTS + 1
    assert refusal(b"<list>" + b"<node/>" * many + b"</list>") is refusals.TooDeep


def test_numbers_that_are_none_are_refused_or_left_out():
    assert refusal(b'{"class": "disk", "size": ' + b"9" * 5_000 + b"}") is refusals.Cut
    assert refusal(b'{"class": "disk", "size": NaN}') is refusals.Cut
    huge = b'{"id": "disk", "class": "disk", "serial": "S1", "size": 1e400, "logicalname": "/dev/sda"}'
    assert refusal(huge) is refusals.SaysNothing


def test_two_machines_in_one_file_are_refused():
    other = capture("dmidecode.txt").replace(b"PF1VN0T8", b"PF1VN0T9")
    text = capture("lshw.json").decode()
    one = text[text.index("{") : text.rindex("}") + 1]

    assert refusal(capture("dmidecode.txt") + other) is refusals.SeveralMachines
    assert refusal(f"[{one}, {one.replace('PF1VN0T8', 'PF1VN0T9')}]".encode()) is refusals.SeveralMachines


def test_a_bundle_of_nothing_says_why_of_its_first_part():
    with pytest.raises(refusals.NoPart, match="without the rights of root"):
        read("a", a_bundle("dmidecode-not-root.txt", "smartctl-unopened.json"))


def test_a_bundle_of_too_many_parts_is_refused():
    assert refusal(a_bundle("lscpu.txt") * 101) is refusals.TooDeep
