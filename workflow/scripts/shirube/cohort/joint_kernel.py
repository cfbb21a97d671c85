"""Kernels that walk the raw bytes of a joint BCF."""
