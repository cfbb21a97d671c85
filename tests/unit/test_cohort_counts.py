"""The cohort's counts against a naive count of the same artificial people."""

from pathlib import Path

import polars as pl
import pytest
from cohort_case import PAR, naive_counts, person, write_gvcf, write_reference

from shirube.cohort.frequency import chrom_frequencies
from shirube.cohort.person import read_person
from shirube.cohort.reference import Reference
from shirube.cohort.state import State
from shirube.contracts import ALLELE
from shirube.genome.chromosomes import CHROMS
from shirube.genome.genotype_rule import GenotypeRule

SETTINGS = {"rule": GenotypeRule().text(), "build": "artificial"}


def ingest(state: State, folder: Path, sequences: dict, sexes: list[str], seed: int) -> list:
    reference = Reference.open(folder / "r.fa")
    people, entries = [], {}
    for n, sex in enumerate(sexes):
        records = person(sequences, sex, seed * 1000 + n)
        path = write_gvcf(folder / f"s{n}.g.vcf.gz", f"s{n}", sequences, records)
        read = read_person(path, f"s{n}", sex, GenotypeRule(), reference, PAR)
        entries[f"s{n}"] = state.entry(f"s{n}", f"p{n}", sex, f"sex={sex}", f"{seed}.{n}", read)
        people.append((records, sex))
    state.update(entries, list(entries))
    return people


@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_a_naive_count(tmp_path: Path, seed: int) -> None:
    sequences = write_reference(tmp_path / "r.fa", seed)
    state = State(tmp_path / "state", SETTINGS)
    people = ingest(state, tmp_path, sequences, ["XX", "XY", "XX", "XY", "unknown"], seed)
    expected = naive_counts(sequences, people)
    found = pl.concat([chrom_frequencies(state, c, ["sex"], PAR) for c in CHROMS])
    for group, chosen in (("all", people), ("sex=XY", [p for p in people if p[1] == "XY"])):
        wanted = naive_counts(sequences, chosen)
        rows = found.filter(pl.col("stratum") == group)
        ours = {
            tuple(row[c] for c in ALLELE): {k: row[k] for k in ("ac", "an", "nhomalt", "nhemi")}
            for row in rows.iter_rows(named=True)
        }
        assert set(ours) == set(expected)
        assert {k: v for k, v in ours.items() if k in wanted} == wanted
    assert len(expected) > 40
    assert (found["ac"] <= found["an"]).all()
