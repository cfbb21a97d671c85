"""Rule gather_somatic."""

from typing import TYPE_CHECKING

import polars as pl

from shirube.calling.somatic.calling import name_phase_sets
from shirube.calling.somatic.errors import expected_false
from shirube.calling.somatic.vcf_import import without_recurrent
from shirube.calling.variant_files import write_somatic
from shirube.contracts import SOMATIC, metadata, read, write
from shirube.logs import job_log

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(
    *,
    tiles: list[str],
    panel: str | None,
    reference: str,
    calls: str,
    vcf: str,
    names: list[str],
    aliases: dict[str, str] | None,
    rates: str | None = None,
) -> None:
    """Join a patient's tiles, name the phase blocks, write table and VCF.

    Metadata of the table: whether there is a normal and, where error `rates` were measured, how
    many false SNVs are expected among those that pass.
    """
    table = pl.concat([read(SOMATIC, path) for path in tiles])
    if panel:
        table = without_recurrent(table, panel, reference, aliases)
    table = SOMATIC.table(name_phase_sets(table))
    write_somatic(table, vcf, reference, names, aliases)
    about = {"normal": "yes" if len(names) > 1 else "no"}
    if rates and (false := expected_false(metadata(rates))) is not None:
        about["expected_false"] = f"{false:.2g}"
    write(table, SOMATIC, calls, about)


if __name__ == "__main__":
    with job_log(snakemake.log[0]):
        main(
            tiles=[snakemake.input.tiles]
            if isinstance(snakemake.input.tiles, str)
            else list(snakemake.input.tiles),
            panel=snakemake.input.get("panel") or None,
            reference=snakemake.input.fasta,
            calls=snakemake.output.calls,
            vcf=snakemake.output.vcf,
            names=snakemake.params.names,
            aliases=snakemake.params.aliases,
            rates=snakemake.input.get("rates") or None,
        )
