"""Quality: being written."""
