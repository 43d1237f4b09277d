"""The walk: two devices of a real list, from an empty database to two pupils' hands, and the proof of it."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.walk import paper
from tests.walk.people import Person, with_camera
from tests.workshop.makers import CERTIFIED
from tracker.custody import verify
from tracker.custody.codes import parse

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "samples"
SERIALS = ("5CGEDVM52H", "DL39DD9VN")  # a desktop and a laptop of the list, both without remarks

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(),
    reason=f"The sample lists are not here: {SAMPLES}. The walk needs them beside the checkout.",
)


def command(live_server, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `tracker` as the administrator of this installation would."""
    environ = {
        **os.environ,
        "TRACKER_HOME": str(tmp_path / "home"),
        "DATABASE_URL": live_server.app.config["TRACKER"].database_url,
        "TRACKER_URL": live_server.url,
    }
    return subprocess.run(
        [sys.executable, "-m", "tracker", *words], env=environ, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def told(live_server, tmp_path: Path):
    """Run a command that must succeed, and return what it printed."""

    def run(*words: str) -> str:
        ran = command(live_server, tmp_path, *words)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    return run


@pytest.fixture
def playwright(browser):
    return _Launcher(browser)


class _Launcher:
    """Starts further browsers of the kind that the tests use."""

    def __init__(self, browser):
        self.chromium = browser.browser_type


def an_organisation(admin: Person, kind: str, code: str, name: str) -> str:
    admin.go("/organisations/new")
    admin.choose(
        kind=kind, code=code, name=name, superior="Sở Giáo dục và Đào tạo", address="Vĩnh Yên, Vĩnh Phúc",
        phone="0300 111 222", representative="Lê Thị Mẫu", position="Giám đốc",
    )  # fmt: skip
    admin.submit("#organisation")
    return admin.page.url.rsplit("/", 1)[1]


def describe(admin: Person, org: str) -> None:
    """Fill in what papers need of an organisation that came from a list."""
    admin.go(f"/organisations/{org}")
    admin.choose(
        superior="Sở Giáo dục và Đào tạo",
        address="Sông Lô",
        representative="Trần Văn Mẫu",
        position="Hiệu trưởng",
    )
    admin.submit("#organisation")


def invite(admin: Person, org: str, role: str, name: str) -> str:
    admin.go(f"/organisations/{org}")
    email = f"{role}-{org}@example.vn"
    admin.page.fill("#add-person [name=name]", name)
    admin.page.fill("#add-person [name=email]", email)
    admin.page.locator(f'#add-person [name=role][value="{role}"]').check()
    admin.submit("#add-person")
    return admin.page.locator("#link").input_value()


def devices_of(person: Person) -> dict[str, str]:
    """Return the codes of the two devices by serial, as the list shows them."""
    found = {}
    for serial in SERIALS:
        person.go(f"/devices?q={serial}")
        link = person.page.locator("table.rows a.code").first
        found[serial] = link.inner_text().replace(" ", "")
    return found


def hand_over(sender: Person, to: str, codes: list[str]) -> str:
    """Draft a handover with these devices and send it; return its address."""
    sender.go("/handovers/new")
    option = sender.page.locator(f"#f-to option:has-text('{to}')").first.get_attribute("value")
    sender.choose(to=option)
    sender.press("button[form=new]")
    for code in codes:
        sender.page.fill("[data-wedge]", code)
        sender.page.press("[data-wedge]", "Enter")
    sender.press("form:has([data-collect]) button.btn-secondary:not([data-add]):not([data-start])")
    address = re.sub(r"/lines$", "", sender.page.url)
    sender.go(address)
    sender.press("form[action$='/send'] button")
    return address.removeprefix(sender.url)


def take_over(taker: Person, address: str, codes: list[str]) -> None:
    """Confirm at a store or workshop what arrived, by scanning."""
    taker.go(address.replace("/handovers/", "/h/"))
    for code in codes:
        taker.page.fill("[data-wedge]", code)
        taker.page.press("[data-wedge]", "Enter")
    taker.choose(name="Phạm Thị Nhận")
    taker.page.locator("[name=signature_typed]").check()
    taker.press("button[form=receipt]")


def work_on(technician: Person, code: str, *, broken: bool) -> None:
    """Inspect a device, repair it where it is broken, erase it and pass it."""
    page = technician.page
    technician.go(f"/t/{code}")
    technician.press(f"form[action='/workshop/{code}/inspect'] button")
    assert page.url.endswith(f"/workshop/{code}")
    if broken:
        form = f"form[action='/workshop/{code}/faults']:has([name=fault_note])"
        page.locator("details:has([name=fault_note])").first.evaluate("e => e.open = true") if page.locator(
            "details:has([name=fault_note])"
        ).count() else None
        page.locator(f"{form} select[name=fault]").select_option("battery")
        page.locator(f"{form} [name=fault_note]").fill("Pin phồng")
        technician.submit(form)
        technician.press(f"form[action='/workshop/{code}/repair'] button")
        outcome = page.locator("[name^=outcome-][value=replaced-part]").first
        outcome.check()
        technician.press("button[name=finish]")
    for tile in page.locator("#checks-form input[type=radio][value=pass]").all():
        tile.check()
    for measured in page.locator("#checks-form input[name^=value-]").all():
        measured.fill("100")
    technician.press("#checks-form button[type=submit], #checks-form button, button[form=checks-form]")
    erasure = f"form[action='/workshop/{code}/erasures']"
    for closed in page.locator(f"details:has({erasure})").all():
        closed.evaluate("e => e.open = true")
    page.locator(f"{erasure} [name=method][value=purge]").check()
    page.locator(f"{erasure} [name=tool]").fill("nwipe 0.34")
    page.locator(f"{erasure} [name=result][value=ok]").check()
    for name, said in CERTIFIED.items():
        page.locator(f"{erasure} [name={name}]").fill(said)
    technician.submit(erasure)
    page.locator("[name=function][value=F4]").check()
    page.locator("[name=cosmetic][value=C3]").check()
    technician.submit(f"form[action='/workshop/{code}/pass']")
    assert "Sẵn sàng" in technician.text()


def test_two_devices_travel_from_donor_to_pupil_and_the_ledger_proves_it(
    live_server, browser, playwright, told, tmp_path: Path
):
    url = live_server.url

    # An empty database; the first administrator is the only one who is not invited from a page.
    told("init")
    link = told("user", "add", "--role", "admin", "--email", "an@example.vn", "--name", "Đỗ Văn An")
    admin = Person(browser, url).accept(link)
    office = admin.go("/organisations").locator("table.rows a").first.get_attribute("href").rsplit("/", 1)[1]
    store = an_organisation(admin, "warehouse", "KHO", "Kho tiếp nhận")
    shop = an_organisation(admin, "workshop", "XUONG", "Viettel Vĩnh Phúc")
    coordinator = Person(browser, url).accept(invite(admin, office, "coordinator", "Vũ Thị Điều"))
    storekeeper = Person(browser, url).accept(invite(admin, store, "storekeeper", "Bùi Văn Kho"))
    technician = Person(browser, url).accept(invite(admin, shop, "technician", "Lý Văn Thợ"))

    # The list of donated devices becomes donations, devices and labels.
    storekeeper.go("/device-lists")
    storekeeper.page.set_input_files("[name=sheet]", SAMPLES / "thiet_bi_tiep_nhan_dot1.xlsx")
    storekeeper.submit("#list")
    storekeeper.choose(received_on="2021-11-01")
    storekeeper.press("button[form=take-in]")
    codes = devices_of(storekeeper)
    one, two = codes.values()

    # Each label is printed; the picture of the printed label is what the camera sees.
    labels = {}
    for code in (one, two):
        storekeeper.go(f"/devices/{code}/label")
        storekeeper.submit("#print-labels")
        pdf = storekeeper.fetch(urlsplit(storekeeper.page.url).path + "/labels.pdf")
        text, piece = paper.codes(paper.pictures(pdf)[0])[0]
        assert parse(text, hosts={url.removeprefix("http://")}) == code
        labels[code] = piece

    # To the workshop and back, with a record each way.
    address = hand_over(storekeeper, "Viettel Vĩnh Phúc", [one, two])
    take_over(technician, address, [one, two])
    with with_camera(playwright, technician, [labels[one]], tmp_path) as phone:
        phone.go("/scan")
        phone.page.click("[data-start]")
        phone.page.wait_for_url(re.compile(f"/t/{one}$", re.I), timeout=20_000)
    work_on(technician, one, broken=False)
    work_on(technician, two, broken=True)
    address = hand_over(technician, "Kho tiếp nhận", [one, two])
    take_over(storekeeper, address, [one, two])

    # The schools and one school's pupils come from lists; two of its pupils get the two devices.
    coordinator.go("/schools/import")
    coordinator.page.set_input_files("[name=sheet]", SAMPLES / "truong_hoc.csv")
    coordinator.press("button[form=import]")
    coordinator.press("button[form=take-in]")
    coordinator.go("/pupils/import")
    coordinator.page.set_input_files("[name=sheet]", SAMPLES / "hoc_sinh_THPT_Song_Lo.xlsx")
    coordinator.press("button[form=import]")
    coordinator.press("button[form=take-in]")
    coordinator.go("/schools?q=song+lo")
    school = (
        coordinator.page.locator("a[href^='/schools/']", has_text="Sông Lô")
        .first.get_attribute("href")
        .rsplit("/", 1)[1]
    )
    pupils = []
    for code in (one, two):
        coordinator.go(f"/matching?school={school}")
        pupil = coordinator.page.locator("#bind label:has([name=pupil])").first
        pupils.append(pupil.inner_text().split("\n")[0].strip())
        pupil.locator("input").check()
        coordinator.page.locator("#bind label:has([name=device])", has_text=f"{code[:4]} {code[4:]}").locator(
            "input"
        ).check()
        coordinator.press("button[form=bind]")
    assert pupils[0] != pupils[1]

    # Out to the school: the record on paper, with its one-time secret and the ledger's checkpoint.
    describe(admin, school)
    staff = Person(browser, url, phone=True).accept(invite(admin, school, "school", "Đặng Thị Trường"))
    address = hand_over(storekeeper, "Trường THPT Sông Lô", [one, two])
    record = storekeeper.download("form[action$='/print'] button")
    pages = paper.pictures(record, dpi=300)
    (tmp_path / "record.pdf").write_bytes(record)
    printed = [found for page in pages for found in paper.codes(page)]
    entry = [piece for text, piece in printed if f"{url}/h/" in text and "#" in text]
    checkpoint = next(text for text, _piece in printed if text.startswith("so-cai."))
    assert len(entry) >= len(pages), "the record's QR stands on every page"
    assert {one, two} <= {text for text, _piece in printed}, "each device's code can be scanned"

    # The school scans the record, then the devices, signs, and confirms.
    with with_camera(playwright, staff, [entry[0]], tmp_path) as phone:
        phone.go("/scan")
        phone.page.click("[data-start]")
        phone.page.wait_for_url("**/h/*", timeout=20_000)
        assert "#" not in phone.page.url
        secret = phone.page.locator("[name=secret]").input_value()
        opened = phone.page.url
    assert len(secret) >= 20
    with with_camera(playwright, staff, [labels[one], labels[two]], tmp_path) as phone:
        phone.page.goto(f"{opened}#{secret}")
        phone.page.click("[data-start]")
        expect(phone.page.locator("[data-count]")).to_have_text("2", timeout=20_000)
        phone.page.click("[data-stop]")
        phone.choose(name="Đặng Thị Trường")
        phone.sign()
        phone.press("button[form=receipt]")

    # And gives each to its pupil.
    for code in (one, two):
        staff.go(f"/devices/{code}/give")
        staff.choose(taken_by="guardian", name="Nguyễn Thị Phụ Huynh")
        staff.sign()
        staff.press("button[form=give]")

    # The last page shows the custody from donor to pupil.
    coordinator.go(f"/t/{two}")
    custody = coordinator.page.locator("ol.custody").inner_text()
    order = [
        "Công ty TNHH Điện tử Hồng Phát Việt",
        "Kho tiếp nhận",
        "Viettel Vĩnh Phúc",
        "Kho tiếp nhận",
        "Trường THPT Sông Lô",
        "Học sinh",
    ]
    at = -1
    for holder in order:
        at = custody.index(holder, at + 1)

    # The ledger proves it: with the checkpoint from the paper it verifies, and not with one byte changed.
    bundle = tmp_path / "bundle"
    told("ledger", "seal")
    told("ledger", "export", str(bundle))
    assert "no differences" in told("ledger", "replay")
    verified = subprocess.run(
        [sys.executable, "-I", str(bundle / "verify.py"), str(bundle), "--trust", checkpoint],
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout
    assert re.search(r"1 (trusted|điểm)", verified.stdout)
    _every_change_is_found(bundle, checkpoint)


def _every_change_is_found(bundle: Path, checkpoint: str) -> None:
    """Change one byte of each of the events in turn: the bundle must not verify."""
    file = bundle / "events.jsonl.b64"
    lines = file.read_bytes().splitlines()
    for index, line in enumerate(lines):
        body = bytearray(base64.b64decode(line))
        body[len(body) * 2 // 3] ^= 1
        changed = [*lines[:index], base64.b64encode(body), *lines[index + 1 :]]
        file.write_bytes(b"\n".join(changed) + b"\n")
        assert verify.main([str(bundle), "--trust", checkpoint]) == 1
    file.write_bytes(b"\n".join(lines) + b"\n")
