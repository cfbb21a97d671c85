"""Interpretation: being written."""
