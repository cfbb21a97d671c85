"""A small, valid run made from nothing, for tests that then break one thing in it.

The reference is artificial: chr1 (4,000 bases), chr20 (3,000) and chrX (2,000).
"""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysam
import yaml

from shirube.check.run import check_run

CONTIGS = {"chr1": 4000, "chr20": 3000, "chrX": 2000}
CONFIG = Path(__file__).resolve().parents[2] / "config" / "config.yaml"
Change = Callable[[pysam.AlignedSegment, int], None]


def sequence(length: int, seed: int) -> str:
    """Artificial bases."""
    return "".join(random.Random(seed).choices("ACGT", k=length))


BASES = {name: sequence(length, seed) for seed, (name, length) in enumerate(CONTIGS.items())}


def write_fasta(path: Path, contigs: dict[str, str] = BASES, index: bool = True) -> Path:
    """A FASTA of `contigs` with its index; bgzipped if it ends in .gz."""
    text = "".join(f">{name}\n{bases}\n" for name, bases in contigs.items())
    if path.suffix == ".gz":
        with pysam.BGZFile(str(path), "wb") as stream:
            stream.write(text.encode())
    else:
        path.write_text(text)
    if index:
        pysam.faidx(str(path))
    return path


def write_reads(
    path: Path,
    sample: str | None,
    contigs: dict[str, int] = CONTIGS,
    seed: int = 9,
    order: str | None = "coordinate",
    index: bool = True,
    shuffled: bool = False,
    fasta: Path | None = None,
    groups: Sequence[str] | None = None,
) -> Path:
    """A BAM or CRAM of 40 reads a contig, bases of the reference; @RG SM `sample` if not None."""
    names = groups if groups is not None else [sample] if sample else []
    header: dict[str, Any] = {"SQ": [{"SN": n, "LN": length} for n, length in contigs.items()]}
    if order:
        header["HD"] = {"VN": "1.6", "SO": order}
    if names:
        header["RG"] = [{"ID": f"g{i}", "SM": name} for i, name in enumerate(names)]
    rng = random.Random(seed)
    places = [
        (tid, rng.randrange(0, length - 60))
        for tid, length in enumerate(contigs.values())
        for _ in range(40)
    ]
    places = rng.sample(places, len(places)) if shuffled else sorted(places)
    mode, reference = ("wc", str(fasta)) if path.suffix == ".cram" else ("wb", None)
    with pysam.AlignmentFile(str(path), mode, header=header, reference_filename=reference) as out:
        for number, (tid, start) in enumerate(places):
            read = pysam.AlignedSegment(out.header)
            read.query_name = f"s{seed}r{number}"
            read.reference_id, read.reference_start = tid, start
            known = BASES.get(list(contigs)[tid], "")[start : start + 50]
            read.query_sequence = known if len(known) == 50 else sequence(50, start)
            read.query_qualities = pysam.qualitystring_to_array("I" * 50)
            read.mapping_quality, read.cigarstring, read.flag = 60, "50M", 0
            if names:
                read.set_tag("RG", "g0")
            out.write(read)
    if index:
        pysam.index(str(path))
    return path


def write_variants(
    path: Path,
    sample: str = "S1",
    contigs: dict[str, int] = CONTIGS,
    records: Sequence[str] | None = None,
    index: bool = True,
    seed: int = 1,
) -> Path:
    """A bgzipped VCF; `records` are lines, by default 30 SNVs of the reference.

    A path ending in .g.vcf.gz gets a reference block after each SNV.
    """
    if records is None:
        rng, records = random.Random(seed), []
        positions = sorted(rng.sample(range(10, 2900, 20), 30))
        for pos in positions:
            ref = BASES["chr20"][pos - 1]
            alt = "ACGT"[("ACGT".index(ref) + 1) % 4]
            quality = rng.randrange(20, 99)
            records.append(f"chr20\t{pos}\t.\t{ref}\t{alt}\t50\tPASS\t.\tGT:GQ\t0/1:{quality}")
            if path.name.endswith(".g.vcf.gz"):
                base = BASES["chr20"][pos]
                block = f"chr20\t{pos + 1}\t.\t{base}\t<NON_REF>\t.\tPASS\tEND={pos + 9}\tGT:GQ"
                records.append(f"{block}\t0/0:{quality}")
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=PASS,Description="kept">']
    lines += [f"##contig=<ID={n},length={length}>" for n, length in contigs.items()]
    lines += [
        '##INFO=<ID=END,Number=1,Type=Integer,Description="last position">',
        '##ALT=<ID=NON_REF,Description="any other allele">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="quality">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="reads">',
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}",
        *records,
    ]
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(("\n".join(lines) + "\n").encode())
    if index:
        pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


@dataclass
class Run:
    """A run in `folder`: rows of its sheets and its configuration, written when checked."""

    folder: Path
    patients: list[dict[str, str]] = field(default_factory=list)
    samples: list[dict[str, str]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)

    def add(self, patient: str, path: Path | str, kind: str = "normal", **cells: str) -> None:
        """A person (once) and a sample of theirs; `cells` go where their column is."""
        if patient not in [row["patient"] for row in self.patients]:
            self.patients.append({"patient": patient, "sex": "XX"})
        sample = {"sample": f"{patient}_{kind}", "patient": patient, "kind": kind}
        self.samples.append(sample | {"path": str(path)} | cells)

    def person(self, patient: str) -> dict[str, str]:
        """The row of a person, to be changed."""
        return next(row for row in self.patients if row["patient"] == patient)

    @staticmethod
    def _sheet(path: Path, rows: list[dict[str, str]]) -> None:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        lines = ["\t".join(columns)]
        lines += ["\t".join(row.get(column, "") for column in columns) for row in rows]
        path.write_text("\n".join(lines) + "\n")

    def write(self) -> None:
        """Write sheets and configuration."""
        self._sheet(self.folder / "patients.tsv", self.patients)
        self._sheet(self.folder / "samples.tsv", self.samples)
        (self.folder / "config.yaml").write_text(yaml.safe_dump(self.config, sort_keys=False))

    def problems(self) -> list[str]:
        """The lines `shirube check` prints for this run."""
        self.write()
        return self.lines()

    def lines(self) -> list[str]:
        """The lines `shirube check` prints for what lies in the folder; it must write nothing."""
        before = {p: p.lstat().st_mtime_ns for p in self.folder.rglob("*")}
        home = Path.cwd()
        os.chdir(self.folder)
        try:
            outcome = check_run(Path("config.yaml")).outcome
        finally:
            os.chdir(home)
        assert {p: p.lstat().st_mtime_ns for p in self.folder.rglob("*")} == before
        self.notes = outcome.notes
        found = [str(problem) for problem in outcome.problems]
        assert not any("\n" in x or "\r" in x for x in found)
        return found


def valid_run(folder: Path) -> Run:
    """A run without problems: P1 with a normal and a tumour BAM, P2 (XY) with a BAM."""
    folder.mkdir(exist_ok=True)
    config = yaml.safe_load(CONFIG.read_text())
    write_fasta(folder / "ref.fa")
    config |= {"patients": "patients.tsv", "samples": "samples.tsv", "regions": None}
    config["reference"] = {"fasta": "ref.fa", "build": "artificial"}
    run = Run(folder, config=config)
    for seed, (patient, kind) in enumerate([("P1", "normal"), ("P1", "tumour"), ("P2", "normal")]):
        name = f"{patient}_{kind}"
        write_reads(folder / f"{name}.bam", name, seed=seed)
        run.add(patient, f"{name}.bam", kind)
    run.person("P2")["sex"] = "XY"
    return run
