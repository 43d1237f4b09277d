"""Make what a wheel holds but the repository does not: translations and what the pages load."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))


class Build(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # `make install` does both itself
            return
        import translations
        import vendor

        translations.compile_all()
        # A source archive brings the files along, so a machine without npm can build from it.
        if not vendor_is_whole(vendor):
            vendor.main([])


def vendor_is_whole(vendor: Any) -> bool:
    files = {vendor.VENDOR / name: sha for name, sha in vendor.recorded().items()}
    return bool(files) and all(
        path.is_file() and vendor.digest(path.read_bytes()) == sha for path, sha in files.items()
    )
