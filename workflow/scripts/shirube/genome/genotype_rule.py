"""The genotype rule: which genotypes are called well enough to be counted.

It is gnomAD's `adj` (gnomad_methods, `annotate_adj`): genotype quality, depth (a lower one where
the person has one copy) and, in heterozygotes, the fraction of reads with each called allele.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class GenotypeRule:
    """Thresholds of a countable genotype.

    `unmeasured` says what becomes of genotypes in a file whose header defines no GQ, DP or AD at
    all: `exclude` leaves them unknown, `accept` takes the file maker's word. A value that is
    missing from a genotype in a file that does define the field always fails.
    """

    min_gq: int = 20
    min_dp: int = 10
    min_dp_haploid: int = 5
    min_ab: float = 0.2
    unmeasured: str = "exclude"

    @classmethod
    def from_config(cls, adj: Mapping[str, Any]) -> "GenotypeRule":
        """The rule as the run's configuration states it (`cohort.adj`)."""
        return cls(**adj)

    def __str__(self) -> str:
        return (
            f"GQ >= {self.min_gq}, depth >= {self.min_dp} ({self.min_dp_haploid} where haploid), "
            f"ALT fraction of heterozygotes >= {self.min_ab:g}"
        )

    def depth(self, ploidy: int | None) -> int:
        """Least depth of a genotype of so many copies."""
        return self.min_dp_haploid if ploidy == 1 else self.min_dp

    def text(self) -> str:
        """The rule in one line of JSON, for metadata and digests."""
        return json.dumps(asdict(self), sort_keys=True)

    def thresholds(self, defined: frozenset[str]) -> npt.NDArray[np.float64]:
        """[min_gq, min_dp, min_dp_haploid, min_ab] for a file whose FORMAT defines `defined`.

        A threshold is -1, which every genotype passes, where the rule asks nothing, and where
        the file has no such field and `unmeasured` is `accept`.
        """
        accept = self.unmeasured == "accept"
        gq = 0 if accept and not defined & {"GQ", "RGQ"} else self.min_gq
        no_dp = accept and not defined & {"DP", "MIN_DP"}
        dp = (0, 0) if no_dp else (self.min_dp, self.min_dp_haploid)
        ab = 0 if accept and "AD" not in defined else self.min_ab
        return np.array([value if value > 0 else -1.0 for value in (gq, *dp, ab)])

    def unmet(self, defined: frozenset[str]) -> str:
        """Fields the rule needs, the file lacks and the rule does not accept; '' if none."""
        if self.unmeasured == "accept":
            return ""
        wanted = (("GQ", "RGQ"), ("DP", "MIN_DP"), ("AD",))
        needed = (self.min_gq > 0, max(self.min_dp, self.min_dp_haploid) > 0, self.min_ab > 0)
        lacking = [w[0] for w, n in zip(wanted, needed, strict=True) if n and not defined & set(w)]
        return ", ".join(lacking)
