"""Breakends to structural variants and fusions."""
