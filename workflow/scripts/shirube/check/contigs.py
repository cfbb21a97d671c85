"""Contigs of a file held against the reference's, with the reason when they differ."""

from collections.abc import Mapping

from shirube.check.problems import Outcome
from shirube.check.reference import Reference, respelt
from shirube.genome.builds import build_of


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def check_contigs(
    path: str,
    contigs: Mapping[str, int | None],
    reference: Reference,
    outcome: Outcome,
    every: bool,
) -> bool:
    """Whether the file's contigs fit the run; one line says how they do not.

    A contig in both has one length. The contigs of the run are in the file. With `every`
    (reads), a contig of the file that the reference lacks is accepted only where a regions BED
    limits the run to the reference.
    """
    needed = list(dict.fromkeys(region.contig for region in reference.regions))
    differing = [
        name
        for name, length in contigs.items()
        if length is not None and reference.contigs.get(name, length) != length
    ]
    other = build_of(contigs)
    own = build_of(reference.contigs, reference.aliases) or reference.build
    build = (
        f" (other build: the file is {other}, the reference {own})"
        if other and other != own
        else ""
    )
    if differing:
        first = differing[0]
        expected = (
            f"contigs of the reference's lengths; {first} has {contigs[first]} bases in the file, "
            f"{reference.contigs[first]} in the reference"
        )
        more = f", and {len(differing) - 1} more differ" if len(differing) > 1 else ""
        outcome.problem(path, f"contig {first}", expected + more + build)
        return False
    absent = [name for name in needed if name not in contigs]
    spelt = [(name, respelt(name, contigs, reference.aliases)) for name in absent]
    prefixed = [(name, theirs) for name, theirs in spelt if theirs]
    if prefixed:
        name, theirs = prefixed[0]
        expected = (
            f"the reference's contig names; it calls {name} what the file calls {theirs} "
            f"(chr prefix){build}; name the reference the file was made with"
        )
        outcome.problem(path, f"contig {theirs}", expected)
        return False
    if absent and every:
        expected = f"every contig of the run; the file lacks {_listed(absent)}{build}"
        outcome.problem(path, "", expected)
        return False
    foreign = [name for name in contigs if name not in reference.contigs]
    if foreign and every and not reference.limited:
        expected = (
            f"a reference with every contig of the reads; it lacks {_listed(foreign)}{build} "
            "(a regions BED inside the reference would limit the run to it)"
        )
        outcome.problem(path, "", expected)
        return False
    return True
