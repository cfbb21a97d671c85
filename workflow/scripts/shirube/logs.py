"""The log file of one job."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator

from shirube.errors import ShirubeError


@contextlib.contextmanager
def job_log(path: str) -> Iterator[logging.Logger]:
    """Send logging, stderr (child processes' too) and any traceback of the block to `path`.

    A ShirubeError is the input's fault: one line, exit status 1, no traceback.
    """
    with open(path, "w", buffering=1) as stream, contextlib.redirect_stderr(stream):
        os.dup2(stream.fileno(), 2)
        logging.basicConfig(
            stream=stream, level=logging.INFO, format="%(levelname)s %(message)s", force=True
        )
        try:
            yield logging.getLogger("shirube")
        except ShirubeError as error:
            logging.error("%s", error)
            sys.exit(1)
        except Exception:
            logging.exception("job failed")
            raise
