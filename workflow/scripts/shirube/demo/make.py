"""Writes the demo: reference, knowledge, reads, truth and configuration, then a stamp.

A file whose bytes would not change is left alone, so a second run touches nothing; the stamp holds
a digest of this package's sources and of every file written, so an up-to-date demo is not even
generated again.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from shirube.demo import cases, knowledge, truth
from shirube.demo.bam import bgzf, write_if_changed
from shirube.demo.genome import SEED, Genome, build, gene_model_rows, par
from shirube.demo.people import Cohort, Sample
from shirube.demo.sequencer import Sequencer
from shirube.demo.variants import chromosome
from shirube.sheet import PATIENT_COLUMNS, SAMPLE_COLUMNS
from shirube.tools import run

STAMP = ".demo.json"
WIDTH = 60


@dataclass(frozen=True)
class Settings:
    """What the files depend on besides the sources."""

    seed: int = SEED


def sources_digest() -> str:
    """SHA-256 over the modules of this package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def up_to_date(out: Path, settings: Settings) -> bool:
    """Whether `out` holds what these sources and settings would write."""
    try:
        stamp = json.loads((out / STAMP).read_text())
        files = {name: (out / name).stat().st_size for name in stamp["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return stamp == {"sources": sources_digest(), "settings": asdict(settings), "files": files}


def fasta(genome: Genome) -> tuple[str, str]:
    """The reference as FASTA and its index (.fai)."""
    text, index = [], []
    at = 0
    for name, bases in genome.sequences.items():
        title = f">{name} {knowledge.LABEL}\n"
        sequence = bytes(bases).decode()
        lines = [sequence[i : i + WIDTH] for i in range(0, len(sequence), WIDTH)]
        body = "\n".join(lines) + "\n"
        index.append(f"{name}\t{len(sequence)}\t{at + len(title)}\t{WIDTH}\t{WIDTH + 1}\n")
        text += [title, body]
        at += len(title) + len(body)
    return "".join(text), "".join(index)


def configuration() -> str:
    """config.yaml of the demo; paths are relative to the demo's directory."""
    version = {"version": "artificial demo", "licence": "MIT, artificial"}
    source = {
        "gene_models": "gene_models.bed.gz",
        "clinvar": "clinvar.vcf.gz",
        "civic_evidence": "civic_evidence.tsv",
        "civic_variants": "civic_variants.tsv",
    }
    config = {
        "patients": "config/patients.tsv",
        "samples": "config/samples.tsv",
        "reference": {"fasta": "reference/artificial.fa", "build": "artificial", "par": par()},
        "knowledge": {
            key: {"path": f"knowledge/{name}", **version} for key, name in source.items()
        },
        "engines": {
            "germline": "bcftools",
            "somatic": "embedded",
            "structural": "embedded",
            "consequence": "bcftools_csq",
        },
        "calling": {"tile": 25_000_000, "min_mapq": 20, "min_baseq": 13, "max_depth": 8000},
        "cohort": {
            "strata": ["sex"],
            "adj": {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2},
        },
        "report": {"languages": ["ja", "en"]},
    }
    text = yaml.safe_dump(config, sort_keys=False, default_flow_style=None, width=100)
    return f"# {knowledge.LABEL}. Written by `shirube demo`.\n{text}"


def sheets(cohort: Cohort) -> tuple[str, str]:
    """The sheets of people and of files."""
    people = ["\t".join(PATIENT_COLUMNS)]
    for person in cohort.people:
        row = {"patient": person.name, "sex": person.sex, **person.sheet}
        people.append("\t".join(row.get(column, "") for column in PATIENT_COLUMNS))
    files = ["\t".join(SAMPLE_COLUMNS)]
    for sample in cohort.samples:
        row = {"sample": sample.name, "patient": sample.patient, "kind": sample.kind}
        row["path"] = f"reads/{sample.name}.bam"
        files.append("\t".join(row.get(column, "") for column in SAMPLE_COLUMNS))
    return "\n".join(people) + "\n", "\n".join(files) + "\n"


def reads(cohort: Cohort, sample: Sample, seed: int) -> bytes:
    """The BAM of one sample."""
    machine = Sequencer(cohort.genome, sample.name, [seed, *sample.name.encode()])
    for molecule in sample.molecules:
        made = chromosome(cohort.genome, sorted(molecule.variants), molecule.segments)
        machine.add(made, molecule.depth, sample.duplicates)
    return machine.finish(knowledge.LABEL)


def write_demo(out: Path, settings: Settings, say: Callable[[str], None]) -> list[str]:
    """Write the demo into `out`; return the files, relative to it."""
    genome = build(settings.seed)
    cohort = cases.make(genome)
    written: list[str] = []

    def put(name: str, data: str | bytes) -> bool:
        written.append(name)
        raw = data.encode() if isinstance(data, str) else data
        return write_if_changed(out / name, raw)

    (out / STAMP).unlink(missing_ok=True)
    sequence, index = fasta(genome)
    put("reference/artificial.fa", sequence)
    put("reference/artificial.fa.fai", index)
    put("knowledge/README.txt", knowledge.LABEL + "\n")
    put("knowledge/gene_models.bed.gz", bgzf("\n".join(gene_model_rows(genome)).encode() + b"\n"))
    put("knowledge/civic_evidence.tsv", knowledge.civic_evidence())
    put("knowledge/civic_variants.tsv", knowledge.civic_variants(genome))
    put("knowledge/oncotree.tsv", knowledge.oncotree())
    for name, text in (
        ("clinvar", knowledge.clinvar(cohort)),
        ("population", knowledge.population(cohort)),
    ):
        path = f"knowledge/{name}.vcf.gz"
        if put(path, bgzf(text.encode())) or not (out / f"{path}.tbi").is_file():
            run("bcftools", "index", "-f", "-t", out / path)
        written.append(f"{path}.tbi")
    people, files = sheets(cohort)
    put("config/config.yaml", configuration())
    put("config/patients.tsv", people)
    put("config/samples.tsv", files)
    for name, text in truth.tables(cohort).items():
        put(f"truth/{name}.tsv", text)
    for number, sample in enumerate(cohort.samples, 1):
        say(f"reads of {sample.name} ({number} of {len(cohort.samples)})")
        path = f"reads/{sample.name}.bam"
        if put(path, reads(cohort, sample, settings.seed)) or not (out / f"{path}.bai").is_file():
            run("samtools", "index", out / path)
        written.append(f"{path}.bai")
    stamp = {
        "sources": sources_digest(),
        "settings": asdict(settings),
        "files": {name: (out / name).stat().st_size for name in sorted(written)},
    }
    write_if_changed(out / STAMP, (json.dumps(stamp, indent=1) + "\n").encode())
    return sorted(written)


def to_stderr(line: str) -> None:
    """Progress for a person at a terminal."""
    print(f"shirube demo: {line}", file=sys.stderr, flush=True)
