"""Count a finished run's somatic changes in other reads of the same person.

For a relapse, a second tumour or blood plasma: every somatic small variant of a patient's findings
is counted in the reads of each sample named, however few show it. A change is called present where
errors of these reads do not explain its reads; one that is not seen has an upper limit, and is not
called gone. With several samples each change is shared, private or unclear. Nothing is called anew
and nothing is written but the list, and a picture of it where --figure names a file.

The reads must be the patient's: they are compared with the germline calls of the run's normal
(found beside the findings, or --germline). Reads of another person are refused; where nothing can
be compared it is said.
"""

import argparse
import sys
from pathlib import Path

from shirube.calling.variant_files import contig_names
from shirube.cancer.follow import followed, listed, together
from shirube.contracts import CALLS, FINDINGS, MEMBERS, read
from shirube.errors import InputError
from shirube.files import whole
from shirube.quality.fingerprint import allele_depths, homozygous_sites, match
from shirube.report.figures.timeline import timeline
from shirube.report.page.catalogue import LANGUAGES, Catalogue
from shirube.report.page.text import worded

SAME = 0.9  # share of the homozygous alleles that reads of one person show, whatever a tumour lost


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `shirube follow`."""
    parser.add_argument("--findings", required=True, type=Path, help="findings/PATIENT.parquet")
    parser.add_argument("--reads", required=True, action="append", metavar="NAME=BAM",
                        help="a sample and its indexed reads; once for each sample")  # fmt: skip
    parser.add_argument("--reference", required=True, type=Path, help="its indexed FASTA")
    parser.add_argument("--germline", type=Path,
                        help="germline calls of the patient; default: the run's own")  # fmt: skip
    parser.add_argument("--min-mapq", type=int, default=20, help="least mapping quality of a read")
    parser.add_argument("--min-baseq", type=int, default=20, help="least quality of a base")
    parser.add_argument("--figure", type=Path, metavar="SVG",
                        help="picture of the fractions, the samples as given")  # fmt: skip
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the picture")
    parser.add_argument("--out", type=Path, help="TSV to write; default: standard output")


def main(args: argparse.Namespace) -> int:
    """Print or write the list; 0 also if no change is seen."""
    samples: dict[str, str] = {}
    for given in args.reads:
        name, between, path = given.partition("=")
        if not between or not name or name in samples:
            raise InputError("--reads", "NAME=BAM, each name once", given)
        if not Path(path).is_file():
            raise InputError(path, f"the reads of {name}")
        samples[name] = path
    for path, what in (
        (args.findings, "the findings of a patient, findings/PATIENT.parquet of a run's results"),
        (args.reference, "the reference that the reads lie on"),
        (Path(f"{args.reference}.fai"), "the index of the reference (samtools faidx)"),
    ):
        if not path.is_file():
            raise InputError(path, what)
    changes = listed(read(FINDINGS, args.findings))
    if changes.is_empty():
        raise InputError(args.findings, "a somatic small variant to follow")
    identities = [identity(name, path, args) for name, path in samples.items()]
    table = followed(changes, samples, str(args.reference), args.min_mapq, args.min_baseq)
    text = table.write_csv(separator="\t", float_precision=6)
    if args.figure:
        words = Catalogue(args.language).message
        with whole(args.figure) as part:
            part.write_text(worded(timeline(table, list(samples)).svg(), words), encoding="utf-8")
    if args.out:
        args.out.write_text(text)
    else:
        sys.stdout.write(text)
    sys.stderr.write("".join(f"{said}\n" for said in identities))
    for name in samples:
        told = together(table, name)
        sys.stderr.write(
            f"{name}: {told['present']} of {told['changes']} changes present; together "
            f"{told['reads']} reads, {told['expected']:.1f} expected by errors "
            f"(chance {told['chance']:.1e})\n"
        )
    return 0


def identity(name: str, path: str, args: argparse.Namespace) -> str:
    """What is known of whose reads these are; InputError if they are another person's."""
    calls = args.germline or _own_calls(args.findings)
    if calls is None:
        return f"{name}: whose reads these are was not checked: no germline calls of the patient"
    sites = homozygous_sites(read(CALLS, calls))
    reference = str(args.reference)
    counts = allele_depths(
        path, reference, sites, contig_names(reference), args.min_mapq, args.min_baseq
    )
    share, judged = match(counts)
    if share is None:
        return f"{name}: whose reads these are cannot be told: {judged} sites of enough depth"
    said = f"{share:.1%} of {judged} homozygous alleles of the patient"
    if share < SAME:
        raise InputError(path, f"reads of the patient ({SAME:.0%} or more)", f"{name} shows {said}")
    return f"{name}: the patient's reads: {said}"


def _own_calls(findings: Path) -> Path | None:
    """Germline calls of the patient whose findings these are, of the same results; None without."""
    results = findings.resolve().parent.parent
    members = results / "cohort" / "members.parquet"
    if not members.is_file():
        return None
    own = read(MEMBERS, members).filter(patient=findings.stem)["sample"].to_list()
    found = [results / "germline" / f"{sample}.parquet" for sample in own]
    return next((path for path in found if path.is_file()), None)
