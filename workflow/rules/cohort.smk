"""Cohort: being written."""
