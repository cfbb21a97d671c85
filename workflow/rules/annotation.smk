"""Annotation: being written."""
