"""A small cohort run with gene models and names, for the tests of what is found and shown."""

from pathlib import Path

import polars as pl
import yaml
from cohort_run import REFERENCE, Run
from locus_case import locus_files, mitochondrial, repeat

from shirube.annotate.annotation import Chromosome, write_annotation
from shirube.cohort.events import EventFile
from shirube.contracts import ALLELE, CHROM, FREQUENCY, GENE_MODELS, Contract, scan, write
from shirube.contracts.knowledge import CLINVAR, POPULATION
from shirube.contracts.knowledge_general import GENE_NAMES
from shirube.contracts.knowledge_rare import GENE_CONSTRAINT, NANDO_GENES

ABOUT = {"release": "made for tests", "licence": "CC0", "source": "test", "covers": "chr1, chrX"}


def coding(sequence: str, start: int, end: int, forward: bool) -> tuple[int, int]:
    """A stretch within [start, end) that begins at ATG on its strand and is whole codons."""
    word = "ATG" if forward else "CAT"
    if forward:
        first = sequence.index(word, start)
        return first, first + (end - first) // 3 * 3
    last = sequence.rindex(word, start, end) + 3
    return last - (last - start) // 3 * 3, last


def model(name: str, gene: str, chrom: str, forward: bool, exons: list, cds: tuple) -> dict:
    """One row of GENE_MODELS."""
    return {
        **{"transcript": f"{name}.2", "refseq": f"NM_{name[-3:]}.4", "gene": gene},
        **{"gene_id": f"ENSG{name[-3:]}.7", "protein": f"NP_{name[-3:]}.1", "mane": "MANE Select"},
        **{"biotype": "protein_coding", "chrom": chrom, "strand": "+" if forward else "-"},
        **{"start": exons[0][0], "end": exons[-1][1], "cds_start": cds[0], "cds_end": cds[1]},
        **{"exon_starts": [a for a, _ in exons], "exon_ends": [b for _, b in exons]},
    }


def _filled(contract: Contract, rows: list[dict]) -> pl.DataFrame:
    """Rows of a contract's table; what they do not say is null."""
    names = list(contract.schema)
    whole = [{name: row.get(name) for name in names} for row in rows]
    return contract.table(pl.DataFrame(whole, schema=contract.polars))


EVENTS = (
    ("chr1", 400, "<DEL>", "SVTYPE=DEL;END=900;SVLEN=-500", (1, 1, 0, 2)),
    ("chr1", 1600, "<DUP>", "SVTYPE=DUP;END=2500;SVLEN=900", (1, 0)),
    ("chr1", 1700, "<INS>", "SVTYPE=INS;END=1700;SVLEN=310", (0, 1, 1)),
    ("chr1", 2000, "N[chrX:1500[", "SVTYPE=BND", (1, 0, 0)),
    ("chr1", 2200, "<INV>", "SVTYPE=INV;END=2700;SVLEN=500", (1, 1, 0)),
    ("chrX", 500, "<CNV>", "SVTYPE=CNV;END=1800;SVLEN=1300", (1,)),
)  # one place each, and the copies that one person after another has


def structural(path: Path, people: int) -> EventFile:
    """A file of everybody's structural variants of every type."""
    lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="gt">']
    lines.append('##FORMAT=<ID=CN,Number=1,Type=Integer,Description="copies">')
    for name, kind in (("SVTYPE", "String"), ("END", "Integer"), ("SVLEN", "Integer")):
        lines.append(f'##INFO=<ID={name},Number=1,Type={kind},Description="{name}">')
    lines += ["##contig=<ID=chr1,length=3000>", "##contig=<ID=chrX,length=2000>"]
    names = [f"s{n}" for n in range(people)]
    head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    lines.append("\t".join([*head, *names]))
    for n, (chrom, pos, alt, info, copies) in enumerate(EVENTS):
        calls = []
        for person in range(people):
            have = 1 if chrom == "chrX" and person % 2 else 2
            own = min(copies[person % len(copies)], have)
            calls.append("/".join(["0"] * (have - own) + ["1"] * own) + f":{have + own}")
        row = [chrom, str(pos), f"sv{n}", "N", alt, ".", "PASS", info, "GT:CN"]
        lines.append("\t".join([*row, *calls]))
    path.write_text("\n".join(lines) + "\n")
    return EventFile(path)


def made(folder: Path, people: int = 14, k: int = 2) -> Run:
    """A finished run of `people` in `folder`: cohort, knowledge, annotation, configuration."""
    run = Run(folder, k=k)
    for n in range(people):
        run.add(n, sex="XY" if n % 2 else "XX")
    events = structural(folder / "structural.vcf", people)
    run.events = {f"s{n}": [events] for n in range(people)}
    for n in range(people):  # a repeat of GENEA, and an allele of chrM in every other person
        lengths = repeat("LOCUS_A", "chr1", 450, (10 + n % 3, 12))
        calls = [mitochondrial(100, "A", "G", (0.25, 0.99)[n % 4 // 2])] if n % 2 else []
        run.loci[f"s{n}"] = locus_files(folder, f"s{n}", calls, [lengths | {"gene": "GENEA"}])
    run.go(read=[run.read([f"s{n}" for n in range(people)])])
    results = folder / "results"
    knowledge = results / "knowledge"
    knowledge.mkdir()
    forward = coding(run.sequences["chr1"], 350, 1300, True)
    reverse = coding(run.sequences["chr1"], 1550, 2700, False)
    models = [
        model("ENST001", "GENEA", "chr1", True, [(300, 700), (800, 1400)], forward),
        model("ENST002", "GENEB-1", "chr1", False, [(1500, 2000), (2150, 2800)], reverse),
    ]
    # exons cut the coding stretch: make it whole codons again
    for row in models:
        inside = sum(
            max(0, min(b, row["cds_end"]) - max(a, row["cds_start"]))
            for a, b in zip(row["exon_starts"], row["exon_ends"], strict=True)
        )
        if row["strand"] == "+":
            row["cds_end"] -= inside % 3
        else:
            row["cds_start"] += inside % 3
    tables = {
        "gene_models": (GENE_MODELS, models),
        "gene_names": (
            GENE_NAMES,
            [
                {"name": "GENEA", "symbol": "GENEA", "kind": "symbol", "hgnc_id": "HGNC:5"},
                {"name": "OLDA", "symbol": "GENEA", "kind": "previous", "hgnc_id": "HGNC:5"},
                {"name": "shared", "symbol": "GENEA", "kind": "alias", "hgnc_id": "HGNC:5"},
                {"name": "shared", "symbol": "GENEB-1", "kind": "alias", "hgnc_id": "HGNC:6"},
            ],
        ),
        "nando_genes": (
            NANDO_GENES,
            [
                {
                    **{"gene": "GENEA", "nando": "NANDO:1200001", "omim": "OMIM:100001"},
                    **{"mondo": "MONDO:0000001", "designated": True, "number": "167"},
                    **{"name_ja": "見本マルファン症候群", "name_en": "Sample Marfan syndrome"},
                },
            ],
        ),
        "gene_constraint": (GENE_CONSTRAINT, [{"gene": "GENEA", "pli": 0.98, "loeuf": 0.21}]),
    }
    for name, (contract, rows) in tables.items():
        write(_filled(contract, rows), contract, knowledge / f"{name}.parquet", ABOUT)
    alleles = run.frequency().filter(pl.col("stratum") == "all", pl.col("chrom") == "chr1")
    known = [
        {**dict(zip(ALLELE, row, strict=True)), "rsid": f"rs{100 + n}", "clinvar_id": str(n)}
        | {"significance": "Pathogenic" if n % 2 else "Benign", "stars": 2}
        for n, row in enumerate(alleles.select(ALLELE).head(40).rows())
    ]
    write(_filled(CLINVAR, known), CLINVAR, knowledge / "clinvar.parquet", ABOUT)
    for source, shift in (("gnomad", 0.01), ("tommo", 0.02)):
        rows = [
            {**dict(zip(ALLELE, row, strict=True)), "af": shift * (n + 1) / 9, "population": "eas"}
            | {"an": 4000, "passed": True, "japanese_af": shift if source == "tommo" else None}
            for n, row in enumerate(alleles.select(ALLELE).head(8).rows())
        ]
        absent = {"chrom": "chr1", "pos": 2900, "ref": run.sequences["chr1"][2899]}
        absent["alt"] = "A" if absent["ref"] != "A" else "C"
        rows.append({**absent, "af": 0.02, "japanese_af": 0.02, "population": "JPN", "an": 4000})
        about = {**ABOUT, "label": source, "japanese": "JPN" if source == "tommo" else ""}
        path = knowledge / f"frequency_{source}.parquet"
        write(_filled(POPULATION, rows), POPULATION, path, about)
    (folder / "config").mkdir(exist_ok=True)
    config = {
        "cohort": {**run.cohort, "state": str(results / "cohort" / "state")},
        "reference": {**REFERENCE, "fasta": "r.fa"},
        "patients": "patients.tsv",
        "provenance": {"audit": str(folder / "audit.jsonl")},
    }
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(config))
    annotated(run)
    return run


def annotated(run: Run) -> None:
    """Annotate the released alleles, as the rule annotate_release does."""
    results = run.folder / "results"
    out = results / "cohort" / "annotation"
    out.mkdir(exist_ok=True)
    tables = {n: str(results / "knowledge" / f"{n}.parquet") for n in ("gene_models", "clinvar")}
    for path in sorted((results / "cohort" / "frequency").glob("*.parquet")):
        rows = scan(FREQUENCY, path).select(ALLELE).unique().collect()
        alleles = rows.with_columns(pl.col("chrom").cast(CHROM)).sort(ALLELE)
        own = Chromosome.of(path.stem, str(run.folder / "r.fa"), "artificial", tables)
        write_annotation(alleles, own, out / path.name, {})
