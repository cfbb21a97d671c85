"""What new knowledge changes for the people of a finished run.

Nothing is called or classified again: the alleles and findings of the run are looked up in two
sets of knowledge tables, and what differs is listed with the reason. A person whose line is
marked `act` should be interpreted again.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from shirube.contracts import ALLELE, CLINICAL_EVIDENCE, GENE_MODELS, Contract, metadata, scan
from shirube.errors import InputError
from shirube.knowledge.cancer_tables import HOTSPOTS, PREDISPOSITION
from shirube.knowledge.rare_tables import GENE_CONSTRAINT, GENE_DISEASES, GENE_DOSAGE, NANDO_GENES
from shirube.knowledge.tables import CLINVAR, POPULATION

COLUMNS = {
    "patient": pl.String,
    "urgency": pl.String,
    "source": pl.String,
    "subject": pl.String,
    "old": pl.String,
    "new": pl.String,
    "why": pl.String,
}
URGENCIES = ("act", "look", "note")
# Frequencies at which criteria change: PM2 / BS1 / BA1 of ACMG/AMP 2015.
STEPS = (0.0001, 0.001, 0.01, 0.05)
_PATHOGENIC = ("Pathogenic", "Likely_pathogenic", "Oncogenic", "Likely_oncogenic")
_BY_GENE: dict[str, Contract] = {
    "gene_diseases": GENE_DISEASES,
    "gene_dosage": GENE_DOSAGE,
    "gene_constraint": GENE_CONSTRAINT,
    "nando_genes": NANDO_GENES,
    "hotspots": HOTSPOTS,
    "predisposition": PREDISPOSITION,
}

Row = dict[str, str | None]


class Knowledge:
    """Two directories of knowledge tables, as <results>/knowledge of two runs."""

    def __init__(self, old: str | Path, new: str | Path) -> None:
        self.old, self.new = Path(old), Path(new)
        for directory in (self.old, self.new):
            if not any(directory.glob("*.parquet")):
                raise InputError(directory, "a directory of knowledge tables (*.parquet)")

    def both(self, name: str) -> tuple[Path, Path] | None:
        """Files of a table that both sides have and that are not the same; None otherwise."""
        files = self.old / f"{name}.parquet", self.new / f"{name}.parquet"
        if not all(file.is_file() for file in files):
            return None
        told = [metadata(file) for file in files]
        same = told[0].get("sha256") == told[1].get("sha256") and told[0].get("sha256")
        return None if same else files

    def names(self) -> list[str]:
        """Tables of either side."""
        return sorted({f.stem for d in (self.old, self.new) for f in d.glob("*.parquet")})

    def why(self, name: str) -> str:
        """Source and releases, for people: `clinvar 2026-02 -> 2026-08`."""
        told = [self._release(d / f"{name}.parquet") for d in (self.old, self.new)]
        return f"{name} {told[0]} -> {told[1]}"

    @staticmethod
    def _release(path: Path) -> str:
        return metadata(path).get("release", "") if path.is_file() else "absent"


def differences(
    knowledge: Knowledge, alleles: pl.DataFrame, findings: pl.DataFrame
) -> pl.DataFrame:
    """COLUMNS, most urgent first in each patient.

    `alleles`: patient, ALLELE, name (how a reader calls it) of every allele that passed its
    filters; `findings`: patient, gene, kind, hgvs_p, name of what was reported. Subjects without
    a patient stand for the run as a whole (patient "").
    """
    rows = [
        *_clinvar(knowledge, alleles),
        *_frequencies(knowledge, alleles),
        *_evidence(knowledge, findings),
        *_models(knowledge, findings),
        *_by_gene(knowledge, findings),
        *_sources(knowledge),
    ]
    table = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    rank = pl.col("urgency").replace_strict(URGENCIES, range(len(URGENCIES)), return_dtype=pl.Int8)
    return table.unique().sort("patient", rank, "source", "subject", "new", "old", nulls_last=True)


def _joined(alleles: pl.DataFrame, files: tuple[Path, Path], contract: Contract) -> pl.DataFrame:
    """`alleles` with the columns of both tables, the new ones suffixed."""
    facts = [name for name in contract.schema if name not in ALLELE]
    asked = alleles.lazy()
    for file, suffix in zip(files, ("", "_new"), strict=True):
        known = scan(contract, file).rename({name: f"{name}{suffix}" for name in facts})
        asked = asked.join(known, on=list(ALLELE), how="left")
    return asked.collect()


def _clinvar(knowledge: Knowledge, alleles: pl.DataFrame) -> Iterable[Row]:
    files = knowledge.both("clinvar")
    if files is None:
        return
    both = _joined(alleles, files, CLINVAR)
    watched = ("significance", "stars", "oncogenicity", "somatic_impact")
    changed = pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"{n}_new")) for n in watched)
    for row in both.filter(changed).iter_rows(named=True):
        old, new = _clinvar_words(row, ""), _clinvar_words(row, "_new")
        classes = [_is_pathogenic(row, suffix) for suffix in ("", "_new")]
        same_words = row["significance"] == row["significance_new"] and (
            row["oncogenicity"] == row["oncogenicity_new"]
        )
        urgency = "act" if classes[0] != classes[1] else "note" if same_words else "look"
        yield _row(row["patient"], urgency, "clinvar", row["name"], old, new, knowledge)


def _is_pathogenic(row: Mapping[str, object], suffix: str) -> bool:
    words = f"{row[f'significance{suffix}'] or ''}|{row[f'oncogenicity{suffix}'] or ''}"
    return any(
        word.split(",")[0] in _PATHOGENIC for part in words.split("|") for word in part.split("/")
    )


def _clinvar_words(row: Mapping[str, object], suffix: str) -> str | None:
    """`Pathogenic (2 stars); oncogenicity Oncogenic`; None where ClinVar has no such allele."""
    if row[f"clinvar_id{suffix}"] is None:
        return None
    stars = row[f"stars{suffix}"]
    words = str(row[f"significance{suffix}"] or "no germline classification")
    words += "" if stars is None else f" ({stars} stars)"
    for name, label in (("oncogenicity", "oncogenicity"), ("somatic_impact", "somatic impact")):
        value = row[f"{name}{suffix}"]
        words += f"; {label} {value}" if value else ""
    return words


def _frequencies(knowledge: Knowledge, alleles: pl.DataFrame) -> Iterable[Row]:
    for name in knowledge.names():
        files = knowledge.both(name) if name.startswith("frequency_") else None
        if files is None:
            continue
        both = _joined(alleles, files, POPULATION)
        for column, label in (("af", "highest frequency"), ("japanese_af", "Japanese frequency")):
            old, new = pl.col(column), pl.col(f"{column}_new")
            moved = both.filter(_step(old).ne_missing(_step(new)))
            for row in moved.iter_rows(named=True):
                before, after = row[column], row[f"{column}_new"]
                old_, new_ = (None if v is None else f"{label} {v:.6g}" for v in (before, after))
                yield _row(row["patient"], "look", name, row["name"], old_, new_, knowledge)


def _step(value: pl.Expr) -> pl.Expr:
    """How many of STEPS a frequency reaches; null where it is unknown."""
    reached = pl.sum_horizontal((value >= step).cast(pl.Int8) for step in STEPS)
    return pl.when(value.is_not_null()).then(reached)


def _evidence(knowledge: Knowledge, findings: pl.DataFrame) -> Iterable[Row]:
    files = knowledge.both("clinical_evidence")
    if files is None:
        return
    old, new = (scan(CLINICAL_EVIDENCE, file).collect() for file in files)
    watched = ["level", "direction", "significance", "therapies", "oncotree", "match"]
    key = list(CLINICAL_EVIDENCE.key)
    added, removed = new.join(old, on=key, how="anti"), old.join(new, on=key, how="anti")
    both = old.join(new.select(*key, *watched), on=key, suffix="_new")
    changed = both.filter(
        pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"{n}_new")) for n in watched)
    )
    for finding in findings.iter_rows(named=True):
        genes = set((finding["gene"] or "").split("::"))
        for table, state in ((added, "added"), (removed, "removed"), (changed, "changed")):
            for item in table.filter(pl.col("gene").is_in(genes)).iter_rows(named=True):
                if not _concerns(item, finding, genes):
                    continue
                before = None if state == "added" else _item_words(item, "")
                suffix = "_new" if state == "changed" else ""
                after = None if state == "removed" else _item_words(item, suffix)
                strong = "A" in {item["level"], item.get("level_new")} or "B" in {
                    item["level"],
                    item.get("level_new"),
                }
                urgency = "act" if strong else "look"
                words = (finding["patient"], urgency, "clinical_evidence", finding["name"])
                yield _row(*words, before, after, knowledge, f"{item['id']} {state}")


def _concerns(
    item: Mapping[str, object], finding: Mapping[str, str | None], genes: set[str]
) -> bool:
    """True if an evidence item may speak of a finding: exact and codon matches are checked."""
    kind, match = finding["kind"] or "", item["match"]
    if match == "exact" and item["hgvs_p"]:
        return bool(finding["hgvs_p"]) and str(finding["hgvs_p"]).startswith(str(item["hgvs_p"]))
    if match == "codon":
        first = re.search(r"\d+", finding["hgvs_p"] or "")
        return first is not None and int(first[0]) == item["codon"]
    if match == "fusion":
        return kind in {"fusion", "structural"} and item["partner"] in {None, *genes}
    if match in {"amplification", "deletion"}:
        return kind == "copy_number"
    return match != "none" and kind not in {"copy_number", "fusion"}


def _item_words(item: Mapping[str, object], suffix: str) -> str:
    names = ("level", "significance", "therapies", "oncotree")
    words = [str(item[f"{name}{suffix}"]) for name in names if item[f"{name}{suffix}"]]
    return f"{item['gene']} {item['variant']}: " + ", ".join(words)


def _models(knowledge: Knowledge, findings: pl.DataFrame) -> Iterable[Row]:
    """Genes of findings whose MANE Select transcript is another one or has moved."""
    files = knowledge.both("gene_models")
    if files is None:
        return
    parts = []
    for file in files:
        table = scan(GENE_MODELS, file).filter(pl.col("mane") == "MANE Select").collect()
        parts.append(table.unique("gene", keep="first", maintain_order=True))
    both = parts[0].join(parts[1], on="gene", how="full", coalesce=True, suffix="_new")
    watched = ("transcript", "cds_start", "cds_end", "exon_starts", "exon_ends")
    moved = both.filter(
        pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"{n}_new")) for n in watched)
    )
    told = moved.select("gene", "transcript", "transcript_new")
    for row in findings.join(told, on="gene").iter_rows(named=True):
        subject = (row["patient"], "look", "gene_models", row["name"])
        yield _row(*subject, row["transcript"], row["transcript_new"], knowledge)


def _by_gene(knowledge: Knowledge, findings: pl.DataFrame) -> Iterable[Row]:
    """Rows of gene tables that came or went, for the genes of findings."""
    genes = findings.select("patient", "gene").drop_nulls().unique()
    for name, contract in _BY_GENE.items():
        files = knowledge.both(name)
        if files is None:
            continue
        old, new = (scan(contract, file).collect() for file in files)
        gone = _rows_of(old).join(_rows_of(new), on=["gene", "_row"], how="anti")
        come = _rows_of(new).join(_rows_of(old), on=["gene", "_row"], how="anti")
        for table, is_new in ((gone, False), (come, True)):
            for row in genes.join(table, on="gene").iter_rows(named=True):
                before, after = (None, row["_row"]) if is_new else (row["_row"], None)
                yield _row(row["patient"], "note", name, row["gene"], before, after, knowledge)


def _rows_of(table: pl.DataFrame) -> pl.DataFrame:
    """`gene` and every other column as one text."""
    return table.select("gene", pl.struct(pl.exclude("gene")).struct.json_encode().alias("_row"))


def _sources(knowledge: Knowledge) -> Iterable[Row]:
    """Sources that only one side has: what it knew is known no more, or is new to all."""
    for name in knowledge.names():
        has = [(d / f"{name}.parquet").is_file() for d in (knowledge.old, knowledge.new)]
        if has[0] != has[1]:
            before, after = (None, "source added") if has[1] else ("source removed", None)
            yield _row("", "look", name, name, before, after, knowledge)


def _row(
    patient: str,
    urgency: str,
    source: str,
    subject: str,
    old: str | None,
    new: str | None,
    knowledge: Knowledge,
    detail: str = "",
) -> Row:
    why = knowledge.why(source) + (f": {detail}" if detail else "")
    values = (patient, urgency, source, subject, old, new, why)
    return dict(zip(COLUMNS, values, strict=True))
