"""Make a store of trusted authorities for Chromium, with the library that Chromium itself loads: nss.py DIR CERT"""

import ctypes
import sys
from pathlib import Path

CERTDB_VALID_CA, CERTDB_TRUSTED_CA = 1 << 3, 1 << 4


class Item(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("data", ctypes.c_char_p), ("len", ctypes.c_uint)]


def trust(folder: Path, certificate: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    nss = ctypes.CDLL("libnss3.so")
    for name in ("PK11_GetInternalKeySlot", "CERT_GetDefaultCertDB", "CERT_NewTempCertificate"):
        getattr(nss, name).restype = ctypes.c_void_p
    pointer = ctypes.c_void_p
    assert nss.NSS_InitReadWrite(f"sql:{folder}".encode()) == 0
    slot = pointer(nss.PK11_GetInternalKeySlot())
    assert nss.PK11_InitPin(slot, None, b"") == 0
    database, item = pointer(nss.CERT_GetDefaultCertDB()), Item(0, certificate, len(certificate))
    decoded = pointer(nss.CERT_NewTempCertificate(database, ctypes.byref(item), None, 0, 1))
    assert nss.PK11_ImportCert(slot, decoded, ctypes.c_ulong(0), b"tracker", 0) == 0
    flags = (ctypes.c_uint * 3)(CERTDB_VALID_CA | CERTDB_TRUSTED_CA, 0, 0)
    assert nss.CERT_ChangeCertTrust(database, decoded, flags) == 0


if __name__ == "__main__":
    trust(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes())
