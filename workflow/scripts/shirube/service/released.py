"""What the service may say: alleles of the last release with enough copies.

An allele that fewer people carry than a release needs is as if it were not there: to those who
ask again and again, whether a rare allele exists at all tells who is in a cohort (Shringarpure
and Bustamante 2015, doi:10.1016/j.ajhg.2015.09.010).
"""

from pathlib import Path
from threading import Lock
from typing import Any

from shirube.cohort.query.places import Place
from shirube.cohort.query.released import Release
from shirube.errors import InputError

LONGEST = 100_000  # bases of a region
Row = dict[str, Any]


class Released:
    """The release of a run's results, opened anew when a new one lies there.

    `least`: copies an allele needs among all; None: the people a release needs.
    """

    def __init__(self, results: Path, least: int | None = None) -> None:
        self.results, self._folder, self._asked = results, results / "cohort", least
        self._stamp, self._lock = -1, Lock()
        self._open()

    def _open(self) -> None:
        path = self._folder / "release.json"
        try:
            stamp = path.stat().st_mtime_ns
            if stamp == self._stamp:
                return
        except OSError as error:
            raise InputError(path, f"the release of a finished run ({error.strerror})") from error
        self._release = Release(self._folder)
        self.about = self._release.about
        self.least = self._asked or self._release.min_people
        self._stamp = stamp

    def alleles(self, place: Place) -> list[list[Row]]:
        """FREQUENCY rows of each allele at a place, by group, `all` first.

        InputError for a region longer than LONGEST.
        """
        if place.end - place.start > LONGEST:
            raise InputError("query", f"a region of at most {LONGEST} bases")
        with self._lock:  # one inflater; a look-up takes a fraction of a millisecond
            self._open()
            found = self._release.alleles(place)
        return [rows for rows in found if rows and (rows[0]["ac"] or 0) >= self.least]
