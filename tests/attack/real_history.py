"""The same histories through real files: gVCFs in, and out what the stage, queries and site tell.

What the attacker holds are the tables of `frequency` and `callable` of every release (an allele
no table names is carried by nobody), answers of `shirube query --where`, and what the served site
says. As in `cohort_history` they know everything else about the people.
"""

import contextlib
import io
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from cohort_case import Record, write_gvcf
from cohort_history import COPIES, FOOTPRINTS, SITES, Cell, Cohort, Person, Switches, history
from cohort_run import REFERENCE, Run
from equations import recovered
from service_case import ask, serving

from shirube.cli.main import main
from shirube.cohort.batches import Reading, read_batch, sources_of
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.run import aggregate, choose
from shirube.contracts import MEMBERS, read

BACKGROUND = 240  # SNVs of which everybody has a genotype, by which kinship knows them
CONTIGS = {"chr1": 2000 + 10 * BACKGROUND, "chrX": 1200, "chrY": 1200}
GQ = (15, 25)  # of calls that one of the two genotype rules takes, and both
LEAST_GQ = (10, 20)
ASKED = 1000  # and on: numbers of questions among those of releases
PLACES = {"chr1": "chr1:50-350", "chrX": "chrX:50-950", "chrY": "chrY:850-950"}


@dataclass
class Filed(Cohort):
    """A cohort that lies in files."""

    run: Run = field(kw_only=True)
    gq: dict[int, np.ndarray] = field(default_factory=dict)
    background: dict[int, np.ndarray] = field(default_factory=dict)
    reach: dict[int, np.ndarray] = field(default_factory=dict)
    questions: int = 0
    last: str = "0"

    def join(self, sex: str, footprint: int) -> None:
        """One more person, who has reads of some sites only, and calls of two qualities."""
        super().join(sex, footprint)
        one = self.people[-1]
        self.reach[one.number] = FOOTPRINTS[footprint] & (COPIES[sex] > 0)
        self.gq[one.number] = self.rng.choice(GQ, len(SITES), p=[0.1, 0.9])
        self.background[one.number] = self.rng.binomial(2, 0.5, BACKGROUND)
        self._look(one)

    def _look(self, one: Person) -> None:
        one.seen = self.reach[one.number] & (self.gq[one.number] >= LEAST_GQ[self.rule % 2])

    def other_rule(self) -> None:
        """The other threshold; a state of one rule cannot be counted by the other."""
        self.rule, self.lost = self.rule + 1, True
        for one in self.people:
            self._look(one)

    def _records(self, one: Person) -> list[Record]:
        out = []
        places = [(c, p, int(one.geno[i]), int(one.copies()[i]), int(self.gq[one.number][i]))
                  for i, (c, p) in enumerate(SITES) if self.reach[one.number][i]]  # fmt: skip
        places += [("chr1", 2000 + 10 * i, int(g), 2, 60)
                   for i, g in enumerate(self.background[one.number])]  # fmt: skip
        for chrom, pos, geno, copies, gq in sorted(places):
            ref = self.run.sequences[chrom][pos - 1]
            told = {"DP": "30", "GQ": str(gq)}
            if not geno:
                told = {"GT": "/".join("0" * copies), **told, "MIN_DP": "30"}
                out.append(Record(chrom, pos, ref, ("<NON_REF>",), told, pos))
                continue
            gt = {(1, 2): "0/1", (2, 2): "1/1", (1, 1): "1"}[geno, copies]
            alt = {"A": "C", "C": "G", "G": "T", "T": "A"}[ref]
            depths = "15,15,0" if gt == "0/1" else "0,30,0"
            out.append(
                Record(chrom, pos, ref, (alt, "<NON_REF>"), {"GT": gt, "AD": depths, **told})
            )
        return out

    def release(self) -> None:
        """Run the stage on the files of now; hold what it publishes; ask."""
        state = self.run.members.parent / "state"
        for one in self.people:
            if self.lost and one.before[0] not in ("", one.patient) and one.file != one.before[1]:
                one.file, one.geno = one.before[1], one.every[-2]  # see docs/cohort.md
                one.every.append(one.geno)
        if self.lost:
            shutil.rmtree(state, ignore_errors=True)
        patients = ["patient\tsex\tprogramme\tconsent_cohort\n"]
        samples, files = ["sample\tpatient\tkind\tpath\n"], {}
        for one in self.people:
            path = self.run.folder / f"{one.patient}.{one.file}.g.vcf.gz"
            if not path.exists():
                write_gvcf(path, f"s.{one.patient}", self.run.sequences, self._records(one))
            consent = "yes" if one.counted else "no"
            patients.append(f"{one.patient}\t{one.sex}\t{one.programme}\t{consent}\n")
            samples.append(f"s.{one.patient}\t{one.patient}\tnormal\t{path}\n")
            if one.counted:
                files[f"s.{one.patient}"] = (path, None)
        (self.run.folder / "patients.tsv").write_text("".join(patients))
        (self.run.folder / "samples.tsv").write_text("".join(samples))
        self.run.cohort |= {
            "strata": list(self.columns),
            "adj": {**self.run.cohort["adj"], "min_gq": LEAST_GQ[self.rule % 2]},
            "release": {"min_people": self.k, "min_count": self.least},
        }
        config = {
            "cohort": {**self.run.cohort, "state": str(state)},
            "reference": REFERENCE,
            "patients": "patients.tsv",
            "provenance": {"audit": str(self.run.folder / "audit.jsonl")},
        }
        self.configuration.parent.mkdir(exist_ok=True)
        self.configuration.write_text(yaml.safe_dump(config))
        sheets = [self.run.folder / name for name in ("patients.tsv", "samples.tsv", "r.fa")]
        how = Reading.of(sheets[2], self.run.cohort, REFERENCE)
        people = {f"s.{p.patient}": (p.patient, p.sex) for p in self.people if p.counted}
        batch, chosen = self.run.folder / "read.json", self.run.members.parent / "chosen.json"
        own = {**self.run.cohort, "state": str(state)}
        read_batch(files, people, own, how, batch, {s: [] for s in files})
        choose(*sheets, chosen, own, REFERENCE, {}, sources_of([batch]))
        aggregate(
            *(*sheets, chosen, self.run.members, own),
            *(REFERENCE, tuple(CONTIGS), {}),
        )
        members = read(MEMBERS, self.run.members).filter(pl.col("counted"))
        here = {p.patient: p for p in self.people}
        counted = [here[name] for name in members["patient"]]
        about = json.loads((self.run.members.parent / "release.json").read_text())
        if about["release"] not in ("0", self.last):
            self.last = about["release"]
            self._hold(counted)
            self._visit()
        for _ in range(int(self.rng.integers(3))):
            self._ask(counted)

    @property
    def configuration(self) -> Path:
        """The configuration that commands read."""
        return self.run.folder / "config" / "config.yaml"

    def _inside(self, group: str, counted: list[Person]) -> list[Person]:
        if group == "all":
            return counted
        wanted = dict(part.split("=") for part in group.split(","))
        return [p for p in counted if all(getattr(p, c) == v for c, v in wanted.items())]

    def _cell(self, site: int, group: str, people: list[Person], row: dict[str, int]) -> Cell:
        number = int(self.last) if group != "asked" else ASKED + self.questions
        those = [p for p in people if p.seen[site]]
        # What the attacker takes the equation to be of is what it is of.
        assert row["ac"] == sum(int(p.geno[site]) for p in those), (site, group, row)
        return Cell(
            *(number, site, group),
            tuple((p.number, int(p.copies()[site]), p.file) for p in those),
            *(row["ac"], row["nhomalt"], row["nhemi"]),
        )

    def _hold(self, counted: list[Person]) -> None:
        """The cells of the tables just published."""
        folder = self.run.members.parent
        for site, (chrom, pos) in enumerate(SITES):
            rows = pl.read_parquet(folder / f"frequency/{chrom}.parquet").filter(pos=pos)
            told = {row["stratum"]: row for row in rows.iter_rows(named=True)}
            where = pl.read_parquet(folder / f"callable/{chrom}.parquet").filter(
                pl.col("start") < pos, pl.col("end") >= pos
            )
            if not told and not self.least:  # no row: nobody of those callable carries it
                nobody = {"ac": 0, "nhomalt": 0, "nhemi": 0, "an": 0}
                told = dict.fromkeys(where["stratum"], nobody)
            for group, row in told.items():
                if row["an"] is not None:
                    self.cells.append(self._cell(site, group, self._inside(group, counted), row))

    def _visit(self) -> None:
        """The served site tells no cell that the tables do not."""
        known = {(c.site, c.group): c.ac for c in self.cells if c.release == int(self.last)}
        with serving(self.run.folder, self.k) as server:
            for site, (chrom, pos) in enumerate(SITES):
                asked = {"referenceName": chrom, "start": pos - 1, "end": pos}
                _, _, said = ask(server, "/f/api/g_variants", **asked)
                for found in json.loads(said)["response"]["resultSets"]:
                    for one in found["results"]:
                        for cell in one["frequencyInPopulations"][0]["frequencies"]:
                            key = (site, cell["population"])
                            assert known[key] == cell["alleleCount"], (key, cell)

    def _ask(self, counted: list[Person]) -> None:
        """Count some of the people by name."""
        if len(counted) < self.k:
            return
        size = int(self.rng.integers(self.k, len(counted) + 1))
        some = [counted[int(i)] for i in self.rng.permutation(len(counted))[:size]]
        chrom = str(self.rng.choice(list(PLACES)))
        names = ", ".join(f'"{p.patient}"' for p in some)
        out = self.run.folder / "answer.json"
        out.unlink(missing_ok=True)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["query", PLACES[chrom], "--where", f"patient in [{names}]", "--format", "json",
                  "--results", str(self.run.folder / "results"), "--out", str(out),
                  "--config", str(self.configuration)])  # fmt: skip
        if not out.exists():
            return
        self.questions += 1
        for row in json.loads(out.read_text()):
            if (chrom, row["pos"]) in SITES and row["ac"] is not None:
                site = SITES.index((chrom, row["pos"]))
                self.cells.append(self._cell(site, "asked", some, row))


def recovered_from_files(seeds: range, defended: bool = True) -> np.ndarray:
    """[histories, releases, questions answered, cells, genotypes recovered] of `seeds`.

    `defended`: whether answers and releases are held against each other.
    """
    total = np.zeros(5, int)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as scratch:
        if not defended:
            patch.setattr(Subcohorts, "told_at", _all_told)
        for seed in seeds:
            folder = Path(scratch) / str(seed)

            def made(
                rng: np.random.Generator, k: int, switches: Switches, least: int, at: Path = folder
            ) -> Filed:
                at.mkdir()
                run = Run(at, k=k, contigs=CONTIGS)
                run.cohort["relatives"] = {"keep": "affected", "spacing": 1, "min_sites": 1000}
                return Filed(rng, k, switches, least, run=run)

            cohort = history(seed, Switches(), made)
            releases = {cell.release for cell in cohort.cells if cell.release < ASKED}
            asked = cohort.questions  # type: ignore[attr-defined]
            total += (1, len(releases), asked, len(cohort.cells), recovered(cohort))
            shutil.rmtree(folder)
    return total


def _all_told(
    self: Subcohorts, chosen: list[np.ndarray], *given: object, may: np.ndarray | None = None
) -> np.ndarray:
    """`Subcohorts.told_at` without the rule."""
    del self
    points = next(one for one in given if isinstance(one, np.ndarray))
    return np.ones((len(chosen), points.size), bool) if may is None else may
