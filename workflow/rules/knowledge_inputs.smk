"""Input functions and names of knowledge.smk. Defines no rule."""

fetch("shirube.knowledge.names")

from shirube.knowledge.names import importable, parts_of

RESOURCE_TABLES = resource_tables("doid_oncotree", "oncotree_parents")
KNOWLEDGE = importable(config["knowledge"])


def knowledge_parts(wildcards):
    """Configured sources behind one table: name -> its entry in the configuration."""
    return parts_of(wildcards.source, config["knowledge"])
