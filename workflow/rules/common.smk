"""Configuration, sheets and input functions. Defines no rule."""

import os
import sys
from functools import cache, partial
from hashlib import sha256
from importlib import invalidate_caches
from pathlib import Path

import polars as pl
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

os.umask(0o077)  # results are people's genomes: readable by their owner only


@cache
def locate(relative):
    """Path of a file below workflow/scripts (fetched first if remote); None if there is none."""
    try:
        return workflow.source_path(f"../scripts/{relative}")
    except (FileNotFoundError, WorkflowError):
        return None


# Located files may be copies in a cache: everything imported below is fetched first.
for _module in ("__init__", "provenance"):
    _package = Path(locate(f"shirube/{_module}.py")).parent
sys.path.insert(0, str(_package.parent))

from shirube.provenance import code_digest


def fetch(module):
    """Make a module of the package importable while rules are read."""
    code_digest(f"{module.replace('.', '/')}.py", locate)
    invalidate_caches()


fetch("shirube.genome.regions")
fetch("shirube.sheet")
fetch("shirube.genome.ploidy")
fetch("shirube.requests")

from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.genome.ploidy import PAR
from shirube.genome.regions import jobs, read_contigs, run_regions, shards, tiles
from shirube.requests import MEMORY
from shirube.sheet import form_of, names_pattern, read_patients, read_samples, rows_by

validate(config, schema="../schemas/config.schema.yaml")
patients, samples = read_patients(config["patients"]), read_samples(config["samples"])
validate(patients, schema="../schemas/patients.schema.yaml", set_default=False)
validate(samples, schema="../schemas/samples.schema.yaml", set_default=False)

REFERENCE, ALIASES = config["reference"]["fasta"], config["reference"].get("aliases")
FAI = f"{REFERENCE}.fai"
PSEUDO_AUTOSOMAL = config["reference"].get("par", PAR.get(config["reference"]["build"], {}))
REGIONS = run_regions(read_contigs(FAI), config.get("regions"), ALIASES)
TILES = shards(tiles(REGIONS, config["calling"]["tile"]), config["calling"]["tile"])
GERMLINE_JOBS = jobs(TILES, config["calling"]["job"])
# A tumour is read deeper and on one thread.
SOMATIC_JOBS = jobs(TILES, config["calling"]["job"] // 16)
_present = {canonical(region.contig, ALIASES) for region in REGIONS}
RUN_CHROMS = [chrom for chrom in CHROMS if chrom in _present]
# Looked up many times a job.
PATIENT = rows_by(patients, "patient", config["patients"])
SAMPLE = rows_by(samples, "sample", config["samples"])
OWNED = dict(samples.group_by("patient", maintain_order=True).agg("sample").iter_rows())
# A parent who was not sequenced is on the sheet to say who is whose sibling.
PATIENTS, SAMPLES = [name for name in PATIENT if name in OWNED], list(SAMPLE)
code_of = partial(code_digest, locate=locate)


wildcard_constraints:
    patient="[A-Za-z0-9_-]+",
    sample="[A-Za-z0-9_-]+",
    tile="[^/]+_[0-9]+_[0-9]+",
    chrom="chr[0-9XYM]+",
    source="[a-z_]+",
    language="ja|en",


def sample_value(column):
    """Input function: `column` of the sample sheet for {sample}."""
    return lambda wildcards: SAMPLE[wildcards.sample][column]


def samples_of(patient, kind=None):
    """Names of a patient's samples, in the sheet's order; of one `kind` if given."""
    return [name for name in OWNED.get(patient, []) if kind in (None, SAMPLE[name]["kind"])]


def content_of(*paths):
    """SHA-256 (16 hex digits) of the content of files."""
    return sha256(b"\0".join(Path(path).read_bytes() for path in paths)).hexdigest()[:16]


def resource_tables(*names):
    """Tables of resources/, for a parameter that asks for `input`: Snakemake leaves such ones out
    of what decides a rerun. Beside their content_of, a moved or touched checkout then reruns
    nothing, an edited table does.
    """
    return [workflow.source_path(f"../../resources/{name}.tsv") for name in names]


def megabytes_of(input, names):
    """MB of the inputs of these names together; FileNotFoundError while one is not made yet."""
    named = [input.get(name) or [] for name in ([names] if isinstance(names, str) else names)]
    files = [f for own in named for f in ([own] if isinstance(own, str) else own)]
    return sum(os.path.getsize(file) for file in files) / 1e6


def doubling(megabytes, per_mb=0, of=()):
    """Resource function: memory, MB; `per_mb` more for each MB of the inputs named `of`.

    It doubles on every retry. Values: docs/hpc.md.
    """
    return lambda wildcards, input, attempt: int(
        (megabytes + per_mb * megabytes_of(input, of)) * 2 ** (attempt - 1)
    )


def doubling_of(rule, of=(), units=0):
    """Resource function: memory, MB, by shirube.requests; `of` are names of inputs.

    `units`: of what grows where that is no input.
    """
    asked = MEMORY[rule]
    return doubling(asked.base + int(asked.more * units), asked.more, of)


def minutes(base, per_gb=0, of=(), share=1):
    """Resource function: time, minutes; `per_gb` more for each GB of the inputs named `of`.

    `share`: among how many jobs that input is divided. Every retry asks for as much again.
    """
    return lambda wildcards, input, attempt: attempt * int(
        base + per_gb * megabytes_of(input, of) / 1000 / share
    )
