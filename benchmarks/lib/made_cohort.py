"""A cohort of any number of people on paper: sheets, a reference, and files that hold no record.

For measuring what the workflow costs beside the work: every file is valid, none holds a read.
Of ten people four are a family of rare disease (two parents, two children, one affected), two
have a tumour beside their normal, four are controls.
"""

from pathlib import Path

import pysam
import yaml

from shirube.sheet import PATIENT_COLUMNS, SAMPLE_COLUMNS

CONFIG = Path(__file__).parents[2] / "config/config.yaml"
CONTIGS = {f"chr{name}": 2400 for name in (*range(1, 23), "X", "Y")}
ROLES = ("father", "mother", "child", "sibling", "cancer", "cancer", *["control"] * 4)
SAMPLES_OF_TEN = len(ROLES) + ROLES.count("cancer")
FORMS = {"bam": ("bam", ".bai"), "gvcf": ("g.vcf.gz", ".tbi")}


def write_reference(directory: Path) -> Path:
    """A reference of every chromosome, a line each, and its index."""
    path = directory / "reference/made.fa"
    path.parent.mkdir(parents=True)
    path.write_text("".join(f">{name}\n{'ACGT' * (n // 4)}\n" for name, n in CONTIGS.items()))
    pysam.faidx(str(path))
    return path


def write_empty(directory: Path, form: str) -> Path:
    """One valid file of no records with its index; its sample is called `made`."""
    path = directory / f"made.{FORMS[form][0]}"
    if form == "bam":
        header = {
            "HD": {"VN": "1.6", "SO": "coordinate"},
            "SQ": [{"SN": name, "LN": length} for name, length in CONTIGS.items()],
            "RG": [{"ID": "1", "SM": "made", "PL": "ILLUMINA"}],
        }
        pysam.AlignmentFile(str(path), "wb", header=header).close()
        pysam.index(str(path))
        return path
    text = (
        '##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description="passed">\n'
        + "".join(f"##contig=<ID={name},length={length}>\n" for name, length in CONTIGS.items())
        + '##INFO=<ID=END,Number=1,Type=Integer,Description="end of a block">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="genotype quality">\n'
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="reads of each allele">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tmade\n"
        + "".join(
            f"{name}\t1\t.\tA\t<NON_REF>\t.\tPASS\tEND={length}\tGT:DP:GQ\t0/0:30:60\n"
            for name, length in CONTIGS.items()
        )
    )
    plain = directory / "made.vcf"
    plain.write_text(text)
    pysam.tabix_compress(str(plain), str(path), force=True)
    plain.unlink()
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def person_rows(number: int) -> tuple[dict[str, str], list[str]]:
    """Row of the sheet of people, and the kinds of this person's samples."""
    role, family = ROLES[number % 10], number // 10
    name = f"P{number:06d}"
    row = {
        "patient": name,
        "sex": "XY" if role in ("father", "child") or number % 2 else "XX",
        "programme": {"cancer": "cancer", "control": "control"}.get(role, "rare"),
        "consent_cohort": "yes",
    }
    if role == "mother":
        row["sex"] = "XX"
    if row["programme"] == "rare":
        row |= {"family": f"F{family}", "affected": "yes" if role == "child" else "no"}
    if role in ("child", "sibling"):
        row |= {"father": f"P{family * 10:06d}", "mother": f"P{family * 10 + 1:06d}"}
    if role == "cancer":
        row["diagnosis"] = "LUAD"
    return row, ["normal", "tumour"] if role == "cancer" else ["normal"]


def write_cohort(directory: Path, people: int, form: str = "bam") -> int:
    """Write the sheets, configuration and files of a cohort; return the number of samples.

    Every sample has files of its own, links to one empty file. Tumours always come as reads.
    """
    reference = write_reference(directory)
    empty = {kind: write_empty(directory, kind) for kind in {"bam", form}}
    (directory / "data").mkdir()
    patients, samples = ["\t".join(PATIENT_COLUMNS)], ["\t".join(SAMPLE_COLUMNS)]
    for number in range(people):
        row, kinds = person_rows(number)
        patients.append("\t".join(row.get(column, "") for column in PATIENT_COLUMNS))
        for kind in kinds:
            own = "bam" if kind == "tumour" else form
            ending, index = FORMS[own]
            name = f"{row['patient']}_{kind[0].upper()}"
            path = f"data/{name}.{ending}"
            for end in ("", index):
                (directory / f"{path}{end}").hardlink_to(f"{empty[own]}{end}")
            cells = {"sample": name, "patient": row["patient"], "kind": kind, "path": path}
            cells["sample_in_file"] = "made"
            samples.append("\t".join(cells.get(column, "") for column in SAMPLE_COLUMNS))
    (directory / "config").mkdir()
    (directory / "config/patients.tsv").write_text("\n".join(patients) + "\n")
    (directory / "config/samples.tsv").write_text("\n".join(samples) + "\n")
    config = yaml.safe_load(CONFIG.read_text())
    config["reference"] = {"fasta": str(reference.relative_to(directory)), "build": "GRCh38"}
    (directory / "config/config.yaml").write_text(yaml.safe_dump(config))
    return len(samples) - 1
