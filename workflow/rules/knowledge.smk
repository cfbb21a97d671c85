"""Knowledge: being written."""
