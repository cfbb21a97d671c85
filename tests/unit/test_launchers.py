"""The bcftools and samtools commands of a pip environment write what they should, everywhere."""

import ctypes
import os
import subprocess
from pathlib import Path

import pytest

from shirube.tools import install_launchers

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


def _without_power_over_files() -> None:
    """Let the process that follows open what its owner may, even if it is root's."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; root alone may drop them
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_a_pipe_that_cannot_be_opened_again_is_written_to(vcf: Path, tmp_path: Path) -> None:
    """As in a container, whose standard output is a pipe that another user made."""
    install_launchers(tmp_path)
    reading, writing = os.pipe()
    os.fchmod(writing, 0)
    words = [str(tmp_path / "bcftools"), "view", "-H", str(vcf)]
    done = subprocess.run(
        words, stdout=writing, stderr=subprocess.PIPE, preexec_fn=_without_power_over_files
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert stream.read() == BODY, done.stderr
