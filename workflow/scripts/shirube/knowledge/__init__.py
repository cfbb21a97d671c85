"""Importers: each external source becomes one table with its version and licence."""
