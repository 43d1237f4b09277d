"""One lock for PDFium, which keeps its state in globals: whoever calls it holds `LOCK`, closing what was opened included."""

import threading

LOCK = threading.RLock()
