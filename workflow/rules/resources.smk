"""What jobs ask for, and what decides that they run again. Defines no rule."""

from hashlib import sha256

from snakemake.shell import shell

from shirube.requests import MEMORY

# A job's polars has the threads the job asked for, not the machine's. Snakemake says them to
# programs by OMP_NUM_THREADS; what the user says by POLARS_MAX_THREADS goes before.
shell.prefix(
    "set -euo pipefail; "
    "export POLARS_MAX_THREADS=${{POLARS_MAX_THREADS:-${{OMP_NUM_THREADS:-1}}}}; "
)

THREAD_MEMORY = 600  # MB: windows of reads of a deep genome
# A pass over the reads of a sample: a thread for every 400 Mb that are looked at.
PASS_THREADS = min(8, max(1, sum(r.end - r.start for r in REGIONS) // 400_000_000))


def content_of(*paths):
    """SHA-256 (16 hex digits) of the content of files."""
    return sha256(b"\0".join(Path(path).read_bytes() for path in paths)).hexdigest()[:16]


def resource_tables(*names):
    """Tables of resources/, for a parameter that asks for `input`: Snakemake leaves such ones out
    of what decides a rerun. Beside their content_of, a moved or touched checkout then reruns
    nothing, an edited table does.
    """
    return [workflow.source_path(f"../../resources/{name}.tsv") for name in names]


def megabytes_of(input, names):
    """MB of the inputs of these names together; FileNotFoundError while one is not made yet."""
    named = [input.get(name) or [] for name in ([names] if isinstance(names, str) else names)]
    files = [f for own in named for f in ([own] if isinstance(own, str) else own)]
    return sum(os.path.getsize(file) for file in files) / 1e6


def doubling(megabytes, per_mb=0, of=()):
    """Resource function: memory, MB; `per_mb` more for each MB of the inputs named `of`.

    It doubles on every retry. Values: docs/hpc.md.
    """
    return lambda wildcards, input, attempt: int(
        (megabytes + per_mb * megabytes_of(input, of)) * 2 ** (attempt - 1)
    )


def doubling_of(rule, of=(), units=0, threads=1):
    """Resource function: memory, MB, by shirube.requests; `of` are names of inputs.

    `units`: of what grows where that is no input. `threads`: each beyond the first holds reads.
    """
    asked = MEMORY[rule]
    base = asked.base + int(asked.more * units) + THREAD_MEMORY * (threads - 1)
    return doubling(base, asked.more, of)


def largest_of(rule, of):
    """Resource function: memory, MB, by shirube.requests and the largest of the inputs `of`."""
    asked = MEMORY[rule]

    def wanted(wildcards, input, attempt):
        files = [file for name in of for file in input.get(name) or []]
        largest = max((os.path.getsize(file) / 1e6 for file in files), default=0)
        return int((asked.base + asked.more * largest) * 2 ** (attempt - 1))

    return wanted


def minutes(base, per_gb=0, of=(), share=1):
    """Resource function: time, minutes; `per_gb` more for each GB of the inputs named `of`.

    `share`: among how many jobs that input is divided. Every retry asks for as much again.
    """
    return lambda wildcards, input, attempt: attempt * int(
        base + per_gb * megabytes_of(input, of) / 1000 / share
    )
