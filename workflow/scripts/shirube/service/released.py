"""What the service may say: alleles of the last release with enough copies.

An allele that fewer people carry than a release needs is as if it were not there: to those who
ask again and again, whether a rare allele exists at all tells who is in a cohort (Shringarpure
and Bustamante 2015, doi:10.1016/j.ajhg.2015.09.010). The same bound holds for each group of
people: a smaller number is withheld, and with it those of all groups of the allele.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
import polars as pl

from shirube.cohort.query.places import Place, of_allele
from shirube.cohort.query.released import Release, Seen
from shirube.cohort.query.released_names import ReleasedNames
from shirube.cohort.query.search import Answer, Search
from shirube.cohort.query.sequence import Genome
from shirube.cohort.query.sources import Source, sources
from shirube.cohort.suppression import COUNTED, hidden_alleles, lists_told
from shirube.errors import InputError

LONGEST = 100_000  # bases of a region
MOST_STRUCTURAL = 3_000_000  # of one whose structural variants are told
Row = dict[str, Any]


class Released:
    """The release of a run's results, opened anew when a new one lies there.

    `least`: copies an allele needs, among all and in each group; None: the people a release needs.
    `config` names the reference; without it alleles are taken as they are written. `earlier`:
    folders of releases to be compared with.
    """

    def __init__(
        self,
        results: Path,
        least: int | None = None,
        config: Path | None = None,
        earlier: Sequence[Path] = (),
    ) -> None:
        self.results, self._folder, self._asked = results, results / "cohort", least
        self.genome = Genome.configured(config) if config else None
        self._path = str(self._folder / "release.json")
        self.stamp, self._lock = -1, RLock()
        self.earlier = {one.about["release"]: one for one in map(Release, earlier)}
        self._open()

    def _open(self) -> None:
        try:
            stamp = os.stat(self._path).st_mtime_ns
        except OSError as error:
            raise InputError(
                self._path, f"the release of a finished run ({error.strerror})"
            ) from error
        if stamp == self.stamp:
            return
        self.release = Release(self._folder)
        self.about = self.release.about
        self.least = self._asked or self.release.min_people
        self.names = ReleasedNames(self._folder)
        self.sources: list[Source] = sources(self.results / "knowledge")
        self.search = Search(self.results, self.genome, self.shown)
        self.stamp = stamp

    def refresh(self) -> None:
        """Open the release that lies there now, if it is another."""
        with self._lock:
            self._open()

    @property
    def groups(self) -> list[str]:
        """Groups the release shows, `all` first."""
        return self.release.groups

    def alleles(self, place: Place, longest: int = LONGEST) -> list[list[Row]]:
        """FREQUENCY rows of each allele at a place, by group, `all` first; small ones withheld.

        InputError for a region longer than `longest`.
        """
        if place.end - place.start > longest:
            raise InputError("query", f"a region of at most {longest} bases")
        with self._lock:  # one inflater; a look-up takes a fraction of a millisecond
            self._open()
            found = self.release.alleles(place)
        return self._enough(found)

    def then(self, number: str, place: Place) -> list[list[Row]]:
        """The same of an earlier release."""
        with self._lock:
            return self._enough(self.earlier[number].alleles(place))

    def _enough(self, found: list[list[Row]]) -> list[list[Row]]:
        return withheld(
            [rows for rows in found if rows and (rows[0]["ac"] or 0) >= self.least], self.least
        )

    def structural(self, place: Place) -> list[list[Row]]:
        """STRUCTURAL_FREQUENCY rows of each variant that reaches into a place; small ones withheld.

        InputError for a region longer than `MOST_STRUCTURAL`.
        """
        if place.end - place.start > MOST_STRUCTURAL:
            raise InputError("query", f"a region of at most {MOST_STRUCTURAL} bases")
        with self._lock:
            self._open()
            found = self.release.structural.within(place.chrom, place.start, place.end)
        return self._told(found)

    def structural_named(self, name: str) -> list[Row]:
        """Rows of one structural variant; [] if there is none to be shown."""
        with self._lock:
            self._open()
            rows = self.release.structural.named(name)
        found = self._told([rows] if rows else [])
        return found[0] if found else []

    def loci(self, place: Place) -> list[list[list[Row]]]:
        """LOCUS_FREQUENCY rows of each allele of the loci that begin at a place."""
        with self._lock:
            self._open()
            return self._loci_told(self.release.loci.within(place.chrom, place.start, place.end))

    def loci_of(self, gene: str) -> list[list[list[Row]]]:
        """Those of the loci of a gene."""
        with self._lock:
            self._open()
            return self._loci_told(self.release.loci.of_gene(gene))

    def locus_named(self, name: str) -> list[list[Row]]:
        """Rows of each allele of one locus; [] if there is none to be shown."""
        with self._lock:
            self._open()
            alleles = self.release.loci.named(name)
        told = self._loci_told([alleles] if alleles else [])
        return told[0] if told else []

    def _loci_told(self, found: list[list[list[Row]]]) -> list[list[list[Row]]]:
        """Loci and their alleles with enough copies; numbers of few people are hidden.

        Where a number of a group is hidden, those of all alleles of the locus are: they add up.
        """
        out = []
        for locus in found:
            alleles: list[list[Row]] = []
            for rows in locus:
                if (rows[0]["ac"] or 0) >= self.least:
                    alleles += withheld([[dict(row) for row in rows]], self.least)
            every = [row for rows in alleles for row in rows]
            hidden = {row["stratum"] for row in every if row["ac"] is None}
            for row in every:
                if row["stratum"] in hidden:
                    row.update(dict.fromkeys((*COUNTED, "people", "levels")))
            for rows in alleles:
                few_apart(rows, "levels", self.least)
            if alleles:
                out.append(alleles)
        return out

    def _told(self, found: list[list[Row]]) -> list[list[Row]]:
        """Those with enough copies; copy numbers are hidden where one is of few people."""
        told = [rows for rows in found if (rows[0]["ac"] or 0) >= self.least]
        out = []
        for rows in told:  # not every variant has every group
            out += withheld([rows], self.least)
        for rows in out:
            for row in rows:
                if row["ac"] is None:
                    row["copy_numbers"] = None
            few_apart(rows, "copy_numbers", self.least)
        return out

    def shown(
        self, alleles: Sequence[tuple[str, int, str, str]]
    ) -> list[tuple[str, int, str, str]]:
        """Those of `alleles` that the service shows."""
        return [one for one in alleles if self.alleles(of_allele(*one))]

    def seen(self, chrom: str, pos: int) -> Seen | None:
        """Who could have been seen at a 1-based position; None if the release does not tell."""
        with self._lock:
            return self.release.seen(chrom, pos) if self.release.tells_callability else None

    def stretches(self, chrom: str, start: int, end: int) -> list[tuple[int, ...]] | None:
        """(start, end, people, copies) along a region; None if the release does not tell."""
        with self._lock:
            if not self.release.tells_callability:
                return None
            return self.release.stretches(chrom, start, end)

    def answer(self, text: str) -> Answer:
        """What a question is about (`Search.answer`)."""
        self.refresh()
        return self.search.answer(text)


def few_apart(rows: Sequence[Row], column: str, least: int) -> None:
    """Hide the lists of people in `column` of one variant, a row a group (`lists_told`)."""
    table = pl.DataFrame(
        {"one": 1, "stratum": [r["stratum"] for r in rows], column: [r[column] for r in rows]},
        {"one": pl.Int32, "stratum": pl.String, column: pl.List(pl.Int32)},
    )
    for row, told in zip(rows, lists_told(table, column, ["one"], least)[column], strict=True):
        row[column] = None if told is None else row[column]


def withheld(found: list[list[Row]], least: int) -> list[list[Row]]:
    """`found` without the groups' numbers where one is of 1 to `least` - 1 copies.

    As a release does it (`suppression.hidden_alleles`): all groups of such an allele are None, and
    the allele is left out where its total would still tell one of them.
    """
    if least <= 1 or not found or len(found[0]) == 1:
        return found
    numbers = {
        name: np.array([[row[name] or 0 for row in rows] for rows in found], np.int64)
        for name in ("ac", "an")
    }
    counts, sizes = numbers["ac"], numbers["an"]
    hidden, told = hidden_alleles(counts[:, 0], counts[:, 1:], sizes[:, 0], sizes[:, 1:], least)
    out = []
    for rows, hides, tells in zip(found, hidden.tolist(), told.tolist(), strict=True):
        if hides:
            for row in rows[1:]:
                row.update(dict.fromkeys(COUNTED))
        if not tells:
            out.append(rows)
    return out
