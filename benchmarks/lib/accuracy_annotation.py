"""ClinVar's consequences and others' HGVS names against ours; each difference with its reason."""

import os
import sys
from pathlib import Path

import polars as pl
from accuracy_rows import Row

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/support"))

from clinvar_oracle import verdicts
from hgvs_oracle import LEAST, Oracles

from shirube.knowledge.genemodels import read_gene_models

LISTED = Path(__file__).parents[1] / "out" / "clinvar_differences.tsv"
NAMES = LISTED.with_name("hgvs_differences.tsv")


def clinvar(realdata: Path) -> list[Row]:
    """Records of five genes whose class equals ClinVar's (tp) or not (fn), by gene and in all.

    Records that need sequence no one has here are in neither, and counted in the note.
    """
    knowledge = Path(os.environ.get("KNOWLEDGE", realdata.parent / "knowledge"))
    models = knowledge / "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz"
    judged = verdicts(
        knowledge / "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz",
        read_gene_models(models),
        {"chr17": realdata / "ref-grch38-chr17/chr17.tp53_brca1.fa.gz"},
    )
    LISTED.parent.mkdir(parents=True, exist_ok=True)
    judged.filter(pl.col("state") == "differs").write_csv(LISTED, separator="\t")
    rows = [
        _row(gene, judged.filter(pl.col("gene") == gene)) for gene in sorted(set(judged["gene"]))
    ]
    return [*rows, _row("all", judged)]


def _row(name: str, judged: pl.DataFrame) -> Row:
    count = {state: int((judged["state"] == state).sum()) for state in judged["state"].unique()}
    unreasoned = judged.filter(pl.col("state") == "differs", pl.col("reason") == "").height
    note = (
        f"{count.get('not computable', 0)} not computable, "
        f"{count.get('ClinVar states none', 0)} without a class in ClinVar, "
        f"{unreasoned} differences without a reason ({LISTED.name})"
    )
    agrees, differs = count.get("agrees", 0), count.get("differs", 0)
    return Row(
        "clinvar-consequences", "embedded", name, tp=agrees, fp=unreasoned, fn=differs, note=note
    )


def hgvs(realdata: Path) -> list[Row]:
    """Names by oracle that are ours too (tp), that differ (fn), and differ without reason (fp)."""
    knowledge = Path(os.environ.get("KNOWLEDGE", realdata.parent / "knowledge"))
    oracles, rows, listed = Oracles(realdata, knowledge), [], []
    for name in sorted(LEAST):
        compared = list(getattr(oracles, name)())
        different = [one for one in compared if not one.agrees]
        listed += [(name, one.what, one.theirs, one.ours, one.reason) for one in different]
        unreasoned = sum(not one.reason for one in different)
        agree = len(compared) - len(different)
        note = f"{unreasoned} differences without a reason ({NAMES.name})"
        rows.append(
            Row("hgvs", "embedded", name, tp=agree, fp=unreasoned, fn=len(different), note=note)
        )
    agree, differ, odd = (sum(getattr(row, key) for row in rows) for key in ("tp", "fn", "fp"))
    rows.append(Row("hgvs", "embedded", "all", tp=agree, fp=odd, fn=differ, note="every oracle"))
    NAMES.parent.mkdir(parents=True, exist_ok=True)
    columns = ["oracle", "what", "theirs", "ours", "reason"]
    pl.DataFrame(listed, schema=dict.fromkeys(columns, pl.String), orient="row").write_csv(
        NAMES, separator="\t"
    )
    return rows


TRUTH_SETS = [clinvar, hgvs]
