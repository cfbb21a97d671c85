"""Damaged files of publishers through their importers: a clean error or a table, never half of one.

The seeds are the first lines of the published files below KNOWLEDGE; without them the tests skip.
"""

import gzip
import os
from pathlib import Path

import pysam
import pytest
from damage import STEPS, examples, mutated
from hypothesis import given

from shirube.errors import ShirubeError
from shirube.knowledge.importers import Reference, import_source
from shirube.knowledge.sources import Source

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.realdata]

REPOSITORY = Path(__file__).resolve().parents[2]
KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", REPOSITORY.parent / "shared" / "knowledge")).resolve()
PUBLISHED = {
    # table: file of its main source below KNOWLEDGE, name of that source
    "phenotype_terms": ("hpo/hp.2016-04-01.obo.gz", "hpo"),
    "phenotype_genes": ("hpo/phenotype_to_genes.2017-01.txt.gz", "hpo_genes"),
    "gene_diseases": ("g2p/DDG2P.csv.gz", "g2p"),
    "gene_dosage": ("clingen_dosage/ClinGen_gene_curation_list_GRCh38.tsv", "clingen_dosage"),
    "gene_constraint": (
        "gnomad_constraint/gnomad.v2.1.1.gene-constraints.tsv.gz",
        "gnomad_constraint",
    ),
    "nando_genes": ("nando/gene_to_nando_derived.tsv", "nando_genes"),
    "hotspots": ("cancerhotspots/hotspots_v2_and_3d.grch38.txt", "cancerhotspots"),
    "drivers": ("driver_genes/intogen_compendium_cancer_genes.2023-05-31.tsv.gz", "intogen"),
    "isoforms": ("isoform_overrides/isoform_overrides_at_mskcc_grch38.txt", "isoform_overrides"),
    "predisposition": ("predisposition/cpsr_superpanel.grch38.2026-06.tsv", "predisposition"),
    "gene_names": ("hgnc/hgnc_complete_set_2023-10.subset_columns.txt.gz", "hgnc"),
    "disease_xrefs": ("mondo/mondo_exactmatch_omim.sssom.tsv.gz", "mondo"),
    "repeat_loci": ("strchive/STRchive-loci.json.gz", "strchive"),
}


@pytest.mark.parametrize("table", PUBLISHED)
def test_damaged_head_of_a_published_source(table: str, tmp_path: Path) -> None:
    """The first lines of a publisher's file, damaged, through its importer."""
    file, name = PUBLISHED[table]
    if not (KNOWLEDGE / file).is_file():
        pytest.skip(f"published knowledge is absent: {KNOWLEDGE / file} (set KNOWLEDGE)")
    raw = (KNOWLEDGE / file).read_bytes()
    text = gzip.decompress(raw) if file.endswith(".gz") else raw
    seed = text if file.endswith(".json.gz") else b"".join(text.splitlines(keepends=True)[:60])
    path, out, fasta = tmp_path / Path(file).name, tmp_path / "table.parquet", tmp_path / "ref.fa"
    fasta.write_text(">chr1\n" + "ACGT" * 100 + "\n")
    pysam.faidx(str(fasta))
    reference = Reference(fasta, "GRCh38", None)

    @examples(200)
    @given(STEPS)
    def fuzz(steps: list[tuple[int, float, float, bytes]]) -> None:
        damaged = mutated(seed, steps)
        path.write_bytes(gzip.compress(damaged, 1) if file.endswith(".gz") else damaged)
        out.unlink(missing_ok=True)
        parts = {name: Source(name, str(path), version="1", licence="own")}
        try:
            import_source(table, parts, reference, REPOSITORY / "resources", out)
        except ShirubeError:
            assert not out.exists(), "a refused source left a table"

    fuzz()
