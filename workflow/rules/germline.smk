"""Germline: being written."""
