"""Report: being written."""
