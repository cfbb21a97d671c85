"""What GATK asks of a reference, for whichever of its callers runs."""

from pathlib import Path

from shirube.genome.regions import read_contigs


def gatk_reference(reference: str | Path, scratch: Path) -> Path:
    """A link to the FASTA in `scratch`, with the dictionary GATK wants beside it."""
    fasta = Path(reference).resolve()
    linked = scratch / fasta.name
    for suffix in ("", ".fai", ".gzi"):
        source = Path(f"{fasta}{suffix}")
        if source.exists():
            Path(f"{linked}{suffix}").symlink_to(source)
    stem = linked.name.removesuffix(".gz")
    names = "".join(f"@SQ\tSN:{n}\tLN:{k}\n" for n, k in read_contigs(f"{fasta}.fai").items())
    linked.with_name(stem).with_suffix(".dict").write_text("@HD\tVN:1.6\n" + names)
    return linked
