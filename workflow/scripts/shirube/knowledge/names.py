"""Which table is made from which configured files.

`PARTS` maps a table <results>/knowledge/{table}.parquet to the keys of the configuration's
`knowledge` section it is made from: those it needs, then those it uses if configured. The rules
read this module while they are parsed, so it imports next to nothing.
"""

from collections.abc import Mapping
from typing import Any

from shirube.errors import InputError

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gene_models": (("gene_models",), ()),
    "clinvar": (("clinvar",), ()),
    "clinical_evidence": (("civic_evidence", "civic_variants"), ("oncotree",)),
    "evidence_basis": (("civic_assertions",), ()),
    "oncotree": (("oncotree",), ()),
    "phenotype_terms": (("hpo",), ("hpo_japanese",)),
    "phenotype_genes": (("hpo_genes",), ()),
    "gene_diseases": (("g2p",), ()),
    "gene_dosage": (("clingen_dosage",), ()),
    "gene_constraint": (("gnomad_constraint",), ()),
    "nando_genes": (("nando_genes",), ("nando_terms",)),
    "hotspots": (("cancerhotspots",), ()),
    "drivers": (("intogen",), ()),
    "isoforms": (("isoform_overrides",), ()),
    "predisposition": (("predisposition",), ()),
    "gene_names": (("hgnc",), ()),
    "disease_xrefs": (("mondo",), ("mondo_nando", "mondo_orphanet")),
    "repeat_loci": (("strchive",), ()),
    "excluded_regions": (("excluded_regions",), ()),
    "chains": (("chain",), ()),
    "alphamissense": (("alphamissense",), ()),
    "revel": (("revel",), ()),
    "spliceai": (("spliceai",), ()),
}


FREQUENCY = "frequency_"


def importable(configured: Mapping[str, Any]) -> list[str]:
    """Tables that can be made from the configured sources, in a fixed order."""
    tables = [
        name for name, (needed, _) in PARTS.items() if all(key in configured for key in needed)
    ]
    return tables + [FREQUENCY + name for name in configured.get("frequencies", {})]


def parts_of(name: str, configured: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Configured sources that table `name` is made from; InputError if one it needs is absent."""
    if name.startswith(FREQUENCY):
        sources = configured.get("frequencies", {})
        key = name.removeprefix(FREQUENCY)
        if key not in sources:
            raise InputError("config", f"knowledge source frequencies/{key}")
        return {name: sources[key]}
    needed, optional = PARTS[name]
    absent = [key for key in needed if key not in configured]
    if absent:
        raise InputError("config", f"knowledge source {absent[0]}, which {name} is made from")
    chosen = [*needed, *(key for key in optional if key in configured)]
    return {key: configured[key] for key in chosen}
