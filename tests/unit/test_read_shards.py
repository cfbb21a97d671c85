"""Passes over reads in runs of windows: the same bytes at any number of threads."""

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sam_files import record, sequence, write_bam, write_reference

import cut_bins
import measure_coverage
import measure_loh
from shirube.calling.somatic.markers import length_pairs
from shirube.contracts import CALLS, write
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.intervals import Interval
from shirube.genome.regions import read_contigs, run_regions
from shirube.reads import shards, survey
from shirube.reads.shards import RUNS, gathered, runs

THREADS = (1, 4, 16)
UNITS = "A" * 14, "CA" * 9
RULE = GenotypeRule(min_gq=20, min_dp=10, min_dp_haploid=5, min_ab=0.2)


@given(st.lists(st.integers(1, 500), max_size=60), st.integers(1, 70))
def test_runs_are_all_windows_in_order(widths: list[int], count: int) -> None:
    starts = [1000 * n for n in range(len(widths))]
    cut = [Interval("c", at, at + width) for at, width in zip(starts, widths, strict=True)]
    found = runs(cut, count)
    assert [n for own in found for n in own] == list(range(len(cut)))
    assert all(len(own) for own in found)
    assert len(found) <= count
    if found:  # none is longer than its share and one window
        most = max(sum(widths[n] for n in own) for own in found)
        assert most <= sum(widths) / count + max(widths) + 1


def test_what_a_run_raises_is_raised() -> None:
    cut = [Interval("c", n, n + 1) for n in range(40)]

    def work(own: range) -> int:
        if 17 in own:
            raise ValueError("17")
        return len(own)

    for threads in THREADS:
        with pytest.raises(ValueError, match="17"):
            gathered(work, cut, threads)
    assert sum(gathered(len, cut, 4)) == 40
    assert len(gathered(len, cut, 4)) == 4 * RUNS


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two contigs with microsatellites; pairs that overlap, cross windows, or are duplicates."""
    folder = tmp_path_factory.mktemp("shards")
    contigs = {}
    for number, size in ((1, 90_000), (2, 41_000)):
        pieces = [sequence(700, number * 1000 + n) + UNITS[n % 2] for n in range(size // 700)]
        contigs[f"chr{number}"] = "".join(pieces)
    source, lines, calls = random.Random(4), {"T": [], "N": []}, []
    for contig, bases in contigs.items():
        for pos in range(300, len(bases) - 300, 731):
            alt = "ACGT"["CATG".index(bases[pos - 1])]
            kind = pos % 3
            ref = bases[pos - 1 : pos + 1] if kind == 1 else bases[pos - 1]
            alt = bases[pos - 1] if kind == 1 else bases[pos - 1] + "GG" if kind == 2 else alt
            row = {"chrom": contig, "pos": pos, "ref": ref, "alt": alt, "filter": "PASS"}
            calls.append({**dict.fromkeys(CALLS.schema), **row, "dosage": 1, "ploidy": 2})
            calls[-1] |= {"ad_alt": 8, "dp": 19}
        for name, own in lines.items():
            for n in range(len(bases) // 12):
                start = source.randrange(len(bases) - 420)
                mate = start + source.randrange(0, 300)
                flags = 1024 if source.random() < 0.05 else 0
                for at, other, flag in ((start, mate, 97), (mate, start, 145)):
                    text = bases[at : at + 100]
                    if source.random() < 0.3:
                        text = text[:50] + source.choice("ACGT") + text[51:]
                    span = (mate + 100 - start) * (1 if flag == 97 else -1)
                    where = (f"{name}{contig}{n}", contig, at)
                    ends = ("100M", text, flag | flags, source.choice((60, 60, 7)), 35)
                    own.append(record(*where, *ends, ("=", other, span), f"NM:i:{n % 5}"))
    made = {"fasta": write_reference(folder / "r.fa", contigs)}
    for name, own in lines.items():
        made[name] = write_bam(folder / f"{name}.bam", contigs, own)
    write(CALLS.table(pl.DataFrame(calls, CALLS.polars)), CALLS, folder / "calls.parquet")
    (folder / "asked.bed").write_text("chr1\t500\t70000\nchr1\t70500\t70600\nchr2\t0\t40000\n")
    return made | {"folder": str(folder)}


def coverage(files: dict[str, str], out: Path, bed: str | None, threads: int) -> list[Path]:
    made = {k: str(out / f"{k}{threads}") for k in ("callable", "coverage", "reads", "depth")}
    made["callable"] += ".bed.gz"
    bins = str(out / "bins")
    cut_bins.main(gene_models=None, reference=files["fasta"], bed=bed, aliases=None, out=bins)
    measure_coverage.main(
        reads=files["T"],
        gvcf=None,
        stated_bed=None,
        gene_models=None,
        bins=bins,
        reference=files["fasta"],
        bed=bed,
        sample="T",
        out=made,
        rule=RULE,
        depth=14,
        min_mapq=20,
        aliases=None,
        par={},
        threads=threads,
    )
    return [Path(path) for path in made.values()]


def loh(files: dict[str, str], out: Path, bed: str | None, threads: int) -> list[Path]:
    made = out / f"loh{threads}"
    measure_loh.main(
        germline=f"{files['folder']}/calls.parquet",
        tumour=files["T"],
        reference=files["fasta"],
        loh=str(made),
        counting={"min_mapq": 20, "min_baseq": 13},
        aliases=None,
        threads=threads,
    )
    return [made]


def markers(files: dict[str, str], out: Path, bed: str | None, threads: int) -> list[Path]:
    made = out / f"markers{threads}"
    regions = run_regions(read_contigs(f"{files['fasta']}.fai"), bed)
    pairs = length_pairs(files["T"], files["N"], files["fasta"], regions, 20, threads)
    assert sum(int(counts.sum()) for pair in pairs for counts in pair) > 1000
    made.write_bytes(b"".join(counts.tobytes() for pair in pairs for counts in pair))
    return [made]


@pytest.mark.parametrize("bed", [None, "asked.bed"], ids=["whole", "regions"])
@pytest.mark.parametrize("measure", [coverage, loh, markers])
def test_the_number_of_threads_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    tmp_path: Path,
    measure: Callable[[dict[str, str], Path, str | None, int], list[Path]],
    bed: str | None,
) -> None:
    monkeypatch.setattr(survey, "STEP", 1 << 12)  # as a genome has many windows
    monkeypatch.setattr(shards, "RUNS", 1)
    asked = f"{files['folder']}/{bed}" if bed else None
    one, *others = ([p.read_bytes() for p in measure(files, tmp_path, asked, t)] for t in THREADS)
    assert all(len(content) > 100 for content in one)
    assert all(other == one for other in others)
