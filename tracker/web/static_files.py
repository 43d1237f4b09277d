"""Our static files, squeezed once for who takes them so: over a slow network they are what is waited for."""

import gzip
from functools import lru_cache
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from tracker.web.pages import STATIC

#: What gets shorter; drawings and typefaces have been squeezed by their makers.
SHRINKS = (".css", ".js", ".svg", ".wasm")
LEVEL = 9  # once for each file and process


@lru_cache(maxsize=256)
def _squeezed(path: str, _changed: int) -> bytes:
    return gzip.compress((STATIC / path).read_bytes(), LEVEL, mtime=0)


def init_app(app: Flask) -> None:
    """Put the squeezing before Flask's own view of static files, which checks that the file is one of ours."""
    plain: Any = app.view_functions["static"]  # awaited by nobody: none of ours is asynchronous

    def static(filename: str) -> ResponseReturnValue:
        answer: ResponseReturnValue = plain(filename=filename)
        if not (isinstance(answer, Response) and filename.endswith(SHRINKS)):
            return answer
        answer.vary.add("Accept-Encoding")
        if answer.status_code == 200 and request.accept_encodings["gzip"] and "Range" not in request.headers:
            file = STATIC / filename
            answer.response.close()  # type: ignore[union-attr]  # the file itself, which is not read
            answer.direct_passthrough = False
            answer.set_data(_squeezed(filename, file.stat().st_mtime_ns))
            answer.headers["Content-Encoding"] = "gzip"
            answer.set_etag(f"{answer.get_etag()[0]}-gzip")
        return answer

    app.view_functions["static"] = static
