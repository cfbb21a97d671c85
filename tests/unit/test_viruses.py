"""Viruses in a tumour's reads: present with the gene they joined, not seen, or not assessable."""

import json
from pathlib import Path

import polars as pl
import pytest
from report_case import inputs
from sam_files import record, sequence, write_bam, write_reference

from shirube.cancer.viruses import JOINED, Virus, genes_at, joined_places, viral_contigs, viruses
from shirube.contracts import GENE_MODELS, MARKERS
from shirube.reads.viral import Join, fragments_on
from shirube.report.exchange.fhir import fhir_bytes
from shirube.report.model import report
from shirube.report.page.catalogue import Catalogue
from shirube.report.page.marker_blocks import markers

TABLE = str(Path(__file__).parents[2] / "resources/viral_contigs.tsv")
CONTIGS = {"chr8": sequence(6000, 1), "HPV16": sequence(2000, 2), "HPV18": sequence(2000, 3)}
CONTIGS |= {"chrEBV": sequence(3000, 4)}
CHROMS = {"chr8": "chr8"}
LENGTH = 100


def pair(name: str, one: tuple[str, int], two: tuple[str, int], mapq: int = 60) -> list[str]:
    """Two reads of a fragment, the first forward and the second back, at 0-based places."""
    out = []
    for first, (contig, start), (other, mate) in ((True, one, two), (False, two, one)):
        flag = 1 + (64 + 32 if first else 128 + 16)
        bases = CONTIGS[contig][start : start + LENGTH]
        away = (other if other != contig else "=", mate, 0)
        out.append(record(name, contig, start, f"{LENGTH}M", bases, flag, mapq, mate=away))
    return out


def split(name: str, viral: int, human: int) -> list[str]:
    """A read of 60 bases of HPV16 up to `viral` and 40 of chr8 from `human` on (0-based)."""
    bases = CONTIGS["HPV16"][viral - 60 : viral] + CONTIGS["chr8"][human : human + 40]
    first = record(name, "HPV16", viral - 60, "60M40S", bases, tags=f"SA:Z:chr8,{human + 1},+,"
                   "60S40M,60,0;")  # fmt: skip
    second = record(name, "chr8", human, "60H40M", bases[60:], 2048,
                    tags=f"SA:Z:HPV16,{viral - 59},+,60M40S,60,0;")  # fmt: skip
    return [first, second]


def reads(tmp_path: Path, records: list[str], name: str = "tumour") -> str:
    return write_bam(tmp_path / f"{name}.bam", CONTIGS, records)


@pytest.fixture
def reference(tmp_path: Path) -> str:
    return write_reference(tmp_path / "r.fa", CONTIGS)


def models(*genes: tuple[str, int, int]) -> pl.DataFrame:
    empty = dict.fromkeys(GENE_MODELS.schema)
    rows = [
        {**empty, "transcript": gene, "gene": gene, "chrom": "chr8", "start": start, "end": end}
        for gene, start, end in genes
    ]
    return pl.DataFrame(rows, schema=GENE_MODELS.polars, orient="row")


def measured(
    reference: str, tumour: str | None, normal: str | None = None
) -> dict[str, dict[str, object]]:
    found = viral_contigs({name: len(bases) for name, bases in CONTIGS.items()}, TABLE)
    rows = viruses(tumour, normal, reference, found, CHROMS, models(("MYC", 1900, 2500)), 20)
    return {str(row["marker"]): row for row in rows}


INSIDE = [line for n in range(12) for line in pair(f"in{n}", ("HPV16", 100 * n), ("HPV16", 400))]


def test_an_integration_names_the_place_and_the_gene(tmp_path: Path, reference: str) -> None:
    joined = [line for n in range(3) for line in split(f"s{n}", 900 + 0 * n, 2000)]
    beyond = [line for n in range(2) for line in pair(f"p{n}", ("HPV16", 700 + n), ("chr8", 2100))]
    found = measured(reference, reads(tmp_path, [*INSIDE, *joined, *beyond]))
    hpv = found["virus:HPV16"]
    assert (hpv["value"], hpv["call"]) == (17.0, "present")
    assert "joined to chr8:2001 by 5 fragments; gene: MYC" in str(hpv["basis"])
    assert (found["virus:EBV"]["value"], found["virus:EBV"]["call"]) == (0.0, "absent")
    assert "virus:HPV" not in found  # of a group with a virus nothing silent is told


@pytest.mark.parametrize(("count", "call"), [(12, "present"), (4, "unknown")])
def test_a_virus_that_joined_nothing_needs_fragments(
    tmp_path: Path, reference: str, count: int, call: str
) -> None:
    found = measured(reference, reads(tmp_path, INSIDE[: 2 * count]))
    assert (found["virus:HPV16"]["value"], found["virus:HPV16"]["call"]) == (float(count), call)


def test_reads_that_could_lie_elsewhere_do_not_count(tmp_path: Path, reference: str) -> None:
    poor = [line for n in range(20) for line in pair(f"q{n}", ("HPV16", n), ("HPV16", 300), 0)]
    found = measured(reference, reads(tmp_path, poor))
    assert (found["virus:HPV"]["value"], found["virus:HPV"]["call"]) == (0.0, "absent")


def test_the_normal_s_fragments_stand_beside(tmp_path: Path, reference: str) -> None:
    ebv = [line for n in range(15) for line in pair(f"e{n}", ("chrEBV", 90 * n), ("chrEBV", 800))]
    both = reads(tmp_path, ebv), reads(tmp_path, ebv[:8], "normal")
    found = measured(reference, *both)["virus:EBV"]
    assert found["call"] == "present"
    assert "4 in the normal" in str(found["basis"])


def test_two_fragments_are_no_join() -> None:
    joins = [Join("HPV16", "chr8", 100 + n, 5, False, f"f{n}") for n in range(JOINED)]
    assert joined_places(joins) == [("chr8", 101, JOINED)]
    assert joined_places(joins[1:]) == []
    apart = [Join("HPV16", "chr8", 5_000 * n, 5, False, f"f{n}") for n in range(JOINED)]
    assert joined_places(apart) == []
    both = [Join("HPV16", "chr8", 100, 5, kind, "one") for kind in (True, False)]
    assert joined_places([*both, joins[0]]) == []  # one fragment counts once


def test_without_viral_contigs_or_reads_nothing_is_told(tmp_path: Path, reference: str) -> None:
    (none,) = viruses(reads(tmp_path, INSIDE), None, reference, [], CHROMS, models(), 20)
    (vcf,) = viruses(
        None, None, reference, [Virus("HPV16", 9, "HPV16", "HPV")], CHROMS, models(), 20
    )
    assert (none["value"], none["call"], vcf["value"], vcf["call"]) == (
        *(None, "unknown"), *(None, "unknown"))  # fmt: skip
    assert "virus.no_contig" in str(none["said"])
    assert "virus.no_reads" in str(vcf["said"])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_and_bundle_name_the_viruses(tmp_path: Path, reference: str, language: str) -> None:
    rows = list(measured(reference, reads(tmp_path, INSIDE)).values())
    table = MARKERS.table(pl.DataFrame(rows, schema=MARKERS.polars, orient="row"))
    model = report(**inputs(markers=table))
    (shown,) = markers(model, Catalogue(language))
    cells = {row[0]["text"]: row[1]["text"] for row in shown["rows"]}
    assert cells["HPV16"] == "12"
    assert [name for name in cells if "EBV" in name]
    entries = json.loads(fhir_bytes(model, "0" * 64))["entry"]
    told = [e["resource"] for e in entries if "HPV16" in str(e["resource"].get("code"))]
    assert [one["valueQuantity"]["value"] for one in told] == [12.0]


def test_contigs_are_known_by_name_accession_and_kind() -> None:
    names = {"chr1": 9, "chrEBV": 9, "NC_007605.1": 9, "HPV33": 9, "NC_001526": 9, "hbv": 9}
    found = viral_contigs(names, TABLE)
    assert [(v.contig, v.name, v.group) for v in found] == [
        ("chrEBV", "EBV", "EBV"), ("NC_007605.1", "NC_007605.1", "EBV"), ("HPV33", "HPV33", "HPV"),
        ("NC_001526", "HPV16", "HPV"), ("hbv", "HBV", "HBV"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pos", "named"),
    [(2000, "MYC"), (1900, "MYC (1 bp)"), (1901, "MYC"), (2501, "MYC (1 bp)"), (90_000, "–")],
)
def test_the_gene_at_a_place_or_the_nearest(pos: int, named: str) -> None:
    assert genes_at(models(("MYC", 1900, 2500), ("FAR", 200_000, 300_000)), "chr8", pos) == named


def test_a_reference_may_name_a_contig_the_reads_lack(tmp_path: Path, reference: str) -> None:
    path = reads(tmp_path, INSIDE)
    assert fragments_on(path, reference, "HBV", {"chr8"}, 20).fragments == 0
