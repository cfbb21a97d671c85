"""A gVCF that somebody else's caller made, checked and with its sample renamed."""

from pathlib import Path

from shirube.calling.germline import gvcf
from shirube.calling.germline.calls import sample_column
from shirube.errors import InputError
from shirube.genome.alleles import canonical
from shirube.tools import piped, run, written
from shirube.vcf import header as vcf_header

COPY = 1 << 20


def check_contigs(
    path: str | Path, contigs: dict[str, int], aliases: dict[str, str] | None = None
) -> list[str]:
    """Canonical contigs that a VCF and the reference share, in the reference's order.

    Raises InputError if there is none, or if a length differs: another build.
    """
    stated = vcf_header(path).contigs
    shared = [name for name in contigs if name in stated and canonical(name, aliases)]
    if not shared:
        found = ", ".join(list(stated)[:3]) or "none"
        raise InputError(path, f"contigs named as in the reference; found {found}")
    for name in shared:
        length = stated[name]
        if length is not None and length != contigs[name]:
            raise InputError(
                path, f"length {contigs[name]} as in the reference; found {length}", name
            )
    return shared


def import_gvcf(
    path: str | Path,
    name_in_file: str,
    contigs: dict[str, int],
    aliases: dict[str, str] | None,
    sample: str,
    out: str | Path,
) -> None:
    """Copy one sample of a gVCF to `out` (indexed), canonical contigs only, renamed `sample`.

    Raises InputError unless the file has the column, GT, GQ, DP or MIN_DP, and blocks.
    """
    column = sample_column(path, name_in_file)
    found = vcf_header(path)
    for wanted in ({"GT"}, {"GQ"}, {"DP", "MIN_DP"}):
        if not wanted & found.format:
            raise InputError(path, f"FORMAT {' or '.join(sorted(wanted))}", "header")
    if "END" not in found.info:
        raise InputError(path, "reference blocks (INFO END); a VCF without them ends in .vcf.gz")
    shared = check_contigs(path, contigs, aliases)
    view = ["bcftools", "view", "--no-version", "-I", "-s", column, "-t", ",".join(shared), path]
    with piped(view) as source:
        lines = gvcf.read_header(source, path)
        with written("bcftools", "view", "--no-version", "-Oz", "-o", out, "-") as target:
            own = {name: contigs[name] for name in shared}
            target.write(gvcf.header(gvcf.definitions(lines), own, sample))
            while data := source.read(COPY):
                target.write(data)
    run("bcftools", "index", "--force", "--tbi", out)
