"""The bcftools and samtools commands of a pip environment write what they should, everywhere."""

import subprocess
from pathlib import Path

import pytest

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
VCF = "##fileformat=VCFv4.2\n##contig=<ID=c,length=9>\n" + COLUMNS
BODY = "c\t2\t.\tA\tC\t.\t.\t.\n"


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "a.vcf"
    path.write_text(VCF + BODY)
    return path


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("bcftools view -H {}", 1),
        ("bcftools view -h {} | grep CHROM", 1),
        ("bcftools head {} | grep CHROM", 1),  # prints to the program's own FILE*
        ("bcftools stats {} | grep 'of records:'", 1),
        (r"bcftools query -f '%POS\n' {}", 1),  # closes its output itself
        ("bcftools view -Ou {} | bcftools view -H -", 1),
    ],
)
@pytest.mark.parametrize("how", ["pipe", "file", "appended"])
def test_output_is_whole(vcf: Path, words: str, lines: int, how: str) -> None:
    command = words.format(vcf)
    out = vcf.with_name("out")
    script = {
        "pipe": f"({command}) | cat > {out}",
        "file": f"({command}) > {out}",
        "appended": f"{{ echo first; {command}; }} > {out}",
    }[how]
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, capture_output=True)
    found = out.read_text().splitlines()
    assert len(found) == lines + (how == "appended")
    assert (how != "appended") or found[0] == "first"


def test_an_error_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(["bcftools", "view", str(tmp_path / "absent")], capture_output=True)
    assert done.returncode != 0
    assert b"absent" in done.stderr


def test_two_commands_share_a_file(vcf: Path) -> None:
    """What the first wrote is neither cut nor written over by what comes after it."""
    out = vcf.with_name("out")
    script = f"{{ bcftools head {vcf}; echo then; bcftools head {vcf}; echo end; }} > {out}"
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, capture_output=True)
    lines = [line[:6] for line in out.read_text().splitlines()]
    whole = ["##file", "##FILT", "##cont", "#CHROM"]  # bcftools names the filter PASS itself
    assert lines == [*whole, "then", *whole, "end"]
