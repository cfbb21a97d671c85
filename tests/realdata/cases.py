"""Run the workflow on real reads: one working directory a case, `<out>/<case>`.

`make real` calls this for each of its ENGINES; `tests/realdata/test_cases.py` then asks the same of
what each run found.
Nothing of the data is copied: the sheets point at them.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from exome import chromosome_lengths, coding_exons, write_reference

REPOSITORY = Path(__file__).parents[2]
TP53_BRCA1 = [("chr17", 7_556_682, 7_796_682), ("chr17", 42_425_000, 43_600_000)]


@dataclass(frozen=True)
class Case:
    """One set of people, their files (relative to the real data) and what limits the run."""

    name: str
    reference: str
    build: str
    regions: list[tuple[str, int, int]]
    patients: list[dict[str, str]]
    samples: list[dict[str, str]]
    aliases: dict[str, str] = field(default_factory=dict)
    stated: tuple[str, ...] = ()  # VCF files whose REF bases are all that is known of the reference
    common: str | None = None  # VCF of common variants, for engines that estimate contamination


# ENGINES of `make real` -> `engines` of the configuration.
ENGINES = {
    "embedded": {},
    "gatk": {"germline": "gatk", "somatic": "gatk"},
    "freebayes": {"germline": "freebayes"},
}


def person(patient: str, sex: str, **cells: str) -> dict[str, str]:
    """Row of the sheet of people."""
    return {"patient": patient, "sex": sex, "consent_cohort": "yes", **cells}


def reads(sample: str, patient: str, kind: str, path: str, name: str = "") -> dict[str, str]:
    """Row of the sheet of files."""
    row = {"sample": sample, "patient": patient, "kind": kind, "path": path}
    return {**row, "sample_in_file": name}


MODELS = {
    "GRCh38": "gene_models_mane_grch38/mane.grch38.bigGenePred.bed.gz",
    "GRCh37": "gene_models_mane_grch37_lifted/mane.hg19lift.bigGenePred.bed.gz",
}
CLINVAR = "clinvar/clinvar_20260226_subset.GRCh38.vcf.gz"
HCC = "hcc1395-chr17/aligned_here"
COAD = "tcga-coad-vcf/T001-COAD.grch38.vcf.gz"
NIST, TRIO, FUSION = "na12878-chr20", "ceu-trio-chr20", "dnafusion-eml4alk"
CASES = [
    Case(
        "hcc1395",
        "ref-grch38-chr17/chr17.tp53_brca1.fa.gz",
        "GRCh38",
        TP53_BRCA1,
        [person("HCC1395", "XX", programme="cancer", diagnosis="BRCA")],
        [
            reads(
                "HCC1395BL",
                "HCC1395",
                "normal",
                f"{HCC}/HCC1395BL.normal.grch38.bam",
                "H_NJ-HCC1395-HCC1395_BL",
            ),
            reads(
                "HCC1395T",
                "HCC1395",
                "tumour",
                f"{HCC}/HCC1395.tumour.grch38.bam",
                "H_NJ-HCC1395-HCC1395",
            ),
        ],
        common="hcc1395-chr17/chr17_test_gnomADe.vcf.gz",
    ),
    Case(
        "na12878",
        f"{NIST}/ucsc.hg19.chr20.unittest.fasta.gz",
        "GRCh37",
        [("chr20", 10_000_000, 10_100_000)],
        [person("NA12878", "XX", programme="control")],
        [reads("NA12878", "NA12878", "normal", f"{NIST}/NA12878_S1.chr20.10_10p1mb.bam")],
    ),
    Case(
        "na12878-cram",
        f"{NIST}/ucsc.hg19.chr20.unittest.fasta.gz",
        "GRCh37",
        [("chr20", 10_000_000, 10_100_000)],
        [person("NA12878", "XX", programme="control")],
        [reads("NA12878", "NA12878", "normal", f"{NIST}/NA12878_S1.chr20.10_10p1mb.cram")],
    ),
    Case(
        "na12878-chrm",
        "strelka-demo/chrM_hg19.fa",
        "GRCh37",
        [("chrM", 0, 16_571)],
        [person("NA12878", "XX", programme="control")],
        [reads("NA12878", "NA12878", "normal", "strelka-demo/NA12878_chrM_200-200.bam")],
    ),
    Case(
        "ceu-trio",
        f"{TRIO}/hs37d5.chr20.fa.gz",
        "GRCh37",
        [("20", 10_000_000, 10_010_000)],
        [
            person(
                "NA12878",
                "XX",
                family="CEU1463",
                father="NA12891",
                mother="NA12892",
                programme="control",
                affected="no",
            ),
            person("NA12891", "XY", family="CEU1463", programme="control", affected="no"),
            person("NA12892", "XX", family="CEU1463", programme="control", affected="no"),
        ],
        [
            reads(
                "NA12878", "NA12878", "normal", f"{TRIO}/HG001.chr20.10_10p1mb_sorted.bam", "HG001"
            ),
            reads("NA12891", "NA12891", "normal", f"{TRIO}/NA12891.chr20.10_10p1mb_sorted.bam"),
            reads("NA12892", "NA12892", "normal", f"{TRIO}/NA12892.chr20.10_10p1mb_sorted.bam"),
        ],
    ),
    Case(
        "h3122-hcc827",
        f"{FUSION}/chr2.alk_eml4.from_md.fa.gz",
        "GRCh38",
        [("chr2", 29_192_774, 29_921_586), ("chr2", 42_169_353, 42_332_548)],
        [
            person("H3122", "unknown", programme="cancer", diagnosis="LUAD"),
            person("HCC827", "XX", programme="cancer", diagnosis="LUAD"),
        ],
        [
            reads("H3122", "H3122", "tumour", f"{FUSION}/H3122_EML4.bam", "-"),
            reads("HCC827", "HCC827", "tumour", f"{FUSION}/HCC827_EML4.bam", "-"),
        ],
    ),
    Case(
        "tcga-coad",
        "reference/stated.fa.gz",
        "GRCh38",
        [],
        [person("TCGA", "unknown", programme="cancer", diagnosis="COAD")],
        [
            reads(
                "TCGA_T",
                "TCGA",
                "tumour",
                COAD,
                "TCGA-A6-2686-01A-01D-1408-10_TCGA-A6-2686-10A-01D-2188-10",
            )
            | {"callable": "config/callable.bed"}
        ],
        stated=(COAD,),
    ),
]


def knowledge_of(build: str, knowledge: Path) -> dict[str, dict[str, str]]:
    """Knowledge sources of one genome build, as the configuration names them."""
    sources = {
        "gene_models": (MODELS[build], "MANE 1.4/1.5", "no restriction"),
        "civic_evidence": ("civic/civic_evidence_accepted_2025-05.tsv", "2025-05-01", "CC0-1.0"),
        "civic_variants": ("civic/civic_variants_2025-05.tsv", "2025-05-01", "CC0-1.0"),
        "oncotree": ("oncotree/oncotree.2023-03-09.txt", "2023-03-09", "CC-BY-4.0"),
    }
    if build == "GRCh38":
        sources["clinvar"] = (CLINVAR, "2026-02-26 (subset)", "public domain")
        sources["pypgx_diplotypes"] = ("pypgx/diplotype-table.csv.gz", "0.26.0", "MIT")
    return {
        name: {"path": str(knowledge / path), "version": version, "licence": licence}
        for name, (path, version, licence) in sources.items()
    }


def write_sheet(rows: list[dict[str, str]], path: Path) -> None:
    """Write rows as TSV with the union of their columns."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = ["\t".join(columns), *("\t".join(row.get(c, "") for c in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def write_bed(regions: list[tuple[str, int, int]], path: Path) -> None:
    """Write intervals as BED."""
    path.write_text("".join(f"{c}\t{start}\t{end}\n" for c, start, end in regions))


def indexed(path: Path, directory: Path) -> str:
    """A link to a VCF below `directory`, with the index it lacks where it lies."""
    link = directory / "calls" / path.name
    link.parent.mkdir(exist_ok=True)
    if not link.exists():
        link.symlink_to(path)
        bcftools = Path(sys.executable).with_name("bcftools")
        subprocess.run([bcftools, "index", "--tbi", link], check=True)
    return f"calls/{path.name}"


def prepare(case: Case, engine: str, realdata: Path, knowledge: Path, directory: Path) -> None:
    """Write the configuration, the sheets and the regions of one case."""
    config = directory / "config"
    config.mkdir(parents=True, exist_ok=True)
    write_sheet(case.patients, config / "patients.tsv")
    rows = [{**row, "path": str(realdata / row["path"])} for row in case.samples]
    fasta, regions = str(realdata / case.reference), case.regions
    if case.stated:
        lengths = chromosome_lengths(knowledge / "regions/cytoBand_hg38.txt.gz")
        regions = [(contig, 0, length) for contig, length in lengths.items()]
        exons = coding_exons(knowledge / MODELS[case.build], lengths)
        write_bed(exons, config / "callable.bed")
        files = [realdata / name for name in case.stated]
        write_reference(directory / case.reference, lengths, [*files, knowledge / CLINVAR])
        fasta = case.reference
        rows = [{**row, "path": indexed(Path(row["path"]), directory)} for row in rows]
    write_sheet(rows, config / "samples.tsv")
    write_bed(regions, config / "regions.bed")
    settings = yaml.safe_load((REPOSITORY / "config/config.yaml").read_text())
    reference = {"fasta": fasta, "build": case.build}
    settings["reference"] = reference | ({"aliases": case.aliases} if case.aliases else {})
    settings["regions"] = "config/regions.bed"
    settings["engines"] |= ENGINES[engine]
    if case.common and engine == "gatk":
        settings["somatic_resources"] = {"common_variants": str(realdata / case.common)}
    settings["knowledge"] = knowledge_of(case.build, knowledge)
    if case.build == "GRCh38":
        settings["pharmacogenomics"] = {
            "path": str(knowledge / "pharmcat"),
            "version": "3.1.1, 2025-11-05",
            "licence": "CC BY-SA 4.0",
        }
    (config / "config.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))


def run(
    case: Case, engine: str, realdata: Path, knowledge: Path, directory: Path, cores: int
) -> bool:
    """Check and run one case; True if both succeed."""
    prepare(case, engine, realdata, knowledge, directory)
    beside = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    options = ["--cores", str(cores), "--quiet", "rules", "host"]
    for words in (
        ["shirube", "check", "--directory", str(directory)],
        ["shirube", "run", "--directory", str(directory), *options],
    ):
        done = subprocess.run([str(beside / words[0]), *words[1:]], env=environment, check=False)
        if done.returncode:
            return False
    return True


def main() -> int:
    """Run every case, or those named; print a line each; 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--realdata", type=Path, required=True)
    parser.add_argument("--knowledge", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("real"))
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--engine", choices=ENGINES, default="embedded")
    parser.add_argument("cases", nargs="*", default=[case.name for case in CASES])
    args = parser.parse_args()
    failed = []
    for case in CASES:
        if case.name in args.cases:
            print(f"shirube: real case {case.name}, engine {args.engine}", flush=True)
            directory = (args.out / case.name).resolve()
            data = args.realdata.resolve(), args.knowledge.resolve()
            if not run(case, args.engine, *data, directory, args.cores):
                failed.append(case.name)
    print(
        f"{len(args.cases) - len(failed)} cases finished under {args.out}",
        *failed and ["failed:", *failed],
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
