"""What the next page tells the reader, in a cookie of its own.

Flask keeps flashed messages in the session's cookie, which would then be signed anew for each message and
again for the page that shows it, and be unknown to the memory of good cookies in between.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

#: Messages kept for those who send forms and look at no page, and the longest message and cookie.
MOST, LONGEST_MESSAGE, LONGEST = 5, 500, 3000

#: A message nobody has seen is of no use later.
MAX_AGE = 600  # seconds

#: Sets this key apart from what else is signed with the installation's secret.
PERSON = b"tracker messages"

#: Bytes of the signature: BLAKE2b with a key is a message authentication code (RFC 7693).
SIGNATURE = 18

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def sealed(messages: list[tuple[str, str]], key: bytes) -> str:
    """Return the cookie's value for (category, message): each once, the last ones if there are too many."""
    last = list(dict.fromkeys(messages))[-MOST:]
    messages = [(category, message[:LONGEST_MESSAGE]) for category, message in last]
    while True:
        body = urlsafe_b64encode(_encode(messages).encode("utf-8", "surrogatepass"))
        if len(body) <= LONGEST or not messages:
            return (urlsafe_b64encode(_signature(body, key)) + body).decode()
        messages = messages[1:]


def opened(value: str, key: bytes) -> list[tuple[str, str]]:
    """Return the messages of a cookie; none, if we did not seal it."""
    raw = value.encode("utf-8", "replace")
    at = SIGNATURE * 4 // 3
    if not hmac.compare_digest(urlsafe_b64encode(_signature(raw[at:], key)), raw[:at]):
        return []
    return [(category, message) for category, message in json.loads(urlsafe_b64decode(raw[at:]))]


def _signature(body: bytes, key: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=SIGNATURE, person=PERSON).digest()
