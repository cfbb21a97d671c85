"""A release at a glance: what was counted, how much of the genome could be judged, what was found.

Everything is worked out from the files of the release alone, so nothing is said that they do not
show; a number that the release withholds is counted as withheld.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from shirube.cohort.query.released import ALL, Release
from shirube.contracts import ALLELE, ANNOTATION, CALLABILITY, FREQUENCY, metadata, scan
from shirube.genome.chromosomes import CHROMS
from shirube.service.consequences import CLASSES, clinvar_kind, kind

# Lower ends of the bins of allele frequency above an allele seen once.
BINS = (("once", None), ("rare", 0.0), ("low", 0.001), ("some", 0.01), ("common", 0.05))
WITHHELD = "withheld"
KINDS = ("transition", "transversion", "insertion", "deletion", "other")
LISTED = 20  # alleles of a list
POINTS = 2000  # of the picture, the first by position of equal parts of the genome
COMMON_HERE, RARE_THERE = 0.01, 0.001  # alleles that are common here and rare in the sources
HWE = 1e-6
_SHOWN = ("gene_models", "clinvar", "gene_names", "nando_genes", "gene_constraint")
_NAMED = ("gene", "hgvs_c", "hgvs_p", "clinvar_significance", "clinvar_stars")
_KEPT = (*_NAMED, "consequence", "mane", "transcript", "population_af", "population_source")
Row = dict[str, Any]


@dataclass(frozen=True)
class Overview:
    """Numbers of one release. `alleles`: class -> bin -> alleles; `chroms`: a row a chromosome."""

    about: Mapping[str, str]
    groups: list[tuple[str, int | None]]
    alleles: dict[str, dict[str, int]]
    kinds: dict[str, int]
    chroms: list[Row]
    pathogenic: list[Row]
    pathogenic_total: int
    particular: list[Row]
    particular_total: int
    points: list[tuple[float, float]]
    disequilibrium: int
    versions: list[dict[str, str]]

    @property
    def total(self) -> int:
        """Alleles of the release."""
        return sum(self.kinds.values())

    @property
    def transitions(self) -> float | None:
        """Transitions a transversion; None without SNVs."""
        over = self.kinds["transversion"]
        return self.kinds["transition"] / over if over else None


def versions(tables: Iterable[Path]) -> list[dict[str, str]]:
    """Sources of knowledge that stand beside a release, with release and licence."""
    out = []
    for path in sorted(tables):
        if path.stem in _SHOWN or path.stem.startswith("frequency_"):
            about = metadata(path)
            told = {key: about.get(key, "") for key in ("release", "licence")}
            out.append({"name": path.stem.removeprefix("frequency_"), **told})
    return out


def bin_of(ac: pl.Expr, af: pl.Expr) -> pl.Expr:
    """The bin an allele of `ac` copies and frequency `af` is counted in."""
    found = pl.when(ac.is_null()).then(pl.lit(WITHHELD)).when(ac <= 1).then(pl.lit("once"))
    for name, least in reversed(BINS[1:]):
        found = found.when(af >= least).then(pl.lit(name))
    return found.otherwise(pl.lit(WITHHELD))


def nothing(about: Mapping[str, str]) -> Overview:
    """Of a run that has released nothing, or whose release was withdrawn."""
    kinds = dict.fromkeys(KINDS, 0)
    return Overview(about, [], {}, kinds, [], [], 0, [], 0, [], 0, [])


def overview(folder: Path, tables: Iterable[Path]) -> Overview:
    """What the release in `folder` (results/cohort) holds; `tables`: knowledge that names it."""
    about: dict[str, str] = json.loads((folder / "release.json").read_text())
    if about["release"] == "0" or about["status"].startswith("withdrawn"):
        return nothing(about)
    release = Release(folder)
    people = int(release.about["people"])
    most = release.most_people() if release.tells_callability else {}
    alleles = {name: dict.fromkeys([n for n, _ in BINS] + [WITHHELD], 0) for name in CLASSES}
    kinds = dict.fromkeys(KINDS, 0)
    chroms, pathogenic, particular, points, apart = [], [], [], [], 0
    for chrom in CHROMS:
        path = folder / "frequency" / f"{chrom}.parquet"
        if not path.is_file():
            continue
        table = _alleles(folder, chrom)
        for (name, group), count in _counted(table, "class", "bin"):
            alleles[name][group] += count
        for (name,), count in _counted(table, "kind"):
            kinds[name] += count
        apart += table.filter(pl.col("hwe_p") < HWE).height
        named = table.filter(pl.col("ac").fill_null(0) >= release.min_people)
        pathogenic += named.filter(pl.col("clinvar") == "pathogenic").to_dicts()
        here = (pl.col("af") >= COMMON_HERE) & (pl.col("population_af") < RARE_THERE)
        particular += named.filter(here).to_dicts()
        both = named.drop_nulls(["af", "population_af"]).select("af", "population_af")
        points += both.rows()
        chroms.append({"chrom": chrom, "alleles": table.height, **_judged(folder, chrom, people)})
    every = -(-len(points) // POINTS) or 1
    pathogenic.sort(key=lambda r: (-r["ac"], CHROMS.index(r["chrom"]), r["pos"]))
    particular.sort(
        key=lambda r: (r["population_af"] / r["af"], CHROMS.index(r["chrom"]), r["pos"])
    )
    return Overview(
        about=release.about,
        groups=[(group, most.get(group)) for group in release.groups],
        alleles=alleles,
        kinds=kinds,
        chroms=chroms,
        pathogenic=pathogenic[:LISTED],
        pathogenic_total=len(pathogenic),
        particular=particular[:LISTED],
        particular_total=len(particular),
        points=points[::every],
        disequilibrium=apart,
        versions=versions(tables),
    )


def _counted(table: pl.DataFrame, *names: str) -> list[tuple[tuple[str, ...], int]]:
    found = table.group_by(*names).len().sort(names)
    return [(row[:-1], row[-1]) for row in found.iter_rows()]


def _alleles(folder: Path, chrom: str) -> pl.DataFrame:
    """Alleles of a chromosome among all people, with their class, bin, kind and names."""
    rows = scan(FREQUENCY, folder / "frequency" / f"{chrom}.parquet")
    own = rows.filter(pl.col("stratum") == ALL).select(*ALLELE, "ac", "an", "af", "hwe_p").collect()
    path = folder / "annotation" / f"{chrom}.parquet"
    named = scan(ANNOTATION, path) if path.is_file() else ANNOTATION.empty().lazy()
    known = (
        named.select(*ALLELE, *_KEPT)
        .with_columns(pl.col("chrom").cast(pl.String))
        .sort(*ALLELE, pl.col("mane").is_null(), "transcript")
        .unique(ALLELE, keep="first", maintain_order=True)
        .collect()
    )
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    change = pl.concat_str(pl.col("ref"), pl.col("alt"))
    longer = pl.col("alt").str.len_bytes() - pl.col("ref").str.len_bytes().cast(pl.Int64)
    return (
        own.with_columns(pl.col("chrom").cast(pl.String))
        .join(known, on=ALLELE, how="left", maintain_order="left")
        .with_columns(
            _each("consequence", kind, known).alias("class"),
            _each("clinvar_significance", clinvar_kind, known).alias("clinvar"),
            bin_of(pl.col("ac"), pl.col("af")).alias("bin"),
            pl.when(single & change.is_in(["AG", "GA", "CT", "TC"]))
            .then(pl.lit("transition"))
            .when(single)
            .then(pl.lit("transversion"))
            .when(longer > 0)
            .then(pl.lit("insertion"))
            .when(longer < 0)
            .then(pl.lit("deletion"))
            .otherwise(pl.lit("other"))
            .alias("kind"),
        )
    )


def _each(column: str, meaning: Callable[[str | None], str], table: pl.DataFrame) -> pl.Expr:
    """What each text of a column means; a text is looked at once, however often it stands."""
    texts = table[column].drop_nulls().unique().to_list()
    found = pl.col(column).replace_strict(
        texts, [meaning(text) for text in texts], default=None, return_dtype=pl.String
    )
    return found.fill_null(meaning(None))


def _judged(folder: Path, chrom: str, people: int) -> Row:
    """Bases of a chromosome where the release says who could be judged, and where nine in ten.

    In ten of the people it can be judged in anywhere: of Y, those who have one.
    """
    path = folder / "callable" / f"{chrom}.parquet"
    if not path.is_file():
        return {"told": None, "nearly_all": None}
    rows = scan(CALLABILITY, path).filter(pl.col("stratum") == ALL)
    length = (pl.col("end") - pl.col("start")).cast(pl.Int64)
    enough = 0.9 * pl.min_horizontal(pl.col("people").max(), pl.lit(people))
    found = rows.select(
        length.sum().alias("told"),
        length.filter(pl.col("people") >= enough).sum().alias("nearly_all"),
    ).collect()
    return {"told": int(found["told"][0] or 0), "nearly_all": int(found["nearly_all"][0] or 0)}
