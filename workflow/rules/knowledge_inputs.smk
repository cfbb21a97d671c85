"""Input functions and names of knowledge.smk. Defines no rule."""

fetch("shirube.knowledge.names")

from shirube.knowledge.names import INTERPRETED, files_of, importable, parts_of, sources

RESOURCE_TABLES = resource_tables("doid_oncotree", "oncotree_parents")
SOURCES = sources(config)
KNOWLEDGE = importable(SOURCES)


def knowledge_parts(wildcards):
    """Configured sources behind one table: name -> its entry in the configuration."""
    return parts_of(wildcards.source, SOURCES)


def part_files(wildcards):
    """Input function: every file behind one table."""
    return [
        given(str(file))
        for part in knowledge_parts(wildcards).values()
        for file in files_of(part["path"])
    ]
