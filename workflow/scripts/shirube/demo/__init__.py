"""The demonstration: an artificial genome, its people and their reads."""
