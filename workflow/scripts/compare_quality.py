"""Rule compare_quality."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from shirube.contracts import COMPARISON, QUALITY, read, write
from shirube.logs import job_log
from shirube.quality.comparison import comparison
from shirube.quality.multiqc import sections

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(*, tables: Mapping[str, str], kinds: Mapping[str, str], output: str, shown: str) -> int:
    """Compare QUALITY of all samples; return how many there are. `shown`: MultiQC's directory."""
    compared = comparison({name: read(QUALITY, path) for name, path in tables.items()}, kinds)
    Path(shown).mkdir(parents=True, exist_ok=True)
    for name, content in sections(compared).items():
        Path(shown, name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    write(compared, COMPARISON, output)
    return len(tables)


if __name__ == "__main__":
    with job_log(snakemake.log[0]) as log:
        asked = snakemake.params
        compared = main(
            tables=dict(zip(asked.kinds, snakemake.input.quality, strict=True)),
            kinds=asked.kinds,
            output=snakemake.output.comparison,
            shown=snakemake.output.multiqc,
        )
        log.info("%d samples compared", compared)
