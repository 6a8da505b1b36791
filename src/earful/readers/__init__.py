"""Readers: files, streams and frames of feedback in, documented rows out.

:func:`open_inputs` is the way in. Each format has a reader class, found by name in ``earful.registry``.
"""

from earful.readers.detect import formats
from earful.readers.feed import Feed, open_inputs
from earful.readers.query import Query
from earful.readers.reader import Reader
from earful.readers.rejects import Record, Reject
from earful.readers.scales import Scale
from earful.readers.survey import Survey

__all__ = ["Feed", "Query", "Reader", "Record", "Reject", "Scale", "Survey", "formats", "open_inputs"]
