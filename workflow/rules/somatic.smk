"""Somatic: being written."""
