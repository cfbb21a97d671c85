"""Counts of a joint VCF against a naive count of its text."""

import random
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from cohort_case import PAR, normalised, ploidy, write_reference

from shirube.cli.main import main
from shirube.cohort import count, joint
from shirube.cohort.reference import Reference
from shirube.contracts import read
from shirube.contracts.cohort import STRATUM_COUNTS
from shirube.errors import InputError
from shirube.genome.genotype_rule import GenotypeRule
from shirube.tools import run

N = 21
SEXES = {f"s{i}": ("XX", "XY", "XX", "XY", "unknown")[i % 5] for i in range(N)}
STRATA = {f"s{i}": f"t{i % 3}" for i in range(N) if i != 4}
Row = tuple[str, int, str, list[str], str, list[str]]


def rows(sequences: dict[str, str], seed: int) -> list[Row]:
    """Random records: chrom, pos, ref, alts, filter, one GT:DP:GQ:AD text a sample."""
    rng, out = random.Random(seed), []
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}
    for chrom, bases in sequences.items():
        for pos in sorted(rng.sample(range(2, len(bases) - 9), len(bases) // 30)):
            ref = bases[pos - 1 : pos + rng.choice([0, 0, 0, 2])]
            choices = [other[ref[0]] + ref[1:], ref + bases[pos : pos + 2], "*", ref[0] + "TTTTT"]
            choices += [ref[:1]] if len(ref) > 1 else []
            alts = list(dict.fromkeys(rng.sample(choices, rng.choice([1, 1, 1, 2, 3]))))
            if rng.random() < 0.1:
                alts.append("<DEL>")
            calls = []
            for sample, sex in SEXES.items():
                have = ploidy(chrom, pos, sex)
                a, b = (rng.choices(range(len(alts) + 1), [9, *[2] * len(alts)])[0] for _ in "ab")
                gt = f"{a}{rng.choice('/|')}{b}"
                if have == 1 and rng.random() < 0.8:
                    gt = str(a)
                gt = rng.choices([gt, "./.", f"./{a}", "."], [20, 1, 1, 1])[0]
                ad = [rng.choice([0, 3, 9, 12]) for _ in range(len(alts) + 1)]
                dp, gq = (
                    rng.choice(["4", "8", "20", "300", "."]),
                    rng.choice(["9", "20", "80", "."]),
                )
                dp = "30" if rng.random() < 0.7 else dp
                gq = "60" if rng.random() < 0.7 else gq
                calls.append(f"{gt}:{dp}:{gq}:{','.join(map(str, ad))}" if sample != "s6" else gt)
            out.append((chrom, pos, ref, alts, rng.choice(["PASS", ".", "PASS", "bad"]), calls))
    return out


def write_vcf(path: Path, sequences: dict[str, str], records: list[Row]) -> Path:
    lines = ["##fileformat=VCFv4.2", '##FILTER=<ID=bad,Description="b">']
    lines += [f"##contig=<ID={c},length={len(s)}>" for c, s in sequences.items()]
    lines += ['##ALT=<ID=DEL,Description="d">']
    for name, number, kind in (
        *(("GT", "1", "String"), ("DP", "1", "Integer")),
        *(("GQ", "1", "Integer"), ("AD", "R", "Integer")),
    ):
        lines.append(f'##FORMAT=<ID={name},Number={number},Type={kind},Description="x">')
    head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *SEXES]
    lines.append("\t".join(head))
    for chrom, pos, ref, alts, kept, calls in records:
        fixed = [chrom, str(pos), ".", ref, ",".join(alts), ".", kept, ".", "GT:DP:GQ:AD"]
        lines.append("\t".join([*fixed, *calls]))
    path.write_text("\n".join(lines) + "\n")
    return path


def passes(call: str, alts: list[str], have: int, kept: str, rule: GenotypeRule | None) -> bool:
    gt, *rest = call.split(":")
    dp, gq, ad = [*rest, ".", ".", "."][:3]
    parts = gt.replace("|", "/").split("/")
    if "." in parts or not have:
        return False
    called = [int(p) for p in parts]
    if any(called) and kept not in (".", "PASS"):
        return False
    if any(x and alts[x - 1].startswith("<") for x in called):
        return False
    if len(called) != 2 if have == 2 else len(set(called)) != 1:
        return False
    if rule is None:
        return True
    least = rule.min_dp if have == 2 else rule.min_dp_haploid
    if "." in (dp, gq) or int(dp) < least or int(gq) < rule.min_gq:
        return False
    if have == 2 and called[0] != called[1]:
        reads = [int(x) if x != "." else -1 for x in ad.split(",")]
        return all(x < len(reads) and reads[x] >= rule.min_ab * int(dp) for x in called if x)
    return True


def naive(sequences: dict[str, str], records: list[Row], rule: GenotypeRule | None) -> dict:
    out = {}
    for chrom, pos, ref, alts, kept, calls in records:
        if chrom.startswith("chrUn"):
            continue
        for number, alt in enumerate(alts, 1):
            if alt == "*" or alt.startswith("<"):
                continue
            key = (chrom, *normalised(sequences, chrom, pos, ref, alt))
            for stratum in set(STRATA.values()):
                total: Counter[str] = Counter(ac=0, an=0, nhomalt=0, nhemi=0, diploid=0)
                for (sample, sex), call in zip(SEXES.items(), calls, strict=True):
                    have = ploidy(chrom, pos, sex)
                    if STRATA.get(sample) != stratum or not passes(call, alts, have, kept, rule):
                        continue
                    called = [int(p) for p in call.split(":")[0].replace("|", "/").split("/")]
                    n = min(have, called.count(number))
                    total += Counter(an=have, diploid=have == 2, ac=n)
                    total += Counter(nhomalt=have == 2 and n == 2, nhemi=have == 1 and n == 1)
                names = ("ac", "an", "nhomalt", "nhemi", "diploid")
                out[(*key, stratum)] = {name: total[name] for name in names}
    return out


def unique(sequences: dict[str, str], records: list[Row]) -> list[Row]:
    """Records none of whose alleles another has."""
    seen: set[tuple] = set()
    out = []
    for record in records:
        chrom, pos, ref, alts, *_ = record
        plain = [a for a in alts if a != "*" and not a.startswith("<")]
        keys = [(chrom, *normalised(sequences, chrom, pos, ref, a)) for a in plain]
        if len(set(keys)) == len(keys) and not seen & set(keys):
            seen |= set(keys)
            out.append(record)
    return out


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rule", [None, GenotypeRule()])
@pytest.mark.parametrize("suffix", [".vcf", ".bcf"])
def test_counts_equal_a_naive_count(
    tmp_path: Path, seed: int, rule: GenotypeRule | None, suffix: str
) -> None:
    sequences = write_reference(tmp_path / "r.fa", seed)
    records = unique(sequences, rows(sequences, seed))
    path = write_vcf(tmp_path / "j.vcf", sequences, records)
    if suffix == ".bcf":
        run("bcftools", "view", "-Ob", "-o", tmp_path / "j.bcf", path)
        path = tmp_path / "j.bcf"
    names = sorted(set(STRATA.values()))
    strata = {sample: names.index(name) for sample, name in STRATA.items()}
    reference = Reference.open(tmp_path / "r.fa")
    found = joint.count(path, SEXES, strata, rule, reference, PAR)
    count.write(tmp_path / "c.parquet", count.table(path, found, names, reference), {})
    table = read(STRATUM_COUNTS, tmp_path / "c.parquet")
    ours = {row[:5]: dict(zip(table.columns[5:], row[5:], strict=True)) for row in table.rows()}
    assert ours == naive(sequences, records, rule)
    assert len(ours) > 300


def test_of_an_allele_in_two_records_the_first_is_counted(tmp_path: Path) -> None:
    sequences = {"chr1": "ACGTACGTACGTACGTACGT"}
    calls = [[f"{gt}:30:60:10,10"] * N for gt in ("0/1", "0/0", "0/1")]
    alts = ("C", "C", "G")
    records: list[Row] = [
        ("chr1", 5, "A", [alt], ".", call) for alt, call in zip(alts, calls, strict=True)
    ]
    path = write_vcf(tmp_path / "j.vcf", sequences, records)
    found = joint.count(path, SEXES, dict.fromkeys(STRATA, 0), None, None, PAR)
    table = count.table(path, found, ["all"], None)
    assert table["alt"].to_pylist() == ["C", "G"]
    assert table["ac"].to_pylist() == [len(STRATA)] * 2


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.999])
def test_a_bcf_cut_short_is_refused(tmp_path: Path, cut: float) -> None:
    sequences = write_reference(tmp_path / "r.fa", 1)
    plain = write_vcf(tmp_path / "j.vcf", sequences, rows(sequences, 1))
    run("bcftools", "view", "-Ob", "-o", tmp_path / "j.bcf", plain)
    data = (tmp_path / "j.bcf").read_bytes()
    (tmp_path / "j.bcf").write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(InputError):
        joint.count(tmp_path / "j.bcf", SEXES, dict.fromkeys(STRATA, 0), None, None, PAR)


def test_the_command_writes_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sequences = write_reference(tmp_path / "r.fa", 2)
    path = write_vcf(tmp_path / "j.vcf", sequences, unique(sequences, rows(sequences, 2)))
    sheet = tmp_path / "sheet.tsv"
    lines = [f"{s}\t{SEXES[s]}\t{t}\n" for s, t in STRATA.items()]
    sheet.write_text("sample\tsex\tstratum\n" + "".join(lines))
    words = ["count", str(path), "--sheet", str(sheet), "--out", str(tmp_path / "c.parquet")]
    assert main(words) == 0
    assert "20 people" in capsys.readouterr().out
    assert read(STRATUM_COUNTS, tmp_path / "c.parquet").height > 100
    sheet.write_text("sample\tsex\nnobody\tXX\n")
    assert main(words) == 1
    assert "nobody" in capsys.readouterr().err


@pytest.mark.oracle
def test_totals_equal_bcftools_fill_tags(tmp_path: Path) -> None:
    plugins = Path("/usr/lib/x86_64-linux-gnu/bcftools/fill-tags.so")
    if not plugins.is_file():
        pytest.skip("bcftools plugins are not installed (Debian: apt-get install bcftools)")
    sequences = {"chr1": write_reference(tmp_path / "r.fa", 3)["chr1"]}
    records = [r for r in unique(sequences, rows(sequences, 3)) if r[4] != "bad"]
    clean = []
    for chrom, pos, ref, alts, kept, calls in records:
        if not any(a.startswith("<") for a in alts):
            whole = [c if "." not in c.split(":")[0] else "./." for c in calls]
            clean.append((chrom, pos, ref, alts, kept, whole))
    path = write_vcf(tmp_path / "j.vcf", sequences, clean)
    format_ = "%POS\\t%REF\\t%ALT\\t%AC\\t%AN\\t%AC_Hom\\n"
    filled = f"/usr/bin/bcftools +fill-tags {path} -- -t AC,AN,AC_Hom"
    text = subprocess.run(
        f"{filled} | /usr/bin/bcftools query -f '{format_}'",
        *(),
        shell=True,
        check=True,
        capture_output=True,
        env={"BCFTOOLS_PLUGINS": str(plugins.parent)},
        text=True,
    ).stdout
    wanted = {}
    for line in text.splitlines():
        pos, ref, alts, ac, an, hom = line.split("\t")
        for alt, n, two in zip(alts.split(","), ac.split(","), hom.split(","), strict=True):
            if alt != "*":
                key = ("chr1", *normalised(sequences, "chr1", int(pos), ref, alt))
                wanted[key] = (int(n), int(an), int(two) // 2)
    everyone = dict.fromkeys(SEXES, 0)
    reference = Reference.open(tmp_path / "r.fa")
    found = joint.count(path, SEXES, everyone, None, reference, PAR)
    count.write(tmp_path / "c.parquet", count.table(path, found, ["all"], reference), {})
    table = read(STRATUM_COUNTS, tmp_path / "c.parquet")
    assert {r[:4]: (r[5], r[6], r[7]) for r in table.rows()} == wanted
