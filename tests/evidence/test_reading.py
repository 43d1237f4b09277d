import pytest

from tests.evidence.samples import GOOD, a_bundle, capture, facts_of, real_captures
from tracker.evidence.facts import Battery, Cpu, DriveKind, Firmware, Kind, Lock, NicKind, Serial, Where
from tracker.evidence.read import read
from tracker.refused import Refused

GB = 2**30


def test_dmidecode_says_make_model_serials_processor_memory_battery_and_firmware():
    facts = facts_of("dmidecode.txt")

    assert (facts.kind, facts.make, facts.model, facts.version) == (
        Kind.DMIDECODE,
        "LENOVO",
        "20QX0012VN",
        "ThinkPad T480",
    )
    assert facts.name == "LENOVO ThinkPad T480"
    assert facts.serials == (
        Serial(Where.SYSTEM, "PF1VN0T8"),
        Serial(Where.BOARD, "L1HF84A01QX"),
        Serial(Where.CHASSIS, "PF1VN0T8"),
    )
    assert facts.cpu == Cpu("Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", 4, 8, 1)
    assert [(module.size, module.kind, module.speed, module.make) for module in facts.memory] == [
        (8 * GB, "DDR4", 2400, "SK Hynix"),
        (4 * GB, "DDR4", 2400, "Samsung"),
    ]
    assert (facts.total_memory, facts.slots) == (12 * GB, 2)
    assert facts.batteries == (Battery("SMP", "01AV421", "0C11", 24000.0),)
    assert facts.firmware == Firmware("LENOVO", "N24ET49W (1.24 )", "2019-04-19")
    assert facts.firmware.year == 2019


def test_lshw_says_the_same_of_the_same_machine():
    one, other = facts_of("lshw.json"), facts_of("dmidecode.txt")

    for field in ("make", "model", "version", "family", "board", "uuid", "cpu", "total_memory", "firmware"):
        assert getattr(one, field) == getattr(other, field)
    assert one.serials == other.serials[:2]
    assert [(module.size, module.slot) for module in one.memory] == [
        (module.size, module.slot) for module in other.memory
    ]


def test_lshw_says_drives_cards_camera_and_graphics():
    facts = facts_of("lshw.json")

    nvme, stick = facts.drives
    assert (nvme.kind, nvme.size, nvme.serial) == (DriveKind.NVME, 256060514304, "S41GNX0M412345")
    assert stick.removable is True
    assert [(nic.kind, nic.mac) for nic in facts.nics] == [
        (NicKind.WIFI, "00:28:f8:9b:0c:12"),
        (NicKind.ETHERNET, "54:e1:ad:9b:0c:11"),
    ]
    assert facts.cameras == ("Chicony Electronics Co.,Ltd. Integrated Camera",)
    assert facts.graphics == ("Intel Corporation UHD Graphics 620",)
    assert facts.screens == ("1920 × 1080",)


def test_lshw_reads_alike_as_json_object_list_and_pieces():
    text = capture("lshw.json").decode()
    alone = text[text.index("{") : text.rindex("}") + 1]

    assert (
        read("a", alone.encode())
        == read("a", f"[{alone}]".encode())
        == read("a", f"[\n{alone}\n]\ngarbage\n".encode())
        == facts_of("lshw.json")
    )
    assert read("a", f'{alone},\n{{"id": "x", "class": "bus"}}'.encode()) == facts_of("lshw.json")


def test_lshw_as_xml_says_machine_drives_and_firmware():
    facts = facts_of("lshw.xml")

    assert (facts.name, facts.chassis, facts.serials[0].text) == (
        "Dell Inc. OptiPlex 3020",
        "mini-tower",
        "7XQ4V12",
    )
    assert facts.cpu == Cpu("Intel(R) Core(TM) i3-4150 CPU @ 3.50GHz", 2, 4, 1)
    assert [(drive.kind, drive.size) for drive in facts.drives] == [
        (DriveKind.HDD, 500107862016),
        (DriveKind.OPTICAL, None),
    ]
    assert facts.firmware == Firmware("Dell Inc.", "A19", "2019-05-29")


def test_lscpu_counts_cores_in_english_and_in_vietnamese():
    assert facts_of("lscpu.txt").cpu == Cpu("Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", 4, 8, 1)
    assert facts_of("lscpu-vi.txt").cpu == Cpu("Intel(R) Core(TM) i3-4150 CPU @ 3.50GHz", 2, 4, 1)


def test_lscpu_as_json_is_read_with_what_is_nested():
    data = b"""{"lscpu": [{"field": "CPU(s):", "data": "4"}, {"field": "Vendor ID:", "data": "GenuineIntel", "children":
        [{"field": "Model name:", "data": "Intel N100", "children": [{"field": "Core(s) per socket:", "data": "4"},
        {"field": "Socket(s):", "data": "1"}]}]}]}"""

    assert read("a", data).cpu == Cpu("Intel N100", 4, 4, 1)


def test_lspci_names_cards_without_revision():
    facts = facts_of("lspci.txt")

    assert facts.graphics == ("Intel Corporation UHD Graphics 620",)
    assert [(nic.kind, nic.model) for nic in facts.nics] == [
        (NicKind.ETHERNET, "Intel Corporation Ethernet Connection (4) I219-V"),
        (NicKind.WIFI, "Intel Corporation Wireless 8265 / 8275"),
    ]


def test_a_wireless_card_that_calls_itself_ethernet_is_wireless():
    data = b"02:00.0 Ethernet controller: Marvell Technology Group Ltd. 88W8897 [AVASTAR] 802.11ac Wireless\n"

    assert read("a", data).nics[0].kind is NicKind.WIFI


def test_a_raw_value_that_carries_more_than_the_count_is_read_as_its_count():
    drive = facts_of("smartctl.json").drives[0]

    assert (drive.reallocated, drive.pending, drive.hours, drive.passed) == (16, 0, 23229, True)
    assert (drive.kind, drive.model) == (DriveKind.HDD, "ST500DM002-1BD142")


def test_smartctl_of_an_nvme_drive_says_its_wear():
    drive = facts_of("smartctl-nvme.json").drives[0]

    assert (drive.kind, drive.worn, drive.hours, drive.uncorrectable) == (DriveKind.NVME, 7, 6123, 0)


def test_several_smartctl_objects_one_after_the_other_are_several_drives():
    data = capture("smartctl.json") + capture("smartctl-unopened.json") + capture("smartctl-nvme.json")

    facts = read("a", data)

    assert [drive.serial for drive in facts.drives] == ["Z3TQX1AB", "S41GNX0M412345"]
    assert [str(note) for note in facts.notes] == ["smartctl could not open /dev/sda: it says nothing of it."]


def test_smartctl_as_text_is_read_for_each_drive():
    disk, ssd, nvme = facts_of("smartctl.txt").drives

    assert (disk.size, disk.pending, disk.hours, disk.passed, disk.counted) == (
        500107862016,
        3,
        9214,
        True,
        True,
    )
    assert (ssd.kind, ssd.worn, ssd.hours, ssd.reallocated) == (DriveKind.SSD, 6, 1204, 0)
    assert (nvme.passed, nvme.worn, nvme.uncorrectable, nvme.hours) == (False, 101, 5, 12345)


def test_lsblk_tells_drives_from_partitions_loops_and_sticks():
    stick, disc, nvme, emmc = facts_of("lsblk.json").drives

    assert (stick.usb, stick.kind, stick.removable) == (True, DriveKind.USB, True)
    assert disc.kind is DriveKind.OPTICAL
    assert (nvme.kind, nvme.model, nvme.serial) == (
        DriveKind.NVME,
        "SAMSUNG MZVLB256HAHQ-000L7",
        "S41GNX0M412345",
    )
    assert (emmc.kind, emmc.size) == (DriveKind.EMMC, 31268536320)


def test_upower_says_what_the_battery_of_the_machine_still_holds():
    (battery,) = facts_of("upower.txt").batteries

    assert (battery.design, battery.full, battery.cycles) == (24000.0, 13920.0, 412)
    assert battery.left == pytest.approx(0.58)


def test_the_kernel_s_own_file_of_a_battery_is_read():
    (battery,) = facts_of("uevent.txt").batteries

    assert (battery.design, battery.full, battery.unit, battery.cycles) == (4400.0, 3520.0, "mAh", None)


def test_android_says_itself_its_locks_and_its_battery():
    phone, battery = facts_of("getprop.txt"), facts_of("dumpsys.txt").batteries[0]

    assert (phone.make, phone.model, phone.system, phone.patched) == (
        "samsung",
        "SM-A107F",
        "Android 10",
        "2021-02-01",
    )
    assert phone.serials == (Serial(Where.DEVICE, "R9VN70A1B2C"),)
    assert Lock("ro.boot.flash.locked", "1") in phone.locks
    assert battery.health == "good"
    assert battery.left is None


def test_the_partition_of_factory_reset_protection_is_no_lock():
    assert b"ro.frp.pst" in capture("getprop.txt")
    assert not any("frp" in lock.name for lock in facts_of("getprop.txt").locks)


def test_decode_dimms_claims_nothing_of_a_type_it_does_not_know():
    known, unknown = facts_of("dimms.txt").memory

    assert (known.size, known.kind, known.make) == (2 * GB, "DDR3", "Kingston")
    assert unknown == unknown._replace(size=None, kind="", make="")
    assert facts_of("dimms.txt").total_memory is None


def test_network_addresses_are_read_without_the_loopback():
    assert [nic.name for nic in facts_of("links.txt").nics] == ["enp0s31f6", "wlp3s0", "enx02aabbccddee"]


def test_a_bundle_is_read_part_by_part():
    facts = read("all.txt", a_bundle("dmidecode.txt", "smartctl-unopened.json", "lshw.json"))

    assert facts.kind is Kind.BUNDLE
    assert [part.name for part in facts.parts] == ["dmidecode.txt", "smartctl-unopened.json", "lshw.json"]
    assert [part.facts and part.facts.kind for part in facts.parts] == [Kind.DMIDECODE, None, Kind.LSHW]
    assert "could not open" in str(facts.parts[1].refusal)


@pytest.mark.parametrize("name", GOOD)
def test_the_name_of_a_file_says_nothing(name: str):
    assert read("virus.exe", capture(name)) == facts_of(name)


@pytest.mark.parametrize("name", GOOD)
def test_a_file_reads_alike_through_windows(name: str):
    text = capture(name).decode()
    for data in (
        text.replace("\n", "\r\n").encode("utf-8-sig"),
        b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le"),
        b"\xfe\xff" + text.encode("utf-16-be"),
    ):
        assert read(name, data) == facts_of(name)


def test_placeholders_are_no_facts_and_a_serial_keeps_its_verdict():
    data = capture("dmidecode.txt").replace(
        b"Product Name: 20QX0012VN", b"Product Name: To be filled by O.E.M."
    )
    data = data.replace(b"Serial Number: PF1VN0T8", b"Serial Number: System Serial Number", 1)

    facts = read("a", data)

    assert (facts.model, facts.board) == ("", "")
    assert [serial.verdict for serial in facts.serials] == ["placeholder", "ok", "ok"]
    assert facts.serials[0].normal == ""


def test_a_make_that_is_a_placeholder_as_a_serial_is_still_a_make():
    data = capture("dmidecode.txt").replace(b"Manufacturer: LENOVO", b"Manufacturer: DELL")

    assert read("a", data).make == "DELL"


@pytest.mark.parametrize("name", ["dmidecode.txt", "lshw.json"])
def test_one_machine_twice_in_a_file_has_its_memory_once(name: str):
    text = capture(name).decode()
    text = text[text.index("{") : text.rindex("}") + 1] if name == "lshw.json" else text

    assert read("a", f"{text}\n{text}".encode()).total_memory == 12 * GB
    assert read("a", f"{text}\n{text}".encode())._replace(whole=True) == read("a", text.encode())


def test_parts_of_the_table_one_after_the_other_are_one_machine():
    text = capture("dmidecode.txt").decode()
    head, rest = text[: text.index("Handle")], text[text.index("Handle") :].replace("End Of Table", "")
    cut = rest.index("Handle 0x0004")
    head = head.replace("Table at 0x4F0FD000.\n", "")

    facts = read("a", f"{head}{rest[:cut]}{head}{rest[cut:]}".encode())

    assert (facts.make, facts.cpu, facts.total_memory) == ("LENOVO", facts_of("dmidecode.txt").cpu, 12 * GB)


def test_what_was_sanitised_is_missing():
    data = (
        capture("lshw.json")
        .replace(b"PF1VN0T8", b"[REMOVED]")
        .replace(b"7a1c94cc-3b52-11e8-a8d5-54e1ad9b0c11", b"[REMOVED]")
    )

    facts = read("a", data)

    assert (facts.serials[0].verdict, facts.uuid) == ("missing", "")


def test_a_row_of_smart_that_is_not_understood_leaves_the_count_open():
    data = capture("smartctl.txt").replace(
        b"197 Current_Pending_Sector  0x0032", b"197 Current Pending Sector  0x0032"
    )

    drive = read("a", data).drives[0]

    assert (drive.counted, drive.reallocated, drive.pending) == (False, 0, None)


def test_fewer_threads_than_cores_are_not_believed():
    data = capture("dmidecode.txt").replace(b"Thread Count: 8", b"Thread Count: 1")

    assert read("a", data).cpu == Cpu("Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", 4, None, 1)


def test_the_memory_of_the_firmware_is_not_memory_of_the_machine():
    rom = """Handle 0x0060, DMI type 16, 15 bytes
Physical Memory Array
\tUse: Flash Memory
\tNumber Of Devices: 1

Handle 0x0061, DMI type 17, 27 bytes
Memory Device
\tArray Handle: 0x0060
\tSize: 4096 kB
\tType: Flash

"""
    data = capture("dmidecode.txt").replace(b"Handle 0x0050", rom.encode() + b"Handle 0x0050")

    assert read("a", data).total_memory == 12 * GB
    assert len(read("a", data).memory) == 2


def test_a_structure_whose_handle_is_illegible_is_known_by_its_title():
    data = capture("dmidecode.txt").replace(b"Handle 0x0011, DMI type 3, 22 bytes", b"807075653E24ECB98B63")

    assert read("a", data) == facts_of("dmidecode.txt")


def test_every_real_capture_is_read_or_refused_with_the_reason():
    for path in real_captures():
        try:
            said = str(read(path.name, path.read_bytes()).kind)
        except Refused as refused:
            said = str(refused) and str(refused.out)
        assert said, path
