"""The authority as a configuration profile, the one form in which iOS and iPadOS take it from a page.

Payload com.apple.security.root, Apple Configuration Profile Reference. Its ids come from the
certificate, so that installing it twice gives one profile.
"""

import plistlib
import uuid

from tracker.trust.queries import Standing

TYPE = "application/x-apple-aspen-config"


def profile(standing: Standing, *, name: str, says: str) -> bytes:
    """Return the profile that makes an Apple device know the authority."""
    own = uuid.uuid5(uuid.NAMESPACE_URL, standing.fingerprint)
    host = standing.limits.hosts[0] if standing.limits else ""
    identifier = ".".join(reversed(host.split("."))) + ".tracker.authority"
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.root",
        "PayloadUUID": str(uuid.uuid5(own, "root")).upper(),
        "PayloadDisplayName": name,
        "PayloadCertificateFileName": "authority.crt",
        "PayloadContent": standing.der,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": identifier,
            "PayloadUUID": str(own).upper(),
            "PayloadDisplayName": name,
            "PayloadDescription": says,
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [payload],
        }
    )
