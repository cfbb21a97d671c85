"""The package, the configuration and the sheets. Defines no rule."""

import os
import sys
from functools import cache, partial
from hashlib import sha256
from importlib import invalidate_caches
from pathlib import Path

import polars as pl
from snakemake.exceptions import WorkflowError
from snakemake.shell import shell
from snakemake.utils import validate

os.umask(0o077)  # results are people's genomes: readable by their owner only


@cache
def locate(relative):
    """Path of a file below workflow/scripts (fetched first if remote); None if there is none.

    A wheel installs the package apart from the rules: it is then looked for where Python finds it.
    """
    try:
        return workflow.source_path(f"../scripts/{relative}")
    except (FileNotFoundError, WorkflowError):
        installed = [Path(folder, relative) for folder in sys.path]
        return next((str(path) for path in installed if path.is_file()), None)


# Located files may be copies in a cache: everything imported below is fetched first.
for _module in ("__init__", "provenance"):
    _package = Path(locate(f"shirube/{_module}.py")).parent
sys.path.insert(0, str(_package.parent))

from shirube.provenance import code_digest


def fetch(module):
    """Make a module of the package importable while rules are read."""
    code_digest(f"{module.replace('.', '/')}.py", locate)
    invalidate_caches()


for _module in ("genome.regions", "genome.ploidy", "requests", "sheet"):
    fetch(f"shirube.{_module}")

from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS
from shirube.genome.ploidy import PAR
from shirube.genome.regions import jobs, read_contigs, run_regions, shards, tiles
from shirube.requests import MEMORY
from shirube.sheet import (
    FILE_COLUMNS,
    batches,
    form_of,
    names_pattern,
    read_patients,
    read_samples,
    rows_by,
)

# A job's polars has the threads the job asked for, not the machine's. Snakemake says them to
# programs by OMP_NUM_THREADS; what the user says by POLARS_MAX_THREADS goes before.
shell.prefix(
    "set -euo pipefail; "
    "export POLARS_MAX_THREADS=${{POLARS_MAX_THREADS:-${{OMP_NUM_THREADS:-1}}}}; "
)

validate(config, schema="../schemas/config.schema.yaml")
patients, samples = read_patients(config["patients"]), read_samples(config["samples"])
samples = samples.remove(pl.col("patient").is_in(config["without"]))
validate(patients, schema="../schemas/patients.schema.yaml", set_default=False)
validate(samples, schema="../schemas/samples.schema.yaml", set_default=False)

REFERENCE, ALIASES = local(config["reference"]["fasta"]), config["reference"].get("aliases")
PSEUDO_AUTOSOMAL = config["reference"].get("par", PAR.get(config["reference"]["build"], {}))
CONTIGS = read_contigs(f"{REFERENCE}.fai")
REGIONS = run_regions(CONTIGS, config.get("regions"), ALIASES)
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
