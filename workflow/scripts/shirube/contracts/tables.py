"""Every table there is, by where a reader of the data dictionary looks for it."""

from shirube.contracts import annotation, calls, findings, loci, phase, population, samples
from shirube.contracts.cohort import CALLABLE, COUNTS, GENOTYPES, STRATUM_COUNTS, STRUCTURAL_COUNTS
from shirube.contracts.family import HOMOZYGOSITY, PEDIGREE
from shirube.contracts.knowledge import CLINVAR, ONCOTREE, POPULATION
from shirube.contracts.knowledge_cancer import (
    DRIVERS,
    EVIDENCE_BASIS,
    HOTSPOTS,
    ISOFORMS,
    PREDISPOSITION,
)
from shirube.contracts.knowledge_general import (
    CHAINS,
    DISEASE_XREFS,
    EXCLUDED_REGIONS,
    GENE_NAMES,
    PREDICTOR,
    REPEAT_LOCI,
)
from shirube.contracts.knowledge_rare import (
    GENE_CONSTRAINT,
    GENE_DISEASES,
    GENE_DOSAGE,
    NANDO_GENES,
    PHENOTYPE_DISEASES,
    PHENOTYPE_GENES,
    PHENOTYPE_TERMS,
)
from shirube.contracts.pharmacogenomics import (
    DIPLOTYPE_PHENOTYPES,
    DRUG_RECOMMENDATIONS,
    STAR_ALLELES,
    STAR_POSITIONS,
)
from shirube.contracts.table import Contract

# In the order in which a run makes them.
TABLES: dict[str, list[Contract]] = {
    "What a run finds": [
        calls.CALLS,
        calls.SOMATIC,
        calls.STRUCTURAL,
        calls.LOH,
        calls.COPY_NUMBER,
        calls.MARKERS,
        loci.REPEATS,
        loci.GENE_COPIES,
        samples.COVERAGE,
        samples.READS,
        samples.QUALITY,
        samples.COMPARISON,
        phase.PHASE,
        phase.CHANGES,
        annotation.ANNOTATION,
        population.FREQUENCY,
        population.CALLABILITY,
        population.MEMBERS,
        PEDIGREE,
        HOMOZYGOSITY,
        findings.LEDGER,
        findings.FINDINGS,
        findings.WITHHELD,
        samples.TARGETS,
    ],
    "Knowledge, below `results/knowledge/`": [
        annotation.GENE_MODELS,
        annotation.CLINICAL_EVIDENCE,
        CLINVAR,
        EVIDENCE_BASIS,
        ONCOTREE,
        PHENOTYPE_TERMS,
        PHENOTYPE_GENES,
        PHENOTYPE_DISEASES,
        GENE_DISEASES,
        GENE_DOSAGE,
        GENE_CONSTRAINT,
        NANDO_GENES,
        HOTSPOTS,
        DRIVERS,
        ISOFORMS,
        PREDISPOSITION,
        GENE_NAMES,
        DISEASE_XREFS,
        REPEAT_LOCI,
        STAR_POSITIONS,
        STAR_ALLELES,
        DIPLOTYPE_PHENOTYPES,
        DRUG_RECOMMENDATIONS,
        EXCLUDED_REGIONS,
        CHAINS,
        PREDICTOR,
        POPULATION,
    ],
    "Private state of a cohort: never released": [GENOTYPES, CALLABLE, COUNTS],
    "Counts of a joint file (`shirube count`)": [STRATUM_COUNTS, STRUCTURAL_COUNTS],
}
