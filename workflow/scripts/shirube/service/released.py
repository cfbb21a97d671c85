"""What the service may say: alleles of the last release with enough copies.

An allele that fewer people carry than a release needs is as if it were not there: to those who
ask again and again, whether a rare allele exists at all tells who is in a cohort (Shringarpure
and Bustamante 2015, doi:10.1016/j.ajhg.2015.09.010).
"""

import json
from pathlib import Path
from threading import Lock
from typing import Any

from shirube.cohort.query.lookup import Sites
from shirube.cohort.query.places import Place
from shirube.cohort.query.sites import group_rows, suffix
from shirube.errors import InputError
from shirube.genome.chromosomes import canonical

LONGEST = 100_000  # bases of a region
Row = dict[str, Any]


class Released:
    """The release of a run's results, opened anew when a new one lies there.

    `least`: copies an allele needs among all; None: the people a release needs.
    """

    def __init__(self, results: Path, least: int | None = None) -> None:
        self._folder, self._asked = results / "cohort", least
        self._stamp, self._lock = -1, Lock()
        self._open()

    def _open(self) -> None:
        path = self._folder / "release.json"
        try:
            stamp = path.stat().st_mtime_ns
            if stamp == self._stamp:
                return
            self.about: dict[str, str] = json.loads(path.read_text())
        except OSError as error:
            raise InputError(path, f"the release of a finished run ({error.strerror})") from error
        self.least = self._asked or int(self.about["min_people"])
        self._sites = Sites(self._folder / "sites.vcf.gz")
        self._contigs = {canonical(name): name for name in self._sites.windows}
        self._by_mark = {suffix(g): g for g in self.about["groups"].split(";") if g}
        self._stamp = stamp

    def alleles(self, place: Place) -> list[list[Row]]:
        """FREQUENCY rows of each allele at a place, by group, `all` first.

        InputError for a region longer than LONGEST.
        """
        if place.end - place.start > LONGEST:
            raise InputError("query", f"a region of at most {LONGEST} bases")
        with self._lock:  # one inflater; a look-up takes a fraction of a millisecond
            self._open()
            contig = self._contigs.get(place.chrom)
            found = self._sites.sites(contig, place.start, place.end) if contig else []
            marks = dict(self._by_mark)
        out = []
        for site in found:
            if place.alleles is None or (site.pos, site.ref, site.alt) in place.alleles:
                rows = group_rows(place.chrom, site.pos, site.ref, site.alt, site.info, marks)
                if rows and (rows[0]["ac"] or 0) >= self.least:
                    out.append(rows)
        return out
