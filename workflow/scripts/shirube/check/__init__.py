"""`shirube check`: every problem of the input, before any job."""
