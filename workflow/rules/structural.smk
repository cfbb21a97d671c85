"""Structural: being written."""
