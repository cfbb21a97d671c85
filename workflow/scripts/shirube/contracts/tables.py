"""Every table there is, by where a reader of the data dictionary looks for it."""

from shirube.contracts import (
    annotation,
    calls,
    cohort,
    depth,
    family,
    findings,
    knowledge,
    knowledge_cancer,
    knowledge_general,
    knowledge_rare,
    loci,
    pharmacogenomics,
    phase,
    population,
    samples,
)
from shirube.contracts.table import Contract

# In the order in which a run makes them; within a module as they stand there.
_MODULES = {
    "What a run finds": (
        *(calls, loci, samples, depth, phase, annotation, population, family, findings),
    ),
    "Knowledge, below `results/knowledge/`": (
        *(knowledge, knowledge_rare, knowledge_cancer, knowledge_general, pharmacogenomics),
    ),
    "A cohort's private state, never released; counts of a joint file (`shirube count`)": (cohort,),
}
TABLES: dict[str, list[Contract]] = {
    heading: [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Contract)
    ]
    for heading, modules in _MODULES.items()
}
BY_NAME = {contract.name: contract for part in TABLES.values() for contract in part}
