"""The page of trust for a WSGI server, without TLS: `granian --interface wsgi tracker.trust_wsgi:app`."""

from tracker import config, create_app
from tracker.trust import plain

_settings = config.read()
app = plain.create(_settings, create_app(_settings))
