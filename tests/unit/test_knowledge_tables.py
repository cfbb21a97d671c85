"""Small publishers' tables: what becomes of their rows, what is refused."""

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shirube.contracts import metadata, read
from shirube.contracts.knowledge_general import PREDICTOR
from shirube.errors import InputError
from shirube.knowledge import predictors
from shirube.knowledge.cancer_sources import (
    read_drivers,
    read_hotspots,
    read_isoforms,
    read_predisposition,
)
from shirube.knowledge.clinvar import SequenceOf
from shirube.knowledge.general_sources import (
    read_disease_xrefs,
    read_gene_names,
    read_repeat_loci,
)
from shirube.knowledge.importers import IMPORTERS
from shirube.knowledge.names import PARTS, PREDICTORS
from shirube.knowledge.predictors import write_predictor

BASES = np.frombuffer(b"ACGTACGTAC" * 20, np.uint8)


def sequence_of(chrom: str) -> np.ndarray | None:
    return BASES if chrom == "chr1" else None


def written(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


def test_every_table_has_an_importer() -> None:
    assert set(PARTS) == {*IMPORTERS, *PREDICTORS}


HOTSPOTS = (
    "hugo_symbol\tresidue\treference_amino_acid\tamino_acid_position\tvariant_amino_acid\t"
    "q_value\ttumor_count\ttype\ttranscript_id"
)


def test_hotspots_have_a_row_a_change(tmp_path: Path) -> None:
    path = written(
        tmp_path / "h.txt",
        HOTSPOTS,
        "NRAS\tQ61\tQ:422\t61\tR:204|*:1\t0.0\t205\tsingle residue\tENST1",
        "TP53\tX187\tX:100\t187\tsp:100\t0.01\t100\tsplice site\tENST2",
        "EGFR\t745-759\tK:1\t745-759\tE746_A750del:9\t0.0\t9\tin-frame indel\tENST3",
        "PTEN\tA34\t\t34\tV:1\t\t1\t3d\tENST4",
        "PTEN\tA34\t\t34\tV:2\t\t2\t3d\tENST4",
    )
    rows = read_hotspots(path, "v2").select(
        "gene", "kind", "residue", "residue_end", "reference", "change", "tumours", "all"
    )
    assert rows.rows() == [
        ("EGFR", "in-frame indel", 745, 759, None, "E746_A750del", 9, 9),
        ("NRAS", "single residue", 61, 61, "Gln", "Arg", 204, 205),
        ("NRAS", "single residue", 61, 61, "Gln", "Ter", 1, 205),
        ("PTEN", "3d", 34, 34, "Ala", "Val", 2, 2),
        ("TP53", "splice site", 187, 187, None, "splice", 100, 100),
    ]


def test_drivers_are_joined_over_cohorts(tmp_path: Path) -> None:
    head = "SYMBOL\tTRANSCRIPT\tCOHORT\tCANCER_TYPE\tSAMPLES\tQVALUE_COMBINATION\tROLE"
    path = written(
        tmp_path / "d.tsv",
        head,
        "TP53\tE1\tA\tLUAD\t3\t0.1\tLoF",
        "TP53\tE1\tB\tLUAD\t4\t0.01\tLoF",
        "ABC1\tE2\tA\tLUAD\t1\t0.2\tAct",
        "ABC1\tE2\tB\tLUAD\t1\t0.2\tLoF",
    )
    rows = read_drivers(path).select("gene", "role", "cohorts", "samples", "q_value").rows()
    assert rows == [("ABC1", "ambiguous", 2, 2, 0.2), ("TP53", "loss_of_function", 2, 7, 0.01)]


def test_isoforms_and_predisposition(tmp_path: Path) -> None:
    isoforms = written(
        tmp_path / "i", "gene_name\trefseq_id\tenst_id\tnote", "A\tNM_1\tE1.1\t", "A\tNM_1\tE1.1\tx"
    )
    assert read_isoforms(isoforms).height == 1
    panel = written(
        tmp_path / "p",
        "SYMBOL\tCPG_MOI\tCPG_MOD\tTUMOR_SUPPRESSOR\tONCOGENE\tCPG_PHENOTYPES\tPANEL_NAME\tPANEL_VERSION",
        "BRCA1\tAD\tLoF\tTrue\tFalse\tNA\tP\tv1",
    )
    assert read_predisposition(panel).row(0) == ("BRCA1", "AD", "LoF", True, False, None, "P v1")


def test_a_gene_answers_to_its_old_names(tmp_path: Path) -> None:
    path = written(
        tmp_path / "hgnc.txt",
        "hgnc_id\tsymbol\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id",
        'HGNC:3430\tERBB2\t"NEU|HER-2"\tNGL\t2064\tENSG1',
    )
    rows = read_gene_names(path).select("name", "symbol", "kind").rows()
    assert rows == [
        ("ERBB2", "ERBB2", "symbol"),
        ("HER-2", "ERBB2", "alias"),
        ("NEU", "ERBB2", "alias"),
        ("NGL", "ERBB2", "previous"),
    ]


def test_mondo_mappings_of_two_files(tmp_path: Path) -> None:
    first = written(
        tmp_path / "a",
        "# curie_map:",
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label",
        "MONDO:1\tone\tskos:exactMatch\tOMIM:1\tONE",
    )
    second = written(
        tmp_path / "b",
        "subject_id\tsubject_label\tpredicate_id\tobject_id",
        "MONDO:1\tone\toboInOwl:hasDbXref\tNANDO:1",
    )
    assert read_disease_xrefs([first, second])["other"].to_list() == ["NANDO:1", "OMIM:1"]
    wrong = written(tmp_path / "c", "subject_id\tpredicate_id\tobject_id", "OMIM:1\tx\ty")
    with pytest.raises(InputError, match="Mondo subjects"):
        read_disease_xrefs([wrong])


LOCUS = {
    "id": "HD_HTT", "gene": "HTT", "disease": "Huntington disease", "inheritance": ["AD"],
    "chrom": "chr4", "start_hg38": 100, "stop_hg38": 160, "start_hg19": 90, "stop_hg19": 150,
    "reference_motif_reference_orientation": ["CAG"], "benign_max": 26.0, "pathogenic_min": 40,
    "pathogenic_motif_reference_orientation": ["CAG"], "mondo": ["0007739"],
}  # fmt: skip


def test_repeat_loci_in_either_build(tmp_path: Path) -> None:
    path = tmp_path / "loci.json.gz"
    path.write_bytes(gzip.compress(json.dumps([LOCUS]).encode()))
    assert read_repeat_loci(path, "GRCh38").select("start", "end", "mondo").row(0) == (
        100, 160, "MONDO:0007739",
    )  # fmt: skip
    assert read_repeat_loci(path, "GRCh37")["start"].to_list() == [90]
    with pytest.raises(InputError, match="start_artificial"):
        read_repeat_loci(path, "artificial")
    own = {k: v for k, v in LOCUS.items() if "_hg" not in k}
    path.write_text(json.dumps([own | {"start_artificial": 7, "stop_artificial": 67}]))
    assert read_repeat_loci(path, "artificial").select("start", "end").row(0) == (7, 67)
    path.write_text("[{}]")
    with pytest.raises(InputError, match="locus 1"):
        read_repeat_loci(path, "GRCh38")
    path.write_text("[{")
    with pytest.raises(InputError, match="JSON"):
        read_repeat_loci(path, "GRCh38")


def read_predictor(form: str, path: Path, build: str, sequence: SequenceOf) -> pl.DataFrame:
    out = path.with_name(f"{form}.parquet")
    rows = write_predictor(form, path, build, sequence, out)
    assert metadata(out)["rows"] == str(rows)
    return read(PREDICTOR, out)


def test_alphamissense(tmp_path: Path) -> None:
    names = ("#CHROM", "POS", "REF", "ALT", "genome", "uniprot_id", "transcript_id")
    head = "\t".join([*names, "protein_variant", "am_pathogenicity", "am_class"])
    path = written(
        tmp_path / "am.tsv",
        "# Copyright",
        head,
        "chr1\t1\tA\tC\thg38\tP1\tE1\tM1L\t0.75\tlikely_pathogenic",
        "chr2\t1\tA\tC\thg38\tP1\tE1\tM1L\t0.75\tlikely_pathogenic",
    )
    rows = read_predictor("alphamissense", path, "GRCh38", sequence_of).rows()
    assert rows == [("chr1", 1, "A", "C", "E1", 0.75, "likely_pathogenic")]
    with pytest.raises(InputError, match="other build"):
        read_predictor("alphamissense", path, "GRCh37", sequence_of)


@pytest.mark.parametrize("seed", range(2))
def test_scores_in_any_order_and_any_pieces_are_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    head = "#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED"
    sequence = np.frombuffer(b"ACGTACGTAC" * 20, np.uint8)
    rows = []
    for chrom in ("1", "2", "X"):
        for pos in range(1, 150):
            ref = chr(sequence[pos - 1])
            rows += [f"{chrom}\t{pos}\t{ref}\t{alt}\t0\t{rng.integers(1, 40)}"
                     for alt in "ACGT" if alt != ref]  # fmt: skip
    rows += rows[::7]  # some twice

    def table(name: str, lines: list[str], at_once: int, bucket: int) -> bytes:
        path = tmp_path / name
        text = "\n".join(["## CADD GRCh38-v1.7", head, *lines]) + "\n"
        path.write_bytes(gzip.compress(text.encode()))
        monkeypatch.setattr(predictors, "AT_ONCE", at_once)
        monkeypatch.setattr(predictors, "BUCKET", bucket)
        write_predictor("cadd", path, "GRCh38", lambda _: sequence, tmp_path / "out.parquet")
        return (tmp_path / "out.parquet").read_bytes()

    shuffled = [rows[i] for i in rng.permutation(len(rows))]
    whole = table("whole.gz", rows, 1 << 20, 1_000_000)
    assert table("pieces.gz", shuffled, 4000 + 31 * seed, 90 + seed) == whole
    found = read(PREDICTOR, tmp_path / "out.parquet")
    assert found.height == 3 * 149 * 3
    assert metadata(tmp_path / "out.parquet")["covers"] == "chr1, chr2, chrX"


def test_revel_in_either_build(tmp_path: Path) -> None:
    path = written(
        tmp_path / "revel.csv",
        "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid",
        "1,5,1,A,G,M,V,0.5,E1;E2",
        "1,9,.,A,G,M,V,0.5,E1",
    )
    assert read_predictor("revel", path, "GRCh38", sequence_of)["pos"].to_list() == [1]
    assert read_predictor("revel", path, "GRCh37", sequence_of)["pos"].to_list() == [5, 9]


def test_cadd_gives_its_scaled_score_of_one_build(tmp_path: Path) -> None:
    path = written(
        tmp_path / "cadd.tsv",
        "## CADD GRCh38-v1.7 (c) University of Washington",
        "#Chrom\tPos\tRef\tAlt\tRawScore\tPHRED",
        "1\t1\tA\tC\t3.9\t28.1",
    )
    rows = read_predictor("cadd", path, "GRCh38", sequence_of).select("pos", "score").rows()
    assert rows == [(1, pytest.approx(28.1))]
    with pytest.raises(InputError, match="build"):
        read_predictor("cadd", path, "GRCh37", sequence_of)


def test_spliceai_takes_the_highest_delta(tmp_path: Path) -> None:
    path = written(
        tmp_path / "s.vcf",
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        '##INFO=<ID=SpliceAI,Number=.,Type=String,Description="x">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
        "1\t1\t.\tA\tC\t.\t.\tSpliceAI=C|GENE|0.01|0.02|0.91|0.00|1|2|3|4",
    )
    assert read_predictor("spliceai", path, "GRCh38", sequence_of).select("gene", "label").row(
        0
    ) == ("GENE", "donor_gain")


def test_scores_of_another_build_are_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path / "revel.csv",
        "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid",
        *(f"1,{p},{p},T,G,M,V,0.5,E1" for p in range(1, 20, 4)),
    )
    with pytest.raises(InputError, match="other build"):
        read_predictor("revel", path, "GRCh38", sequence_of)
