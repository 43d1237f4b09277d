"""The application for a WSGI server: `granian --interface wsgi tracker.wsgi:app`."""

from tracker import create_app

app = create_app()
