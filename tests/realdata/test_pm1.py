"""PM1 tells ClinVar's pathogenic from its benign missense changes, each judged without itself."""

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from concordance import GENES, place

from shirube.contracts import write
from shirube.contracts.knowledge import CLINVAR
from shirube.interpret.residue import ClinVar
from shirube.interpret.stretch import stretches
from shirube.knowledge.clinvar import read_clinvar
from shirube.knowledge.genemodels import read_gene_models

KNOWLEDGE = Path(os.environ.get("KNOWLEDGE", "../shared/knowledge"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not KNOWLEDGE.is_dir(), reason=f"no knowledge at {KNOWLEDGE}"),
]
UNKNOWN = np.full(250_000_000, ord("N"), np.uint8)  # bases of a chromosome nobody knows
MODERATE = 4.33  # odds a moderate criterion stands for (doi:10.1038/gim.2017.210)


def test_odds_of_pm1(tmp_path: Path) -> None:
    models = read_gene_models(KNOWLEDGE / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz")
    chosen = models.filter(pl.col("gene").is_in(GENES) & (pl.col("mane") == "MANE Select"))
    by_gene = {model["gene"]: model for model in chosen.rows(named=True)}
    source = KNOWLEDGE / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
    table = read_clinvar(source, "GRCh38", lambda _: UNKNOWN)
    write(table, CLINVAR, tmp_path / "clinvar.parquet")
    stated = pl.col("significance").str.to_lowercase()
    judged = table.filter(
        pl.col("gene").is_in(GENES)
        & (pl.col("stars") >= 2)
        & pl.col("consequences").str.contains("missense_variant")
        & (stated.str.contains("pathogenic") ^ stated.str.contains("benign"))
    )
    rows = []
    for row in judged.rows(named=True):
        codon, _ = place(by_gene[row["gene"]], row["pos"])
        told = {"consequence": "missense_variant", "protein_pos": codon}
        rows.append(row | told | {"transcript": row["gene"]})
    found = stretches(ClinVar(str(tmp_path / "clinvar.parquet"), "").table, rows, by_gene)
    met = {"pathogenic": [0, 0], "benign": [0, 0]}
    for row in rows:
        one = found.get((str(row["chrom"]), row["pos"], row["ref"], row["alt"]))
        if one is not None:
            side = met["pathogenic" if "athogenic" in row["significance"] else "benign"]
            side[0] += one.harms
            side[1] += 1
    print(f"PM1 met by {met}")
    (bad, all_bad), (good, all_good) = met.values()
    assert min(all_bad, all_good) > 400
    # One more among the benign than were seen, so that chance alone cannot make the odds.
    assert (bad / all_bad) / ((good + 1) / all_good) > MODERATE
