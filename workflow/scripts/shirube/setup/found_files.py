"""The files of a sequencing centre's folder become rows of the two sheets.

Names, sex and pairs are guesses from headers, indices and file names, to be confirmed by a
person: each is listed with what it rests on. Nothing of the reads is decoded.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from shirube.errors import InputError
from shirube.genome.builds import build_of
from shirube.genome.chromosomes import canonical
from shirube.genome.ploidy import HAS_Y, TWO_X
from shirube.reads.inspect import mapped_reads, reads_header, variants_header

READS = (".bam", ".cram")
VARIANTS = (".g.vcf.gz", ".gvcf.gz", ".vcf.gz", ".vcf.bgz", ".bcf")
# Words of a file's or sample's name that say what it is of, in the order they are looked for.
_TUMOUR = re.compile(
    r"(?<![a-z0-9])(tumou?r|cancer|primary|metastas[ie]s|relapse|recurrence|ctdna|ffpe|tum|t\d{0,2}|tp\d?|01[ab])(?![a-z0-9])",
    re.IGNORECASE,
)
_NORMAL = re.compile(
    r"(?<![a-z0-9])(normal|germline|blood|buffy|pbmc|saliva|control|norm|bl|n\d{0,2}|nb|nt|10[ab]|11[ab])(?![a-z0-9])",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?<=[A-Za-z0-9])(BL|_?T|_?N)$")
_MIN_MAPPED = 1000  # reads on X below which the index says nothing of sex


@dataclass(frozen=True)
class Found:
    """One file and what it says of itself; `sex` and `tumour` are None where it says nothing."""

    path: Path
    name: str
    in_file: str | None
    build: str | None
    sex: str | None
    tumour: bool | None
    contigs: tuple[str, ...]


@dataclass
class Sheets:
    """Rows of both sheets, and what a person has to look at."""

    patients: list[dict[str, str]] = field(default_factory=list)
    samples: list[dict[str, str]] = field(default_factory=list)
    confirm: list[str] = field(default_factory=list)
    builds: set[str] = field(default_factory=set)


def stem_of(path: Path) -> str:
    """A file's name without the endings of its format."""
    name = path.name
    for ending in (*VARIANTS, *READS):
        name = name.removesuffix(ending)
    return name


def safe(text: str) -> str:
    """A name the sheets accept: letters, digits, - and _."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_-")
    return (cleaned or "sample")[:64]


def sex_by_reads(mapped: Mapping[str, tuple[int, int]]) -> str | None:
    """XX or XY by reads per base of X and Y beside the autosomes; None if too few to say.

    Less than half of Y has a sequence (26.4 of 57.2 Mb of GRCh38): one copy gives about a quarter.

    `mapped`: contig -> (length, mapped reads), as an index states them.
    """
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for contig, (length, reads) in mapped.items():
        chrom = canonical(contig)
        if chrom is None or chrom == "chrM":
            continue
        group = chrom if chrom in ("chrX", "chrY") else "autosomes"
        if reads or group != "autosomes":
            totals[group][0] += length
            totals[group][1] += reads
    if totals["autosomes"][1] < _MIN_MAPPED or totals["chrX"][1] < _MIN_MAPPED:
        return None
    density = {group: reads / max(1, length) for group, (length, reads) in totals.items()}
    x = density["chrX"] / density["autosomes"]
    y = density.get("chrY", 0) / density["autosomes"]
    if (x > TWO_X) == (y > HAS_Y):  # two X with a Y, or one without: a person decides
        return None
    return "XX" if x > TWO_X else "XY"


def tumour_by_name(*names: str) -> bool | None:
    """Whether a file is of a tumour, by the first name that says so; None if none does."""
    for name in names:
        words = name.replace("_", "-")
        if _TUMOUR.search(words):
            return True
        if _NORMAL.search(words):
            return False
    return None


def look_at(path: Path) -> list[Found]:
    """What one file holds: one entry per sample; InputError if it cannot be read."""
    if path.name.endswith(READS):
        header = reads_header(path)
        if len(header.samples) > 1:
            raise InputError(path, f"reads of one sample, found {', '.join(header.samples)}")
        sex = sex_by_reads(mapped_reads(path, header.contigs))
        sample = header.samples[0] if header.samples else None
        tumour = tumour_by_name(stem_of(path), sample or "")
        own = sample if sample else "-"
        build, contigs = build_of(header.contigs), tuple(header.contigs)
        return [Found(path, stem_of(path), own, build, sex, tumour, contigs)]
    variants = variants_header(path)
    samples, build, many = variants.samples, build_of(variants.contigs), len(variants.samples) > 1
    return [
        Found(
            path,
            sample if many else stem_of(path),
            sample,
            build,
            None,
            tumour_by_name(sample, "" if many else stem_of(path)),
            tuple(variants.contigs),
        )
        for sample in samples
    ]


def person_of(name: str) -> str:
    """The part of a name that is left when what says tumour or normal is taken away; may be ''."""
    words = re.split(r"[._-]+", name)
    kept = [w for w in words if tumour_by_name(w) is None and not _NOISE.fullmatch(w)]
    return _ENDING.sub("", "_".join(kept))


_NOISE = re.compile(
    r"(?i)sorted|sort|dedup|markdup|md|recal|bqsr|final|hg38|hg19|grch3[78]|b37|hs37d5|aligned|bwa|mem|hard|filtered|pass|annotated|calls?|\d+x"
)


def search(folder: Path) -> list[Path]:
    """BAM, CRAM, VCF, gVCF and BCF files below a folder, sorted; InputError if there are none."""
    if not folder.is_dir():
        raise InputError(folder, "a folder with BAM, CRAM or VCF files")
    found = [p for p in sorted(folder.rglob("*")) if p.name.endswith((*READS, *VARIANTS))]
    found = [p for p in found if p.is_file() and not p.name.startswith(".")]
    if not found:
        raise InputError(folder, f"files ending in {', '.join((*READS, *VARIANTS))}, found none")
    return found


def _one_of_each(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Of a BAM and a CRAM, or a gVCF and a VCF, of one stem in one folder the first is kept."""
    order = [*READS, *VARIANTS]
    chosen: dict[tuple[Path, str], Path] = {}
    said = []

    def rank(path: Path) -> int:
        return next(i for i, ending in enumerate(order) if path.name.endswith(ending))

    for path in sorted(paths, key=lambda p: (rank(p), p)):
        key = (path.parent, stem_of(path))
        if key in chosen:
            said.append(f"{path.name}: left out, beside {chosen[key].name} of the same name")
        else:
            chosen[key] = path
    return sorted(chosen.values()), said


def _named(found: Sequence[Found]) -> list[Found]:
    """Files by their sample's own name (SM) where it says whose it is; else by the file's name.

    An SM says so when no other file of reads bears it and it is more than "tumour" or "normal".
    A VCF follows reads of the same sample, whatever its file is called.
    """
    reads = Counter(one.in_file for one in found if one.path.name.endswith(READS))
    own = {
        name
        for name, files in reads.items()
        if name and files == 1 and person_of(name) and any(map(str.isalnum, name))
    }
    return [replace(one, name=one.in_file) if one.in_file in own else one for one in found]


def _of_another_reference(found: Found, contigs: Collection[str]) -> str | None:
    """Why a file cannot be of this reference: no contig of the two bears the same name."""
    if not contigs or not found.contigs or set(contigs) & set(found.contigs):
        return None
    theirs, ours = found.contigs[0], next(iter(contigs))
    return (
        f"left out: {found.path.name} calls its contigs {theirs}, ..., the reference {ours}, ...:"
        " another reference, or another way of naming"
    )


def sheets_of(paths: Iterable[Path], contigs: Collection[str] = ()) -> Sheets:
    """Rows of the sheets for the files found; every guess is in `confirm`.

    `contigs`: the reference's; a file that has none of them is left out, and said.
    """
    sheets = Sheets()
    kept, sheets.confirm = _one_of_each(list(paths))
    found: list[Found] = []
    for path in kept:
        try:
            looked_at = look_at(path)
        except InputError as error:
            sheets.confirm.append(f"left out: {error}")
            continue
        reasons = {_of_another_reference(one, contigs) for one in looked_at} - {None}
        sheets.confirm += sorted(reason for reason in reasons if reason)
        found += [] if reasons else looked_at
    people: dict[str, list[Found]] = defaultdict(list)
    for one in _named(found):
        people[safe(person_of(one.name) or one.name)].append(one)
        if one.build:
            sheets.builds.add(one.build)
    taken: set[str] = set()
    for patient, files in sorted(people.items()):
        _add_person(sheets, patient, files, taken)
    return sheets


def _add_person(sheets: Sheets, patient: str, files: list[Found], taken: set[str]) -> None:
    tumours = [f for f in files if f.tumour]
    sexes = {f.sex for f in files if f.sex and not f.tumour} or {f.sex for f in files if f.sex}
    sex = sexes.pop() if len(sexes) == 1 else "unknown"
    sheets.patients.append({
        "patient": patient, "sex": sex, "programme": "cancer" if tumours else "",
        "diagnosis": "", "hpo": "", "consent_cohort": "", "consent_secondary": "",
    })  # fmt: skip
    guessed = f"{patient}: sex {sex}" if sex != "unknown" else f"{patient}: sex not told, XX or XY"
    sheets.confirm.append(f"{guessed}; {len(files)} files")
    for one in files:
        sample = base = safe(one.name)
        number = 2
        while sample in taken:
            sample, number = f"{base[:60]}_{number}", number + 1
        taken.add(sample)
        kind = "tumour" if one.tumour else "normal"
        if one.tumour is None and len(files) > 1:
            sheets.confirm.append(f"{sample}: taken as {kind}, its name does not say")
        sheets.samples.append({
            "sample": sample, "patient": patient, "kind": kind, "path": str(one.path),
            "sample_in_file": "" if one.in_file == sample else one.in_file or "",
        })  # fmt: skip
