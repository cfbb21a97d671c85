"""What new knowledge changes for the people of a finished run.

Nothing is called or classified again: the alleles and findings of the run are looked up in two
sets of knowledge tables, and what differs is listed with the reason. A person whose line is
marked `act` should be interpreted again.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from shirube.contracts import ALLELE, CLINICAL_EVIDENCE, GENE_MODELS, Contract, metadata, scan
from shirube.contracts.knowledge import CLINVAR, ENOUGH, POPULATION
from shirube.contracts.knowledge_cancer import DRIVERS, HOTSPOTS, PREDISPOSITION
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.contracts.knowledge_rare import (
    GENE_CONSTRAINT,
    GENE_DISEASES,
    GENE_DOSAGE,
    NANDO_GENES,
    PHENOTYPE_GENES,
    POPULATION_EVENTS,
)
from shirube.errors import InputError
from shirube.knowledge.significance import is_pathogenic

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
PREDICTORS, MOVED = ("alphamissense", "revel", "spliceai"), 0.1
_ONCOGENIC = ("Oncogenic", "Likely_oncogenic")
_BY_GENE: dict[str, Contract] = {
    "gene_diseases": GENE_DISEASES,
    "gene_dosage": GENE_DOSAGE,
    "gene_constraint": GENE_CONSTRAINT,
    "nando_genes": NANDO_GENES,
    "hotspots": HOTSPOTS,
    "predisposition": PREDISPOSITION,
    "drivers": DRIVERS,
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
        about = [metadata(file) for file in files]
        same = about[0].get("sha256") == about[1].get("sha256") and about[0].get("sha256")
        return None if same else files

    def names(self) -> list[str]:
        """Tables of either side."""
        return sorted({f.stem for d in (self.old, self.new) for f in d.glob("*.parquet")})

    def why(self, name: str) -> str:
        """Source and releases, for people: `clinvar 2026-02 -> 2026-08`."""
        releases = [self._release(d / f"{name}.parquet") for d in (self.old, self.new)]
        return f"{name} {releases[0]} -> {releases[1]}"

    @staticmethod
    def _release(path: Path) -> str:
        return metadata(path).get("release", "") if path.is_file() else "absent"


class People(Protocol):
    """How many people have a deletion or duplication, as the criteria ask it."""

    @property
    def frequency(self) -> float | None:
        """Of the most frequent event that counts as the same; None: none does."""

    def met(self) -> bool:
        """Whether so many people have it that a criterion says so."""


# svtype, chrom, start, end (0-based half-open), POPULATION_EVENTS -> who has the event
AskPeople = Callable[[str, str, int, int, pl.DataFrame], People | None]


def differences(
    knowledge: Knowledge,
    alleles: pl.DataFrame,
    findings: pl.DataFrame,
    events: pl.DataFrame | None = None,
    people: AskPeople | None = None,
) -> pl.DataFrame:
    """COLUMNS, most urgent first in each patient.

    `alleles`: patient, ALLELE, name (how a reader calls it) of every allele that passed its
    filters; `findings`: patient, gene, kind, hgvs_p, name of what was reported; `events`: patient,
    name, svtype, chrom, start, end of reported deletions and duplications, of which `people` tells
    how many have them. Subjects without a patient stand for the run as a whole (patient "").
    """
    rows = [
        *_clinvar(knowledge, alleles),
        *_frequencies(knowledge, alleles),
        *_predictors(knowledge, alleles),
        *(_events(knowledge, events, people) if events is not None and people else ()),
        *_evidence(knowledge, findings),
        *_models(knowledge, findings),
        *_by_gene(knowledge, findings),
        *_phenotypes(knowledge, findings),
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
        classes = [_acted_on(row, suffix) for suffix in ("", "_new")]
        same_words = row["significance"] == row["significance_new"] and (
            row["oncogenicity"] == row["oncogenicity_new"]
        )
        urgency = "act" if classes[0] != classes[1] else "note" if same_words else "look"
        yield _row(row["patient"], urgency, "clinvar", row["name"], old, new, knowledge)


def _acted_on(row: Mapping[str, object], suffix: str) -> bool:
    pathogenic = is_pathogenic(str(row[f"significance{suffix}"] or ""))
    return pathogenic or str(row[f"oncogenicity{suffix}"]).startswith(_ONCOGENIC)


def _clinvar_words(row: Mapping[str, object], suffix: str) -> str | None:
    """`Pathogenic (2 stars); oncogenicity Oncogenic`; None where ClinVar has no such allele."""
    if row[f"clinvar_id{suffix}"] is None:
        return None
    stars = row[f"stars{suffix}"]
    words = str(row[f"significance{suffix}"] or "no germline classification")
    words += "" if stars is None else f" ({stars} star{'' if stars == 1 else 's'})"
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
        for prefix, label in (("", "highest frequency"), ("japanese_", "Japanese frequency")):
            sides = [(_step(pl.col(f"{prefix}af{s}")), _counts(prefix, s)) for s in ("", "_new")]
            (old, old_counts), (new, new_counts) = sides
            moved = both.filter(old.ne_missing(new) | old_counts.ne_missing(new_counts))
            for row in moved.iter_rows(named=True):
                before, after = (_frequency_words(row, prefix, label, s) for s in ("", "_new"))
                yield _row(row["patient"], "look", name, row["name"], before, after, knowledge)


def _counts(prefix: str, suffix: str) -> pl.Expr:
    """Whether a frequency is evidence: of enough chromosomes, and its source does not filter it."""
    enough = (pl.col(f"{prefix}an{suffix}") >= ENOUGH).fill_null(False)
    known = pl.col(f"{prefix}af{suffix}").is_not_null()
    return pl.when(known).then(enough & pl.col(f"passed{suffix}"))


def _frequency_words(row: Mapping[str, Any], prefix: str, label: str, suffix: str) -> str | None:
    """`Japanese frequency 0.02 of 9,000 chromosomes`; None where the source has no such allele."""
    found, size = row[f"{prefix}af{suffix}"], row[f"{prefix}an{suffix}"]
    if found is None:
        return None
    words = f"{label} {found:.6g} of "
    words += "an unknown number of chromosomes" if size is None else f"{size:,} chromosomes"
    return words + ("" if row[f"passed{suffix}"] else ", filtered by its source")


def _predictors(knowledge: Knowledge, alleles: pl.DataFrame) -> Iterable[Row]:
    """Scores of alleles that moved by MOVED or more, came or went."""
    for name in PREDICTORS:
        files = knowledge.both(name)
        if files is None:
            continue
        both = _joined(alleles, files, PREDICTOR)
        old, new = pl.col("score"), pl.col("score_new")
        moved = old.is_null().ne_missing(new.is_null()) | ((old - new).abs() >= MOVED)
        same = pl.col("gene").eq_missing(pl.col("gene_new"))
        paired = same | old.is_null() | new.is_null()  # a score a gene: of the same gene
        for row in both.filter(moved.fill_null(False) & paired).iter_rows(named=True):
            scores = (row["score"], row["score_new"])
            before, after = (None if one is None else f"score {one:.3g}" for one in scores)
            yield _row(row["patient"], "look", name, row["name"], before, after, knowledge)


def _events(knowledge: Knowledge, events: pl.DataFrame, people: AskPeople) -> Iterable[Row]:
    """Deletions and duplications of which another share of people is known to have them."""
    files = knowledge.both("population_events")
    if files is None:
        return
    tables = [scan(POPULATION_EVENTS, file).collect() for file in files]
    for patient, name, svtype, chrom, start, end in events.iter_rows():
        before, after = (people(svtype, chrom, start, end, table) for table in tables)
        words = [_people_words(one) for one in (before, after)]
        if words[0] == words[1]:
            continue
        crossed = [one is not None and one.met() for one in (before, after)]
        urgency = "act" if crossed[0] != crossed[1] else "look"
        yield _row(patient, urgency, "population_events", name, words[0], words[1], knowledge)


def _people_words(found: People | None) -> str | None:
    """`frequency 0.02`; None where nothing is known of the chromosome or nobody is told of."""
    return None if found is None or found.frequency is None else f"frequency {found.frequency:.6g}"


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
    return match not in {"none", "biomarker"} and kind not in {"copy_number", "fusion"}


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
    pairs = moved.select("gene", "transcript", "transcript_new")
    for row in findings.join(pairs, on="gene").iter_rows(named=True):
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
                words = _gene_words(row["_row"])
                before, after = (None, words) if is_new else (words, None)
                yield _row(row["patient"], "note", name, row["gene"], before, after, knowledge)


def _rows_of(table: pl.DataFrame) -> pl.DataFrame:
    """`gene` and every other column as one text."""
    return table.select("gene", pl.struct(pl.exclude("gene")).struct.json_encode().alias("_row"))


def _gene_words(row: str) -> str:
    """`inheritance AD; disease Noonan syndrome`: the facts a row states, for people."""
    return "; ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in json.loads(row).items()
        if value is not None
    )


def _phenotypes(knowledge: Knowledge, findings: pl.DataFrame) -> Iterable[Row]:
    """Terms that genes of findings gained or lost: how many, and the first few."""
    files = knowledge.both("phenotype_genes")
    if files is None:
        return
    old, new = (scan(PHENOTYPE_GENES, file).collect() for file in files)
    for patient, gene in findings.select("patient", "gene").drop_nulls().unique().rows():
        before, after = (set(table.filter(gene=gene)["term"]) for table in (old, new))
        lost, gained = sorted(before - after), sorted(after - before)
        if lost or gained:
            terms = (_terms_words(lost), _terms_words(gained))
            yield _row(patient, "note", "phenotype_genes", gene, *terms, knowledge)


def _terms_words(terms: list[str]) -> str | None:
    if not terms:
        return None
    rest = f" and {len(terms) - 5} more" if len(terms) > 5 else ""
    return f"{len(terms)} terms: {', '.join(terms[:5])}{rest}"


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
