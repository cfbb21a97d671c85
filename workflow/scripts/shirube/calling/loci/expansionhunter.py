"""ExpansionHunter behind the contract REPEATS: its catalogue, its command, its results.

Its JSON has an object a locus: AlleleCount, Coverage and, by variant, Genotype ("17/45"),
GenotypeConfidenceInterval ("17-17/40-52") and counts of reads as "(length, reads), ...".
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from shirube.calling.loci.repeat_sizes import Size
from shirube.calling.loci.repeats import (
    MIN_DEPTH,
    measured,
    motifs_of,
    not_assessable,
    repeats_table,
)
from shirube.errors import InputError
from shirube.reasons import because
from shirube.tools import run

ENGINE = "expansionhunter"
_COUNTS = re.compile(r"\((\d+), (\d+)\)")
_SEX = {"XX": "female", "XY": "male"}


def catalogue(loci: Sequence[Mapping[str, Any]], contigs: Mapping[str, str]) -> str:
    """The variant catalogue (JSON) of rows of REPEAT_LOCI; `contigs`: the reference's names."""
    out = []
    for locus in loci:
        motifs, counted = motifs_of(locus)
        if str(locus["chrom"]) not in contigs or not counted:
            continue
        region = f"{contigs[str(locus['chrom'])]}:{locus['start']}-{locus['end']}"
        out.append(
            {
                "LocusId": locus["locus"],
                "LocusStructure": f"({motifs[counted[0]]})*",
                "ReferenceRegion": region,
                "VariantType": "Repeat",
            }
        )
    return json.dumps(out, indent=1) + "\n"


def hunt(
    reads: str, reference: str, loci: str, sex: str | None, prefix: str | Path, threads: int = 1
) -> Path:
    """Run ExpansionHunter with the catalogue `loci`; return its JSON."""
    sex_words = ["--sex", _SEX[sex]] if sex in _SEX else []
    run(
        "ExpansionHunter", "--reads", reads, "--reference", reference, "--variant-catalog", loci,
        "--output-prefix", prefix, "--threads", threads, *sex_words,
    )  # fmt: skip
    return Path(f"{prefix}.json")


def _reads(variant: Mapping[str, Any], key: str) -> int:
    return sum(int(count) for _, count in _COUNTS.findall(str(variant.get(key) or "")))


def read_expansionhunter(
    path: str | Path, loci: Sequence[Mapping[str, Any]], ploidies: Mapping[str, int]
) -> pl.DataFrame:
    """REPEATS of ExpansionHunter's JSON for every row of REPEAT_LOCI; `ploidies` by locus.

    A locus it did not genotype is not assessable. Raises InputError if the file is not its JSON.
    """
    try:
        results = json.loads(Path(path).read_text())["LocusResults"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(path, "ExpansionHunter's JSON with LocusResults") from error
    rows = []
    for locus in loci:
        ploidy, name = ploidies[locus["locus"]], locus["locus"]
        result = results.get(name)
        motifs, counted = motifs_of(locus)
        about: dict[str, Any] = {"engine": ENGINE, "motif": "|".join(motifs[i] for i in counted)}
        if result is None:
            rows.append(not_assessable(locus, ploidy, because("repeat.no_result"), **about))
            continue
        variant: Mapping[str, Any] = next(iter((result.get("Variants") or {}).values()), {})
        depth = result.get("Coverage")
        about |= {
            "spanning": _reads(variant, "CountsOfSpanningReads"),
            "flanking": _reads(variant, "CountsOfFlankingReads"),
            "in_repeat": _reads(variant, "CountsOfInrepeatReads"),
            "depth": None if depth is None else float(depth),
        }
        genotype = variant.get("Genotype")
        if not genotype:
            rows.append(not_assessable(locus, ploidy, because("repeat.no_genotype"), **about))
            continue
        if depth is None or depth < MIN_DEPTH * ploidy / 2:
            reason = because("repeat.shallow", depth=depth, needed=f"{MIN_DEPTH * ploidy / 2:g}")
            rows.append(not_assessable(locus, ploidy, reason, **about))
            continue
        interval = variant.get("GenotypeConfidenceInterval")
        alleles = _sizes(genotype, interval, path, name)
        reason = because("repeat.genotype", genotype=genotype, interval=interval)
        rows.append(measured(locus, alleles, len(alleles), {**about, "reason": reason}))
    return repeats_table(rows)


def _sizes(genotype: str, interval: str | None, path: str | Path, name: str) -> list[Size]:
    try:
        copies = [int(part) for part in genotype.split("/")]
        spans = [tuple(int(end) for end in part.split("-")) for part in (interval or "").split("/")]
        return [Size(n, low, high) for n, (low, high) in zip(copies, spans, strict=True)]
    except ValueError as error:
        raise InputError(
            path, "Genotype a/b with an interval low-high for each", f"locus {name}"
        ) from error
