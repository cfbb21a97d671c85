"""Which importer makes which table, and the writing of it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import polars as pl

from shirube.contracts import CLINICAL_EVIDENCE, GENE_MODELS, Contract, write
from shirube.contracts.knowledge import CLINVAR, ONCOTREE
from shirube.contracts.knowledge_cancer import (
    DRIVERS,
    EVIDENCE_BASIS,
    HOTSPOTS,
    ISOFORMS,
    PREDISPOSITION,
)
from shirube.contracts.knowledge_general import (
    DISEASE_XREFS,
    GENE_NAMES,
    REPEAT_LOCI,
)
from shirube.contracts.knowledge_rare import (
    GENE_CONSTRAINT,
    GENE_DISEASES,
    GENE_DOSAGE,
    NANDO_GENES,
    PHENOTYPE_DISEASES,
    PHENOTYPE_GENES,
    PHENOTYPE_TERMS,
    POPULATION_EVENTS,
)
from shirube.contracts.pharmacogenomics import (
    DIPLOTYPE_PHENOTYPES,
    DRUG_RECOMMENDATIONS,
    STAR_ALLELES,
    STAR_POSITIONS,
)
from shirube.errors import InputError
from shirube.genome.sequence import Bases, bases, contig_of
from shirube.knowledge.cancer_sources import (
    read_drivers,
    read_hotspots,
    read_isoforms,
    read_predisposition,
)
from shirube.knowledge.civic import read_civic, tumour_codes
from shirube.knowledge.civic_assertions import read_assertions
from shirube.knowledge.clinvar import read_clinvar
from shirube.knowledge.embedded_hpo import (
    embedded_diseases,
    embedded_genes,
    embedded_terms,
)
from shirube.knowledge.gene_facts import read_constraint, read_dosage, read_g2p, read_nando
from shirube.knowledge.genemodels import read_gene_models, refuse_other_sequence
from shirube.knowledge.general_sources import (
    read_disease_xrefs,
    read_gene_names,
    read_repeat_loci,
)
from shirube.knowledge.names import (
    BY_SYMBOL,
    FREQUENCY,
    NAMES,
    PACKAGE,
    PREDICTORS,
    files_of,
)
from shirube.knowledge.oncotree import read_oncotree
from shirube.knowledge.pharmcat import (
    diplotype_phenotypes,
    drug_recommendations,
    star_alleles,
    star_positions,
)
from shirube.knowledge.phenotype import read_diseases, read_genes, read_terms
from shirube.knowledge.population import layout_of, write_population
from shirube.knowledge.population_events import read_population_events
from shirube.knowledge.predictors import write_predictor
from shirube.knowledge.sources import Source
from shirube.knowledge.symbols import with_approved_symbols
from shirube.vcf import header


class Reference:
    """The run's reference as importers see it: bases of canonical chromosomes."""

    def __init__(
        self, fasta: str | Path, build: str, aliases: dict[str, str] | None = None
    ) -> None:
        self.fasta, self.build, self.aliases = fasta, build, aliases
        self.bases = lru_cache(2)(self._bases)  # of chromosomes that follow each other

    def _bases(self, chrom: str) -> Bases | None:
        contig = contig_of(self.fasta, chrom, self.aliases)
        return None if contig is None else bases(self.fasta, contig)


Parts = Mapping[str, Source]


def _gene_models(parts: Parts, reference: Reference, _: Path) -> pl.DataFrame:
    path = parts["gene_models"].path
    models = read_gene_models(path, reference.aliases)
    for (chrom,), part in models.group_by("chrom", maintain_order=True):
        sequence = reference.bases(str(chrom))
        if sequence is not None:
            refuse_other_sequence(part, sequence, path)
    return models


def _clinvar(parts: Parts, reference: Reference, _: Path) -> pl.DataFrame:
    path = parts["clinvar"].path
    return read_clinvar(path, reference.build, reference.bases, reference.aliases)


def _population_events(parts: Parts, reference: Reference, _: Path) -> pl.DataFrame:
    return read_population_events(parts["structural_frequencies"].path, reference.aliases)


def _clinical_evidence(parts: Parts, _: Reference, resources: Path) -> pl.DataFrame:
    parents = resources / "oncotree_parents.tsv"
    tree = read_oncotree(parts["oncotree"].path, parents) if "oncotree" in parts else None
    evidence = parts["civic_evidence"]
    return read_civic(
        evidence.path,
        parts["civic_variants"].path,
        evidence.version,
        tumour_codes(resources / "doid_oncotree.tsv", tree),
    )


def _oncotree(parts: Parts, _: Reference, resources: Path) -> pl.DataFrame:
    return read_oncotree(parts["oncotree"].path, resources / "oncotree_parents.tsv")


def _phenotype_terms(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    japanese = parts["hpo_japanese"].path if "hpo_japanese" in parts else None
    if parts["hpo"].format == PACKAGE:
        return embedded_terms(japanese)
    return read_terms(parts["hpo"].path, japanese)


def _phenotype_genes(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    source = parts["hpo_genes"]
    return embedded_genes() if source.format == PACKAGE else read_genes(source.path)


def _phenotype_diseases(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    source = parts["hpo_genes"]
    if source.format == PACKAGE:
        return embedded_diseases()
    named = parts["hpo_annotations"].path if "hpo_annotations" in parts else None
    return read_diseases(source.path, named)


def _nando(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    terms = parts["nando_terms"].path if "nando_terms" in parts else None
    return read_nando(parts["nando_genes"].path, terms)


def _hotspots(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    return read_hotspots(parts["cancerhotspots"].path, parts["cancerhotspots"].version)


def _disease_xrefs(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    return read_disease_xrefs(part.path for part in parts.values())


def _repeat_loci(parts: Parts, reference: Reference, _: Path) -> pl.DataFrame:
    return read_repeat_loci(parts["strchive"].path, reference.build)


def _diplotypes(parts: Parts, _: Reference, __: Path) -> pl.DataFrame:
    pypgx = parts["pypgx_diplotypes"].path if "pypgx_diplotypes" in parts else None
    return diplotype_phenotypes(files_of(parts["pharmcat"].path), pypgx)


def _pharmcat(
    read: Callable[[list[Path]], pl.DataFrame],
) -> Callable[[Parts, Reference, Path], pl.DataFrame]:
    """Importer of a table that PharmCAT's directory alone makes."""
    return lambda parts, _, __: read(files_of(parts["pharmcat"].path))


def _one(
    key: str, read: Callable[[str | Path], pl.DataFrame]
) -> Callable[[Parts, Reference, Path], pl.DataFrame]:
    """Importer of a table that one file makes alone."""
    return lambda parts, _, __: read(parts[key].path)


IMPORTERS: dict[str, tuple[Contract, Callable[[Parts, Reference, Path], pl.DataFrame]]] = {
    "gene_models": (GENE_MODELS, _gene_models),
    "clinvar": (CLINVAR, _clinvar),
    "clinical_evidence": (CLINICAL_EVIDENCE, _clinical_evidence),
    "evidence_basis": (EVIDENCE_BASIS, _one("civic_assertions", read_assertions)),
    "oncotree": (ONCOTREE, _oncotree),
    "phenotype_terms": (PHENOTYPE_TERMS, _phenotype_terms),
    "phenotype_genes": (PHENOTYPE_GENES, _phenotype_genes),
    "phenotype_diseases": (PHENOTYPE_DISEASES, _phenotype_diseases),
    "gene_diseases": (GENE_DISEASES, _one("g2p", read_g2p)),
    "gene_dosage": (GENE_DOSAGE, _one("clingen_dosage", read_dosage)),
    "gene_constraint": (GENE_CONSTRAINT, _one("gnomad_constraint", read_constraint)),
    "nando_genes": (NANDO_GENES, _nando),
    "population_events": (POPULATION_EVENTS, _population_events),
    "hotspots": (HOTSPOTS, _hotspots),
    "drivers": (DRIVERS, _one("intogen", read_drivers)),
    "isoforms": (ISOFORMS, _one("isoform_overrides", read_isoforms)),
    "predisposition": (PREDISPOSITION, _one("predisposition", read_predisposition)),
    "gene_names": (GENE_NAMES, _one("hgnc", read_gene_names)),
    "disease_xrefs": (DISEASE_XREFS, _disease_xrefs),
    "repeat_loci": (REPEAT_LOCI, _repeat_loci),
    "star_positions": (STAR_POSITIONS, _pharmcat(star_positions)),
    "star_alleles": (STAR_ALLELES, _pharmcat(star_alleles)),
    "diplotype_phenotypes": (DIPLOTYPE_PHENOTYPES, _diplotypes),
    "drug_recommendations": (DRUG_RECOMMENDATIONS, _pharmcat(drug_recommendations)),
}


# Gene files of HPO before 2021 name no diseases.
MAY_BE_EMPTY = ("phenotype_diseases",)


def import_source(
    name: str, parts: Parts, reference: Reference, resources: Path, output: str | Path
) -> int:
    """Write table `name` to `output` with where it came from as metadata; return its rows.

    With HGNC among the parts, genes go by its approved symbols (metadata `symbols`: its release).
    Metadata `covers` names the chromosomes a table of places speaks of: of others it knows nothing.
    """
    names = parts.get(NAMES) if name in BY_SYMBOL else None
    parts = {key: part for key, part in parts.items() if part is not names}
    about = [parts[key].about() for key in parts]
    joined = {key: " | ".join(one[key] for one in about) for key in about[0]}
    files = " ".join(part.path for part in parts.values())
    try:
        if name.startswith(FREQUENCY):
            return _frequencies(list(parts.values()), reference, joined, output)
        if name in PREDICTORS:
            where = (reference.build, reference.bases, output, joined, reference.aliases)
            return write_predictor(name, parts[name].path, *where)
        contract, importer = IMPORTERS[name]
        rows = importer(parts, reference, resources)
        if names is not None:
            rows = contract.table(with_approved_symbols(rows, read_gene_names(names.path)))
    except (pl.exceptions.PolarsError, OverflowError, UnicodeDecodeError) as error:
        raise InputError(files, f"a whole {name} file ({str(error).splitlines()[0]})") from error
    if not rows.height and name not in MAY_BE_EMPTY:
        raise InputError(next(iter(parts.values())).path, "at least one usable row")
    covers = {} if names is None else {"symbols": f"HGNC {names.about()['release']}"}
    if "chrom" in rows.columns:
        covers["covers"] = ", ".join(map(str, rows["chrom"].unique().sort()))
    write(rows, contract, output, {**joined, **covers, "rows": str(rows.height)})
    return rows.height


def _frequencies(
    sources: list[Source], reference: Reference, about: Mapping[str, str], output: str | Path
) -> int:
    files = []
    for source in sources:
        path = source.path
        asked = (source.format, header(path), path, source.populations, source.japanese)
        files.append((path, layout_of(*asked, source.chromosomes)))
    label = sources[0].name.removeprefix(FREQUENCY)
    facts = {**about, "label": label, "japanese": files[0][1].japanese or ""}
    return write_population(
        files, reference.build, reference.bases, output, facts, reference.aliases
    )
