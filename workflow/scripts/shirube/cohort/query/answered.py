"""What answers to questions about people leave a release to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shirube.cohort.kernels.array_types import Ints
from shirube.cohort.ploidies import Par
from shirube.cohort.query.questions import Questions, Span
from shirube.cohort.query.subcohort import Subcohorts
from shirube.cohort.register import Known, Register
from shirube.cohort.state import State


@dataclass(frozen=True)
class Answered:
    """The rule of `Cells`, person by person, in the places that were asked about."""

    subcohorts: Subcohorts
    questions: Questions
    known: Mapping[str, Known]
    groups: Mapping[str, npt.NDArray[np.bool_]]

    @classmethod
    def of(
        cls,
        state: State,
        register: Register,
        known: Mapping[str, Known],
        now: Mapping[str, Mapping[str, str]],
        order: Sequence[str],
        par: Par,
        k: int,
    ) -> "Answered":
        """Of a release that shows groups (`now`: their people) in an `order`."""
        all_of = Subcohorts(state, par, k)
        groups = {g: np.array([known[s].key in now[g] for s in all_of.samples]) for g in order}
        return cls(all_of, Questions(register), known, groups)

    def _spans(self, chrom: str) -> list[Span]:
        return [span for span in self.questions.spans() if span[0] == chrom]

    def edges(self, chrom: str) -> Ints:
        """Where the people callable change in a place that was asked about."""
        found = [self.subcohorts.edges(span) for span in self._spans(chrom)]
        return np.concatenate([np.zeros(0, np.int32), *found])

    def limit(self, chrom: str, points: Ints, shown: dict[str, npt.NDArray[np.bool_]]) -> None:
        """Take out of `shown` what answers and this release would tell together."""
        if not (spans := self._spans(chrom)):
            return
        told, changed = self.questions.told(self.known)
        for span in spans:
            here = np.flatnonzero((points >= span[1]) & (points < span[2]))
            may = np.array([shown[group][here] for group in self.groups])
            masks = list(self.groups.values())
            safe = self.subcohorts.told_at(masks, told, changed, span, points[here], may=may)
            for group, answers in zip(self.groups, safe, strict=True):
                shown[group][here] = answers
