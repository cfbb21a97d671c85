"""One artificial run of the cohort stage, for the tests."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
from cohort_case import PAR, RULE, person, write_gvcf, write_reference

from shirube.cohort.batches import Reading, read_batch, sources_of
from shirube.cohort.events import EventFile
from shirube.cohort.loci import LocusFiles
from shirube.cohort.run import add_up, aggregate, choose
from shirube.contracts import CHROM, FREQUENCY, read

REFERENCE = {"build": "artificial", "par": {c: [list(p) for p in v] for c, v in PAR.items()}}


class Run:
    """Sheets and files of one artificial run."""

    def __init__(
        self,
        folder: Path,
        k: int = 2,
        contigs: dict[str, int] | None = None,
        exist_ok: bool = False,
    ) -> None:
        self.folder, self.sequences = folder, write_reference(folder / "r.fa", contigs=contigs)
        self.cohort = {"strata": ["sex"], "adj": RULE, "release": {"min_people": k, "min_count": 0}}
        self.cohort["relatives"] = {"keep": "affected", "spacing": 10000, "min_sites": 400}
        self.cohort["quality_gate"] = "watermark"
        self.quality: dict[str, Path] = {}
        self.rows: list[dict[str, str]] = []
        self.people: dict[str, tuple[list, str]] = {}
        self.events: dict[str, list[EventFile]] = {}  # sample -> files of structural variants
        self.loci: dict[str, LocusFiles] = {}
        self.members = folder / "results" / "cohort" / "members.parquet"
        self.members.parent.mkdir(parents=True, exist_ok=exist_ok)

    def add(
        self,
        n: int,
        consent: str = "yes",
        kind: str = "normal",
        sex: str = "XX",
        write: bool = True,
    ) -> None:
        """Write person n's gVCF (unless it is there) and note their rows of the sheets."""
        records = person(self.sequences, sex, n)
        if write:
            write_gvcf(self.folder / f"s{n}.g.vcf.gz", f"s{n}", self.sequences, records)
        self.people[f"s{n}"] = (records, sex)
        self.rows.append({"n": str(n), "sex": sex, "consent": consent, "kind": kind})

    def read(self, samples: list[str], batch: str = "00000") -> Path:
        """Read some people as a job of their own; return what it writes."""
        rows = {f"s{row['n']}": (f"p{row['n']}", row["sex"]) for row in self.rows}
        files = {s: (self.folder / f"{s}.g.vcf.gz", None) for s in samples}
        how = Reading.of(self.folder / "r.fa", self.cohort, REFERENCE)
        out = self.members.parent / "read" / f"{batch}.json"
        events = {s: self.events.get(s, []) for s in samples}
        read_batch(files, rows, self.cohort, how, out, events, self.loci)
        return out

    def go(
        self,
        chroms: tuple[str, ...] = ("chr1", "chrX"),
        read: Sequence[Path] = (),
        summed: Sequence[str] = (),
        between: Callable[[], None] = lambda: None,
    ) -> dict[str, str]:
        """Run the stage, `read` having been read by jobs; return release.json.

        `summed`: chromosomes that jobs of their own add up; `between`: what happens then.
        """
        patients, samples = ["patient\tsex\tconsent_cohort\n"], ["sample\tpatient\tkind\tpath\n"]
        for row in self.rows:
            n, path = row["n"], self.folder / f"s{row['n']}.g.vcf.gz"
            patients.append(f"p{n}\t{row['sex']}\t{row['consent']}\n")
            samples.append(f"s{n}\tp{n}\t{row['kind']}\t{path}\n")
        (self.folder / "patients.tsv").write_text("".join(patients))
        (self.folder / "samples.tsv").write_text("".join(samples))
        sheets = (self.folder / "patients.tsv", self.folder / "samples.tsv")
        chosen = self.choose(read)
        for chrom in summed:
            sums = self.members.parent / "sums" / f"{chrom}.json"
            add_up(chosen, self.folder / "r.fa", sums, chrom, self.cohort, REFERENCE)
        between()
        aggregate(
            *(*sheets, self.folder / "r.fa", chosen),
            *(self.members, self.cohort, REFERENCE, chroms, self.quality),
        )
        return json.loads((self.members.parent / "release.json").read_text())

    def choose(self, read: Sequence[Path] = ()) -> Path:
        """Decide who is counted, those who are in no file of `read` being read first."""
        sources = sources_of(read)
        asked = [f"s{r['n']}" for r in self.rows if (r["consent"], r["kind"]) == ("yes", "normal")]
        if unread := [sample for sample in asked if sample not in sources]:
            sources |= sources_of([self.read(unread, "99999")])
        out = self.members.parent / "chosen.json"
        choose(
            *(self.folder / "patients.tsv", self.folder / "samples.tsv", self.folder / "r.fa"),
            *(out, self.cohort, REFERENCE, self.quality, sources),
        )
        return out

    def frequency(self) -> pl.DataFrame:
        """All published rows."""
        files = sorted((self.members.parent / "frequency").glob("*.parquet"))
        whole = pl.concat(read(FREQUENCY, path) for path in files)
        return whole.sort(pl.col("chrom").cast(CHROM), *FREQUENCY.key[1:])
