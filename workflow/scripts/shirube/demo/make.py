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

from shirube.demo import calls, cases, knowledge, pharmacogenes, truth
from shirube.demo.bam import bgzf, write_if_changed
from shirube.demo.genome import LABEL, SEED, Genome, build, gene_model_rows, par
from shirube.demo.people import Cohort, Sample
from shirube.demo.sequencer import Sequencer
from shirube.demo.variants import chromosome
from shirube.sheet import PATIENT_COLUMNS, SAMPLE_COLUMNS
from shirube.tools import run

STAMP = ".demo.json"
PATHS = {
    "bam": "reads/{}.bam",
    "cram": "reads/{}.cram",
    "vcf": "calls/{}.vcf.gz",
    "gvcf": "calls/{}.g.vcf.gz",
}
CALLABLE = "calls/{}.callable.bed"
WIDTH = 60
REFERENCE = "reference/artificial.fa"


@dataclass(frozen=True)
class Settings:
    """What the files depend on besides the sources; `fault` is one of cases.FAULTS."""

    seed: int = SEED
    fault: str | None = None


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
        title = f">{name} {LABEL}\n"
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
        "civic_assertions": "civic_assertions.tsv",
        "oncotree": "oncotree.tsv",
        "strchive": "STRchive-loci.json",
    }
    knowledge: dict[str, object] = {
        key: {"path": f"knowledge/{name}", **version} for key, name in source.items()
    }
    knowledge["frequencies"] = {
        "demo": {
            "path": "knowledge/population.vcf.gz",
            **version,
            "format": "vcf",
            "populations": {"all": "AF", "eas": "AF_eas", "JPN": "AF_jpn"},
            "japanese": "JPN",
        }
    }
    config = {
        "patients": "config/patients.tsv",
        "samples": "config/samples.tsv",
        "reference": {"fasta": REFERENCE, "build": "artificial", "par": par()},
        "knowledge": knowledge,
        "engines": {
            "germline": "bcftools",
            "somatic": "embedded",
            "structural": "embedded",
            "consequence": "embedded",
        },
        "calling": {"tile": 25_000_000, "min_mapq": 20, "min_baseq": 13, "max_depth": 8000},
        "cohort": {
            "strata": ["sex"],
            "adj": {"min_gq": 20, "min_dp": 10, "min_dp_haploid": 5, "min_ab": 0.2},
            "release": {"min_people": 5},
            # alleles of the artificial genome are independent; there are a few hundred
            "relatives": {"keep": "affected", "spacing": 100, "min_sites": 180},
        },
        "pharmacogenomics": {"path": "knowledge/pharmcat", **version},
        "report": {
            "languages": ["ja", "en"],
            "trials": {
                "region": ["Tokyo", "東京都"],
                "exports": [{"path": "knowledge/trials.tsv", "exported": "2026-11-20"}],
            },
        },
    }
    text = yaml.safe_dump(
        config, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )
    return f"# {LABEL}. Written by `shirube demo`.\n{text}"


def sheets(cohort: Cohort) -> tuple[str, str]:
    """The sheets of people and of files."""
    people = ["\t".join(PATIENT_COLUMNS)]
    for person in cohort.people:
        row = {"patient": person.name, "sex": person.sex, **person.sheet}
        people.append("\t".join(row.get(column, "") for column in PATIENT_COLUMNS))
    files = ["\t".join(SAMPLE_COLUMNS)]
    for sample in cohort.samples:
        row = {"sample": sample.name, "patient": sample.patient, "kind": sample.kind}
        row["path"] = PATHS[sample.form].format(sample.name)
        if sample.form == "vcf":
            row["callable"] = CALLABLE.format(sample.name)
        files.append("\t".join(row.get(column, "") for column in SAMPLE_COLUMNS))
    return "\n".join(people) + "\n", "\n".join(files) + "\n"


def reads(cohort: Cohort, sample: Sample, seed: int) -> tuple[str, bytes]:
    """Header (SAM text) and BAM of one sample."""
    machine = Sequencer(cohort.genome, sample.name, [seed, *sample.name.encode()])
    for molecule in sample.molecules:
        made = chromosome(cohort.genome, sorted(molecule.variants), molecule.segments)
        machine.add(made, molecule.depth, sample.duplicates)
    return machine.header(), machine.finish()


def cram(header: str, data: bytes, reference: Path, scratch: Path) -> bytes:
    """A BAM as CRAM; `scratch` is a path whose name may be extended.

    samtools writes where the reference lies on this machine into the header: it is put back.
    """
    bam, sam, made = (scratch.with_name(scratch.name + end) for end in (".bam", ".sam", ".cram"))
    scratch.parent.mkdir(parents=True, exist_ok=True)
    bam.write_bytes(data)
    sam.write_text(header)
    run("samtools", "view", "-C", "--no-PG", "-T", reference, "-o", made, bam)
    done = run("samtools", "reheader", "--no-PG", sam, made)
    for path in (bam, sam, made):
        path.unlink()
    return done


class Writer:
    """Writes files below one directory and remembers which."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.names: list[str] = []

    def put(self, name: str, data: str | bytes) -> bool:
        """Write a file unless it holds `data` already; True if written."""
        self.names.append(name)
        return write_if_changed(self.out / name, data.encode() if isinstance(data, str) else data)

    def put_indexed(self, name: str, data: bytes, suffix: str, *command: object) -> None:
        """Write a file and its index, made by `command` with the file's path after it."""
        index = self.out / f"{name}{suffix}"
        if self.put(name, data) or not index.is_file():
            run(*command, self.out / name)
        self.names.append(f"{name}{suffix}")


def write_sample(writer: Writer, cohort: Cohort, sample: Sample, seed: int) -> None:
    """Write the reads or the calls of one sample."""
    name, genome = PATHS[sample.form].format(sample.name), cohort.genome
    if sample.form in ("vcf", "gvcf"):
        person = next(person for person in cohort.people if person.name == sample.patient)
        make = calls.vcf if sample.form == "vcf" else calls.gvcf
        text = make(genome, person, sample.name)
        writer.put_indexed(name, bgzf(text.encode()), ".tbi", "bcftools", "index", "-f", "-t")
        if sample.form == "vcf":
            writer.put(CALLABLE.format(sample.name), calls.callable_bed(genome))
        return
    header, data = reads(cohort, sample, seed)
    if sample.form == "bam":
        writer.put_indexed(name, data, ".bai", "samtools", "index")
    else:
        data = cram(header, data, writer.out / REFERENCE, writer.out / f"{name}.part")
        writer.put_indexed(name, data, ".crai", "samtools", "index")


def write_knowledge(writer: Writer, cohort: Cohort) -> None:
    """Write the artificial knowledge bases."""
    genome, label = cohort.genome, LABEL
    writer.put("knowledge/README.txt", label + "\n")
    models = "\n".join(gene_model_rows(genome)) + "\n"
    writer.put("knowledge/gene_models.bed.gz", bgzf(models.encode()))
    writer.put("knowledge/civic_evidence.tsv", knowledge.civic_evidence())
    writer.put("knowledge/civic_variants.tsv", knowledge.civic_variants(genome))
    writer.put("knowledge/civic_assertions.tsv", knowledge.civic_assertions())
    writer.put("knowledge/oncotree.tsv", knowledge.oncotree())
    writer.put("knowledge/trials.tsv", knowledge.trials())
    writer.put("knowledge/STRchive-loci.json", knowledge.repeat_loci(genome))
    for name, text in (
        ("clinvar", knowledge.clinvar(cohort)),
        ("population", knowledge.population(cohort)),
    ):
        path = f"knowledge/{name}.vcf.gz"
        writer.put_indexed(path, bgzf(text.encode()), ".tbi", "bcftools", "index", "-f", "-t")
    writer.put("knowledge/pharmcat/guidelines_demo.json", pharmacogenes.guidelines(label))
    for gene in pharmacogenes.GENES:
        path = f"knowledge/pharmcat/definition/alleles/{gene}_translation.json"
        writer.put(path, pharmacogenes.definition(genome, gene, label))
        writer.put(
            f"knowledge/pharmcat/phenotype/{gene}.json", pharmacogenes.phenotype(gene, label)
        )


def write_stamp(out: Path, stamp: dict[str, object]) -> None:
    """Write the stamp of a demo."""
    write_if_changed(out / STAMP, (json.dumps(stamp, indent=1) + "\n").encode())


def begin(out: Path) -> set[str]:
    """Mark `out` as not up to date; return the files an earlier version wrote below it."""
    try:
        found = json.loads((out / STAMP).read_text())["files"]
        files = {name: 0 for name in found if not {"", "..", "/"} & set(Path(name).parts)}
    except (OSError, ValueError, KeyError, TypeError):
        files = {}
    write_stamp(out, {"sources": "unfinished", "files": files})
    return set(files)


def write_demo(out: Path, settings: Settings, say: Callable[[str], None]) -> list[str]:
    """Write the demo into `out`; return the files, relative to it."""
    genome = build(settings.seed)
    cohort = cases.make(genome, settings.fault)
    writer = Writer(out)
    before = begin(out)
    sequence, index = fasta(genome)
    changed = writer.put(REFERENCE, sequence)
    if not writer.put(f"{REFERENCE}.fai", index) and changed:
        (out / f"{REFERENCE}.fai").touch()  # an index must not look older than its data
    write_knowledge(writer, cohort)
    people, samples = sheets(cohort)
    writer.put("config/config.yaml", configuration())
    writer.put("config/patients.tsv", people)
    writer.put("config/samples.tsv", samples)
    for name, text in truth.tables(cohort).items():
        writer.put(f"truth/{name}.tsv", text)
    for number, sample in enumerate(cohort.samples, 1):
        say(f"{sample.name} ({number} of {len(cohort.samples)})")
        write_sample(writer, cohort, sample, settings.seed)
    for name in before - set(writer.names):
        (out / name).unlink(missing_ok=True)
    files = {name: (out / name).stat().st_size for name in sorted(writer.names)}
    write_stamp(out, {"sources": sources_digest(), "settings": asdict(settings), "files": files})
    return sorted(writer.names)


def to_stderr(line: str) -> None:
    """Progress for a person at a terminal."""
    print(f"shirube demo: {line}", file=sys.stderr, flush=True)
