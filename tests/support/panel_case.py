"""The written cases of tests/panels, each made into tables, interpreted and reported."""

from pathlib import Path
from typing import Any

import polars as pl
import yaml
from interpretation_frames import FACTS, call, candidate, described, frame, item, paths
from report_case import inputs, quality

from shirube.cancer.tumour_type import accepted_types
from shirube.contracts import (
    CALLS,
    CLINICAL_EVIDENCE,
    GENE_MODELS,
    MARKERS,
    read,
    write,
)
from shirube.contracts.knowledge import ONCOTREE
from shirube.contracts.knowledge_rare import GENE_DISEASES
from shirube.contracts.loci import GENE_COPIES, REPEATS
from shirube.contracts.samples import TARGETS
from shirube.interpret.genes import GeneKnowledge
from shirube.interpret.inputs import Knowledge, Paths
from shirube.interpret.person import person
from shirube.interpretation import interpret
from shirube.rare.family import Family, Relative
from shirube.report.model import report
from shirube.tools import run

ROOT = Path(__file__).parents[1] / "panels"
PARENTS = ROOT.parents[1] / "resources/oncotree_parents.tsv"
BOOKS = {n: yaml.safe_load((ROOT / f"{n}.yaml").read_text()) for n in ("cancer", "rare")}
CASES = [(programme, case) for programme, book in BOOKS.items() for case in book["cases"]]
PERSON = {
    "patient": "PANEL01", "sex": "XX", "family": None, "father": None, "mother": None,
    "affected": "yes", "diagnosis": None, "hpo": None, "onset": None, "consanguinity": None,
    "consent_cohort": "no", "consent_secondary": None,
}  # fmt: skip
PLACES = {
    "EML4": ("chr2", 42_000_000), "ALK": ("chr2", 49_000_000), "CCDC6": ("chr10", 43_000_000),
    "RET": ("chr10", 59_000_000), "ETV6": ("chr12", 11_000_000), "NTRK3": ("chr15", 88_000_000),
    "ERBB2": ("chr17", 39_700_000), "SMN1": ("chr5", 70_900_000),
}  # fmt: skip


def tree(code: str) -> pl.DataFrame:
    """ONCOTREE of one tumour type, from the table of parents."""
    above = dict(pl.read_csv(PARENTS, separator="\t").select("code", "parent").iter_rows())
    found, at = [], code
    while at in above:
        at = above[at]
        found.append(at)
    row = {"code": code, "name": code, "tissue": found[-1] if found else "Soft Tissue"}
    return frame(ONCOTREE, row | {"ancestors": [*found, "TISSUE"]})


def model_of(gene: str) -> dict[str, Any]:
    """Four coding exons of 99 bases at the gene's place."""
    chrom, start = PLACES[gene]
    starts = [start + 1000 * n for n in range(4)]
    ends = [at + 99 for at in starts]
    return {"transcript": f"ENST_{gene}", "gene": gene, "mane": "MANE Select", "chrom": chrom,
            "strand": "+", "start": start, "end": ends[-1], "cds_start": start,
            "cds_end": ends[-1], "exon_starts": starts, "exon_ends": ends}  # fmt: skip


def even_model(gene: str, chrom: str, exons: int, codons: int) -> dict[str, Any]:
    """A gene of so many coding exons and codons."""
    size = -(-3 * codons // exons)
    starts = [1_000_000 + 10_000 * n for n in range(exons)]
    ends = [at + size for at in starts]
    ends[-1] = starts[-1] + 3 * codons - size * (exons - 1)
    return {"transcript": f"ENST_{gene}", "gene": gene, "mane": "MANE Select", "chrom": chrom,
            "strand": "+", "start": starts[0], "end": ends[-1], "cds_start": starts[0],
            "cds_end": ends[-1], "exon_starts": starts, "exon_ends": ends}  # fmt: skip


def junction(five: str, three: str) -> dict[str, Any]:
    """The adjacency that joins the second introns of two genes, in frame."""
    places = [(*PLACES[gene], strand) for gene, strand in ((five, "+"), (three, "-"))]
    (c1, p1, s1), (c2, p2, s2) = places
    return {
        "event": "E1", "origin": "somatic", "svtype": "DEL" if c1 == c2 else "BND",
        "chrom1": c1, "pos1": p1 + 1500, "strand1": s1, "chrom2": c2, "pos2": p2 + 1500,
        "strand2": s2, "filter": "PASS", "pairs": 14, "splits": 9, "depth": 60,
        "normal_pairs": 0, "normal_splits": 0, "normal_depth": 30,
    }  # fmt: skip


def key_of(allele: dict[str, Any]) -> dict[str, Any]:
    same = {name: allele[name] for name in ("chrom", "pos", "ref", "alt")}
    if same["alt"] == "-":  # a deletion named without its anchor
        same["alt"] = same["ref"][0]
    return same


def annotated(allele: dict[str, Any]) -> dict[str, Any]:
    other = {k: v for k, v in allele.items()
             if k not in ("gene", "chrom", "pos", "ref", "alt", "consequence")}  # fmt: skip
    return described(key_of(allele), allele["gene"], allele["consequence"], **other)


def evidence_of(book: dict[str, Any], ids: list[str]) -> list[dict[str, Any]]:
    plain = {"match": "exact", "alteration": None, "oncotree": None}
    return [item(id=i, **{**plain, **book["evidence"][i]}) for i in ids]


def relative(folder: Path, role: str, carried: list[dict[str, Any]]) -> Relative:
    """A parent who has some alleles, and whose reads cover every chromosome 30 deep."""
    sex = {"mother": 2, "father": 1}[role]
    rows = [
        call(key, n, ploidy=1 if sex == 1 and key["chrom"] == "chrX" else 2)
        for n, key in enumerate(carried)
    ]
    write(frame(CALLS, *rows), CALLS, folder / f"{role}.parquet")
    contigs = [f"chr{n}" for n in (*range(1, 23), "X", "Y")]
    lines = [
        "##fileformat=VCFv4.2",
        '##INFO=<ID=END,Number=1,Type=Integer,Description="end">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">',
        '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="depth">',
        *(f"##contig=<ID={c},length=250000000>" for c in contigs),
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{role}",
        *(f"{c}\t1\t.\tN\t<*>\t.\t.\tEND=249000000\tGT:MIN_DP\t0/0:30" for c in contigs),
    ]
    (folder / f"{role}.g.vcf").write_text("\n".join(lines) + "\n")
    out = folder / f"{role}.g.vcf.gz"
    run("bcftools", "view", "--no-version", "-Oz", "-W=tbi", "-o", out, folder / f"{role}.g.vcf")
    return Relative(role, str(folder / f"{role}.parquet"), str(out), False)


def own_call(key: dict[str, Any], n: int, kind: str) -> dict[str, Any]:
    """A person's call: het, hom, hemi, or part (of the copies of the mitochondrion)."""
    told = {
        "het": {"dosage": 1, "ad_alt": 15},
        "hom": {"dosage": 2, "ad_ref": 0, "ad_alt": 30},
        "hemi": {"dosage": 1, "ploidy": 1, "ad_ref": 0, "ad_alt": 30},
        "part": {"dosage": 1, "ploidy": 2, "ad_ref": 300, "ad_alt": 200, "dp": 500},
    }[kind]
    return call(key, n, **told)


def model(programme: str, case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The report model of a written case."""
    book = BOOKS[programme]
    folder.mkdir(parents=True, exist_ok=True)
    row = {**PERSON, "programme": programme, "diagnosis": case.get("diagnosis")}
    row |= {k: case[k] for k in ("sex", "consent_secondary") if k in case}
    tumour, normal = programme == "cancer", case.get("normal", True)
    made = (_cancer if tumour else _rare)(book, case, folder)
    files, knowledge, family = made
    who = person(row, "PANEL01-N" if normal else None, "PANEL01-T" if tumour else None)
    found, fates, _ = interpret(who, knowledge, files, family)
    samples = [
        {"sample": f"PANEL01-{k[0].upper()}", "patient": "PANEL01", "kind": k, "path": "x.bam"}
        for k, has in (("normal", normal), ("tumour", tumour))
        if has
    ]
    given = inputs()
    names = [s["sample"] for s in samples]
    coverage = next(iter(given["coverage"].values()))
    return report(
        **{
            **given,
            "patient": row,
            "samples": samples,
            "finding_table": found,
            "ledger": fates,
            "coverage": dict.fromkeys(names, coverage),
            "callable_bases": dict.fromkeys(names, 60_000),
            "targets": dict.fromkeys(names, TARGETS.empty()),
            "quality": {name: quality(name) for name in names},
            "evidence": knowledge.evidence,
            "oncotree": knowledge.oncotree if tumour else ONCOTREE.empty(),
            "markers": read(MARKERS, files.markers) if files.markers else MARKERS.empty(),
        }
    )


def _cancer(
    book: dict[str, Any], case: dict[str, Any], folder: Path
) -> tuple[Paths, Knowledge, Family]:
    def named(rows: list[list[Any]]) -> list[tuple[dict[str, Any], float]]:
        return [(book["alleles"][name], part) for name, part in rows]

    somatic, germline = named(case.get("somatic", [])), named(case.get("germline", []))
    genes = [*case.get("fusion", []), *case.get("amplified", [])]
    normal = case.get("normal", True)
    reads = {} if normal else {"normal_dp": None, "normal_ad": None, "normal_lod": None}
    segments = []
    for gene in case.get("amplified", []):
        chrom, start = PLACES[gene]
        segments.append(
            {"chrom": chrom, "start": start - 100_000, "end": start + 100_000, "log2": 2.6,
             "bins": 40, "total_cn": 14.0, "minor_cn": 1.0, "call": "amplification",
             "filter": "PASS"}
        )  # fmt: skip
    lost = [
        {**key_of(book["alleles"][name]), "normal_ad": 20, "normal_dp": 40, "tumour_ad": 60,
         "tumour_dp": 66, "tumour_vaf": 0.91, "state": "ref_lost"}
        for name in case.get("lost", [])
    ]  # fmt: skip
    files = paths(
        folder,
        [call(key_of(a), n, ad_alt=round(30 * part)) for n, (a, part) in enumerate(germline)]
        if normal
        else None,
        [annotated(a) for a, _ in (*somatic, *germline)],
        [
            candidate(key_of(a), tumour_dp=200, tumour_ad=round(200 * part), vaf=part,
                      vaf_low=max(0.0, part - 0.06), vaf_high=min(1.0, part + 0.06), **reads)
            for a, part in somatic
        ],
        lost if normal else None,
        [junction(*case["fusion"])] if "fusion" in case else [],
        segments,
    )  # fmt: skip
    if "markers" in case:
        rows = [
            {"marker": m, "value": v, "low": v * 0.9, "high": v * 1.1, "call": c,
             "unit": "share of microsatellites", "basis": "sites"}
            for m, v, c in case["markers"]
        ]  # fmt: skip
        write(frame(MARKERS, *rows), MARKERS, folder / "markers.parquet")
        files = _with(files, markers=str(folder / "markers.parquet"))
    oncotree = tree(case["diagnosis"])
    assert case["diagnosis"] in accepted_types(case["diagnosis"], oncotree)
    knowledge = Knowledge(
        FACTS,
        frame(CLINICAL_EVIDENCE, *evidence_of(book, case["evidence"])),
        frame(GENE_MODELS, *map(model_of, genes)),
        oncotree=oncotree,
    )
    return files, knowledge, Family()


def _rare(
    book: dict[str, Any], case: dict[str, Any], folder: Path
) -> tuple[Paths, Knowledge, Family]:
    alleles = [(book["alleles"][name], kind, of) for name, kind, of in case["alleles"]]
    calls = [own_call(key_of(a), n, kind) for n, (a, kind, _) in enumerate(alleles)]
    calls.sort(key=lambda row: row["record"])
    files = paths(folder, calls, [annotated(a) for a, _, _ in alleles])
    for name, contract in (("repeats", REPEATS), ("copies", GENE_COPIES)):
        if name in case:
            filled = {"ploidy": 2, "spanning": 20, "flanking": 6, "in_repeat": 0, "depth": 30.0,
                      "engine": "embedded", "reason": "lengths seen in reads"}  # fmt: skip
            rows = [{**filled, **row} for row in case[name]]
            write(frame(contract, *rows), contract, folder / f"{name}.parquet")
            field = {"copies": "gene_copies"}.get(name, name)
            files = _with(files, **{field: str(folder / f"{name}.parquet")})
    family = Family()
    if case.get("trio"):
        parents = {
            role: relative(folder, role, [key_of(a) for a, _, of in alleles if role in of])
            for role in ("father", "mother")
        }
        family = Family(**parents, confirmed=True)
    diseases = [
        {"gene": gene, "panel": "panel", "terms": [], **told}
        for gene, told in book["diseases"].items()
    ]
    models = [model_of(row["gene"]) for row in case.get("copies", [])]
    for gene in {a["gene"] for a, _, _ in alleles} & set(book["models"]):
        chrom = next(a["chrom"] for a, _, _ in alleles if a["gene"] == gene)
        models.append(even_model(gene, chrom, *book["models"][gene]))
    knowledge = Knowledge(
        FACTS,
        gene_models=frame(GENE_MODELS, *models),
        genes=GeneKnowledge(diseases=frame(GENE_DISEASES, *diseases)),
    )
    return files, knowledge, family


def _with(files: Paths, **changed: str) -> Paths:
    return Paths(**{**files.__dict__, **changed})
