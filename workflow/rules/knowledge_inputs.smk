"""Input functions and names of knowledge.smk. Defines no rule."""

fetch("shirube.knowledge.names")

from shirube.knowledge.names import (
    INTERPRETED,
    files_of,
    importable,
    in_pieces,
    parts_of,
    sources,
)

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


def import_memory(wildcards, input, attempt):
    """Resource function: memory, MB, of reading the files behind one table."""
    indexed = all(
        any(os.path.isfile(f"{file}{end}") for end in (".tbi", ".csi")) for file in input.parts
    )
    more = 0 if in_pieces(wildcards.source, indexed) else 0.5
    return doubling(2000, more, "parts")(wildcards, input, attempt)
