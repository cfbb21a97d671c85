"""Setting up a run: sheets from the files that are there, configuration, knowledge of a bundle."""
