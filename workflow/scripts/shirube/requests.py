"""Memory that jobs ask for on their first attempt, where it grows with what they read.

Values are ample: each was set above what the rule was measured to take on the largest input tried.
The rules of workflow/rules/ ask by this table, `shirube plan` foresees by it.
"""

from typing import NamedTuple


class Memory(NamedTuple):
    """MB, and MB more for each unit of `of`.

    `of`: reads, reference, gvcf (of a person), calls (a person's tables and the annotation), each
    in MB; people (their number); or alleles (square root of the people: distinct
    alleles grow no faster: gnomAD 3.1.2 has 759 million in 76,156 genomes).
    """

    base: int
    more: float
    of: str


MEMORY = {
    "call_structural": Memory(2000, 0.08, "reads"),
    "measure_coverage": Memory(1000, 0.4, "reference"),
    "measure_quality": Memory(1000, 2, "calls"),
    "call_copy_number": Memory(1200, 0.4, "reference"),
    "measure_markers": Memory(2000, 0.4, "reference"),
    "split_germline": Memory(1500, 0.4, "gvcf"),
    "measure_loh": Memory(1000, 5, "calls"),
    "phase_alleles": Memory(1500, 3, "calls"),
    "annotate_alleles": Memory(3000, 60, "alleles"),
    "read_people": Memory(1500, 1, "gvcf"),
    "choose_people": Memory(1500, 0.02, "people"),
    "sum_chromosome": Memory(3000, 0, "people"),
    "aggregate_cohort": Memory(3000, 0.01, "people"),
    "interpret_patient": Memory(2000, 1, "calls"),
}
