"""Count the alleles of a joint VCF or BCF by stratum of people, in one pass.

The sheet is TSV with a header: sample, sex (XX, XY or unknown) and, if strata are wanted, stratum.
Samples it does not name are not counted. The result is one Parquet table: an allele and stratum a
row, with copies, chromosomes callable, homozygotes and hemizygotes. Structural records (INFO
SVTYPE) are counted too, as they are called, into a table beside it: OUT.structural.parquet.
"""

import argparse
import csv
from pathlib import Path

from shirube.cohort import count, joint, structural
from shirube.cohort.reference import Reference
from shirube.contracts import write
from shirube.contracts.cohort import STRUCTURAL_COUNTS
from shirube.errors import InputError
from shirube.files import scratch
from shirube.genome.genotype_rule import GenotypeRule
from shirube.genome.ploidy import PAR, SEXES
from shirube.intake.dialects import dialect_of
from shirube.intake.joint import (
    other_words,
    undeclared,
    write_declared,
    write_unknown,
    write_usual,
)
from shirube.intake.text import header_of, is_bcf


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube count`."""
    parser.add_argument("joint", type=Path, help="VCF or BCF of many samples")
    parser.add_argument("--sheet", type=Path, required=True, help="TSV: sample, sex, stratum")
    parser.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    parser.add_argument(
        "--reference", type=Path, help="FASTA with .fai: alleles are left-aligned and REF checked"
    )
    parser.add_argument("--build", choices=sorted(PAR), default="GRCh38", help="for the PAR")
    parser.add_argument(
        "--every-genotype", action="store_true", help="count without a genotype rule"
    )
    parser.add_argument("--min-gq", type=int, default=GenotypeRule.min_gq)
    parser.add_argument("--min-dp", type=int, default=GenotypeRule.min_dp)
    parser.add_argument("--min-dp-haploid", type=int, default=GenotypeRule.min_dp_haploid)
    parser.add_argument("--min-ab", type=float, default=GenotypeRule.min_ab)
    parser.add_argument(
        "--unmeasured",
        choices=("exclude", "accept"),
        default="exclude",
        help="what becomes of a file without GQ, DP or AD",
    )


def read_people(sheet: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Sex and stratum of each sample of the sheet."""
    sexes, strata = {}, {}
    with open(sheet, newline="", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        if not {"sample", "sex"} <= set(rows.fieldnames or ()):
            raise InputError(sheet, "columns sample and sex")
        for row in rows:
            if row["sample"] in sexes:
                raise InputError(sheet, "each sample once", row["sample"])
            if row["sex"] not in (*SEXES, "unknown"):
                raise InputError(sheet, "sex XX, XY or unknown", row["sample"])
            sexes[row["sample"]] = row["sex"]
            strata[row["sample"]] = row.get("stratum") or "all"
    if not sexes:
        raise InputError(sheet, "at least one sample")
    return sexes, strata


def _refuse_unmet(path: Path, rule: GenotypeRule | None, known: frozenset[str]) -> None:
    """InputError if the genotypes lack what the rule asks for."""
    lacking = rule.unmet(known) if rule else ""
    if lacking:
        expected = f"genotypes with FORMAT {lacking}, which the genotype rule asks for"
        more = "--every-genotype counts without a rule, --unmeasured accept without that part of it"
        raise InputError(path, f"{expected} ({more})", "header")


def main(args: argparse.Namespace) -> int:
    """Count and write; exit status 0."""
    sexes, named = read_people(args.sheet)
    rule = None
    if not args.every_genotype:
        values = (args.min_gq, args.min_dp, args.min_dp_haploid, args.min_ab)
        rule = GenotypeRule(*values, unmeasured=args.unmeasured)
    reference = Reference.open(args.reference) if args.reference else None
    numbers = joint.groups_of(list(named.values()))
    strata = {sample: numbers[name] for sample, name in named.items()}
    stated = header_of(args.joint)
    if not stated.samples:
        raise InputError(args.joint, "FORMAT and a column for each sample", "#CHROM line")
    if not any(line.startswith("##contig=<") for line in stated.lines):
        raise InputError(args.joint, "##contig lines that name the chromosomes", "header")
    par = PAR[args.build]
    beside = args.out.with_name(f"{args.out.stem}.structural.parquet")
    with scratch(args.out) as folder:
        source = args.joint
        if not is_bcf(source) and (more := undeclared(source, stated)):
            source = folder / "declared.bcf"
            write_declared(args.joint, source, more)
            stated = header_of(source)
        apart = None
        if structural.is_structural(stated):
            apart, elsewhere = structural.counted(source, stated, sexes, named, par)
            if apart.height and not structural.has_small(source, stated):
                rule = None  # nothing it could be asked of
            if "SVTYPE" not in stated.info and not apart.height and not elsewhere:
                apart = None  # small variants, with symbolic ALTs in the header alone
        others = rule is not None and other_words(stated, dialect_of(stated))
        _refuse_unmet(
            args.joint, rule, frozenset(stated.format) | ({"AD", "DP"} if others else set())
        )
        if apart is not None and "GT" not in stated.format:
            write_unknown(source, folder / "unknown.bcf")
            source = folder / "unknown.bcf"
        elif others:
            write_usual(source, folder / "usual.bcf")
            source = folder / "usual.bcf"
        found = joint.count(source, sexes, strata, rule, reference, par)
        table = count.table(args.joint, found, list(numbers), reference)
        text = rule.text() if rule else "every called genotype"
        count.write(folder / "small", table, {"build": args.build, "genotype_rule": text})
        if apart is not None:
            write(apart, STRUCTURAL_COUNTS, folder / "apart", {"build": args.build})
            (folder / "apart").replace(beside)
        (folder / "small").replace(args.out)
    if apart is not None:
        number = apart["record"].n_unique()
        records = f"{number} structural {'record' if number == 1 else 'records'}"
        print(f"{records}, {len(sexes)} people -> {beside}")
        if elsewhere:
            print(f"not counted: {elsewhere} structural records on contigs that are no chromosome")
    alleles = table.num_rows // len(numbers)
    unsequenced = "without a sequence (symbolic or breakend ALT)"
    unsequenced += f" in {args.out.name}: they are in the table beside" if apart is not None else ""
    for number, why in (
        (sum(c.without_sequence for c in found), unsequenced),
        (sum(c.rows.size // 7 for c in found) - alleles, "in an earlier record"),
    ):
        if number:
            print(f"not counted: {number} {'allele' if number == 1 else 'alleles'} {why}")
    print(f"{alleles} alleles, {len(sexes)} people -> {args.out}")
    return 0
