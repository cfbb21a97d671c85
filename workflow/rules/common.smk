"""The package, the configuration and the sheets. Defines no rule."""

import os
import sys
from functools import cache, partial
from importlib import invalidate_caches
from pathlib import Path

import polars as pl
from snakemake.exceptions import WorkflowError
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
from shirube.genome.regions import read_contigs, run_regions, shards, tiles
from shirube.sheet import read_patients, read_samples

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
_present = {canonical(region.contig, ALIASES) for region in REGIONS}
RUN_CHROMS = [chrom for chrom in CHROMS if chrom in _present]
code_of = partial(code_digest, locate=locate)


wildcard_constraints:
    patient="[A-Za-z0-9_-]+",
    sample="[A-Za-z0-9_-]+",
    tile="[^/]+_[0-9]+_[0-9]+",
    chrom="chr[0-9XYM]+",
    source="[a-z_]+",
    language="ja|en",
