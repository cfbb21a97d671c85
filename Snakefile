"""Aligned reads -> calls -> annotation -> cohort frequencies -> patient reports.

One rule file per stage, included in the order the data flows.
"""

from snakemake.utils import min_version

min_version("9.14")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/knowledge_inputs.smk"
include: "workflow/rules/knowledge.smk"
include: "workflow/rules/germline_inputs.smk"
include: "workflow/rules/germline.smk"
include: "workflow/rules/somatic.smk"
include: "workflow/rules/structural.smk"
include: "workflow/rules/quality_inputs.smk"
include: "workflow/rules/quality.smk"
include: "workflow/rules/phase.smk"
include: "workflow/rules/annotation.smk"
include: "workflow/rules/cohort_inputs.smk"
include: "workflow/rules/cohort.smk"
include: "workflow/rules/interpretation_inputs.smk"
include: "workflow/rules/interpretation.smk"
include: "workflow/rules/report_inputs.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"


rule all:
    default_target: True
    input:
        RESULTS,
        "<results>/ro-crate-metadata.json",
    localrule: True
