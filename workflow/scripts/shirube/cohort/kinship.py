"""Who is the same person, who is related, and whom to count.

Kinship is KING's between-family estimator (Manichaikul et al. 2010, doi:10.1093/bioinformatics/
btq559) over common autosomal SNVs: (het-het - 2 x opposite homozygotes) / (2 x the smaller number
of heterozygotes) + 1/2 - (het_i + het_j) / (4 x the smaller number), over sites called in both.
It needs no allele frequencies and stands differences in ancestry between pairs. Expected: 1/2 the
same person or identical twins, 1/4 first, 1/8 second, 1/16 third degree; the bounds between are
the powers of two in the middle of the scale, as KING's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from shirube.cohort.state import Entry, State
from shirube.cohort.sums import chroms_of, counts
from shirube.contracts import ALLELE, read, scan
from shirube.contracts.cohort import CALLABLE, COUNTS, GENOTYPES
from shirube.genome.chromosomes import CHROMS
from shirube.genome.intervals import within

DUPLICATE, FIRST, SECOND = 2.0**-1.5, 2.0**-2.5, 2.0**-3.5
MIN_SITES, MAX_SITES = 400, 20_000
PANEL = 256  # people among whom common SNVs are looked for
_BLOCK = 256

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """Two samples (in the order of their names) and what they are to each other."""

    one: str
    two: str
    kinship: float
    sites: int
    relation: str


def relation(kinship: float) -> str:
    """What a kinship coefficient says: duplicate, first degree, second degree or unrelated."""
    if kinship > DUPLICATE:
        return "duplicate"
    if kinship > FIRST:
        return "first degree"
    return "second degree" if kinship > SECOND else "unrelated"


class Dosages:
    """(people, sites) copies of the ALT, 0, 1, 2, or -1 where not called, in two bits each."""

    def __init__(self, people: int, sites: int) -> None:
        self._sites = sites
        self._packed = np.zeros((people, -(-sites // 4)), np.uint8)

    def put(self, person: int, copies: npt.NDArray[np.int8]) -> None:
        """Keep one person's."""
        four = np.zeros((self._packed.shape[1], 4), np.uint8)
        four.reshape(-1)[: self._sites] = copies + 1
        self._packed[person] = four[:, 0] | four[:, 1] << 2 | four[:, 2] << 4 | four[:, 3] << 6

    @classmethod
    def kept(cls, packed: npt.NDArray[np.uint8], sites: int) -> "Dosages":
        """Those that `packed` gave."""
        own = cls(0, sites)
        own._packed = packed
        return own

    @property
    def packed(self) -> npt.NDArray[np.uint8]:
        """(people, bytes), to be kept."""
        return self._packed

    def __getitem__(self, people: slice) -> npt.NDArray[np.int8]:
        """Those of some people as numbers."""
        some = self._packed[people]
        four = np.stack([some >> shift & 3 for shift in (0, 2, 4, 6)], axis=2)
        return four.reshape(len(some), 4 * some.shape[1])[:, : self._sites].astype(np.int8) - 1


def pairs(
    samples: Sequence[str],
    dosage: Dosages | npt.NDArray[np.int8],
    min_sites: int = MIN_SITES,
    new: int | None = None,
) -> list[Pair]:
    """Related pairs of people; `dosage` is (people, sites), 0, 1, 2, or -1 where not called.

    `new`: only pairs with one of so many people, who come first; all pairs unless given.
    A pair needs `min_sites` sites at which one of the two is heterozygous, half of them to be
    called first degree, an eighth to be called the same person: below, nothing is said of it (the
    bounds are then four standard errors from 0). Blocks of people at a time: memory does not grow
    with their square.
    """
    out = []
    first = len(samples) if new is None else new
    for a in range(0, first, _BLOCK):
        het_a, ref_a, alt_a, called_a = _indicators(dosage[a : min(a + _BLOCK, first)])
        for b in range(a, len(samples), _BLOCK):
            het_b, ref_b, alt_b, called_b = _indicators(dosage[b : b + _BLOCK])
            both = het_a @ het_b.T
            opposite = ref_a @ alt_b.T + alt_a @ ref_b.T
            het_i, het_j = het_a @ called_b.T, called_a @ het_b.T
            smaller = np.maximum(np.minimum(het_i, het_j), 1)
            kinship = (both - 2 * opposite) / (2 * smaller) + 0.5 - (het_i + het_j) / (4 * smaller)
            informative = het_i + het_j - both
            # The nearer a relation, the fewer sites tell it from none.
            enough = np.where(kinship > FIRST, min_sites / 2, min_sites)
            enough = np.where(kinship > DUPLICATE, min_sites / 8, enough)
            found = (kinship > SECOND) & (informative >= enough)
            for x, y in np.argwhere(found).tolist():
                if a + x < b + y:
                    one, two = sorted((samples[a + x], samples[b + y]))
                    value = float(kinship[x, y])
                    out.append(Pair(one, two, value, int(informative[x, y]), relation(value)))
    return sorted(out, key=lambda pair: (pair.one, pair.two))


def _indicators(dosage: npt.NDArray[np.int8]) -> tuple[Floats, Floats, Floats, Floats]:
    """Who is heterozygous, homozygous for the reference or the ALT, called: 0 or 1 as float32."""
    het, ref, alt = ((dosage == n).astype(np.float32) for n in (1, 0, 2))
    return het, ref, alt, (dosage >= 0).astype(np.float32)


def kept(
    samples: Sequence[str], related: Sequence[Pair], rank: Mapping[str, tuple[int, ...]]
) -> dict[str, Pair]:
    """Samples to leave out so that no two of the rest are related -> the pair that says why.

    Duplicates first: of each cluster the best ranked stays. Then a maximal unrelated set: the
    person with most relatives still in leaves, ties by worse rank, until none is related. People
    with a better (smaller) `rank` than all their relatives stay as long as any order lets them.
    """
    out: dict[str, Pair] = {}
    order = {name: (rank.get(name, (9,)), name) for name in samples}
    for pair in related:
        if pair.relation == "duplicate" and not {pair.one, pair.two} & out.keys():
            out[max(pair.one, pair.two, key=lambda name: order[name])] = pair
    for family in _families([p for p in related if not {p.one, p.two} & out.keys()]):
        rest = family
        while rest:
            degree: dict[str, int] = {}
            for pair in rest:
                for name in (pair.one, pair.two):
                    degree[name] = degree.get(name, 0) + 1
            worst = max(order[name][0] for name in degree)
            # Preferred people (smaller rank) leave only when nobody of a worse rank is left.
            last = max(
                (name for name in degree if order[name][0] == worst),
                key=lambda name: (degree[name], order[name]),
            )
            out[last] = next(p for p in rest if last in (p.one, p.two))
            rest = [p for p in rest if last not in (p.one, p.two)]
    return dict(sorted(out.items()))


def _families(related: Sequence[Pair]) -> list[list[Pair]]:
    """Pairs by who is related to whom over any number of steps: families decide for themselves."""
    head: dict[str, str] = {}

    def of(name: str) -> str:
        while (up := head.setdefault(name, name)) != name:
            head[name] = head[up]
            name = up
        return name

    for pair in related:
        head[of(pair.one)] = of(pair.two)
    out: dict[str, list[Pair]] = {}
    for pair in related:
        out.setdefault(of(pair.one), []).append(pair)
    return list(out.values())


def panel_of(people: Iterable[Entry]) -> list[Entry]:
    """The PANEL people among whom common SNVs are looked for: those of the smallest digests.

    So who they are depends on nobody's name or order, and whoever joins a large cohort seldom
    changes them.
    """
    return sorted(people, key=lambda entry: (entry.genotypes, entry.sample))[:PANEL]


def common_snvs(
    state: State, panel: Sequence[Entry], spacing: int, most: int = MAX_SITES
) -> pl.DataFrame:
    """Autosomal SNVs of a frequency of 5 to 95%, one every `spacing` bases, at most `most`."""
    tables = [(state.object(entry.genotypes), 1) for entry in panel]
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    share = pl.col("ac") / (2 * len(panel))
    found = [COUNTS.empty().select(ALLELE)]
    for chrom in sorted(chroms_of(GENOTYPES, tables) - {"chrX", "chrY", "chrM"}, key=CHROMS.index):
        here = [
            rows.filter(share.is_between(0.05, 0.95)).select(ALLELE)
            for rows in counts(None, tables, chrom, single)
        ]
        if here:
            found.append(
                pl.concat(here)
                .with_columns((pl.col("pos") // spacing).alias("stretch"))
                .unique("stretch", keep="first", maintain_order=True)
                .select(ALLELE)
            )
    every = pl.concat(found)
    return every.gather_every(max(1, -(-every.height // most)))


def dosages(state: State, people: Sequence[Entry], sites: pl.DataFrame) -> Dosages:
    """Copies of the ALT that people have at `sites`."""
    out = Dosages(len(people), sites.height)
    numbered = sites.with_row_index("site")
    for row, entry in enumerate(people):
        own = np.full(sites.height, -1, np.int8)
        tracks = read(CALLABLE, state.object(entry.callable)).partition_by("chrom", as_dict=True)
        for (chrom,), here in numbered.partition_by("chrom", as_dict=True).items():
            track = tracks.get((chrom,))
            if track is not None:
                points = (here["pos"].to_numpy() - 1).astype(np.int32)
                good = within(points, track["start"].to_numpy(), track["end"].to_numpy())
                own[here["site"].to_numpy()[good]] = 0
        carried = scan(GENOTYPES, state.object(entry.genotypes))
        found = carried.join(numbered.lazy(), on=ALLELE).select("site", "ac").collect()
        own[found["site"].to_numpy()] = found["ac"].to_numpy()
        out.put(row, own)
    return out


def related_entries(
    state: State, people: Mapping[str, Entry], spacing: int, min_sites: int
) -> list[Pair]:
    """Related pairs of people (name -> entry) whose objects a state holds."""
    if len(people) < 2:
        return []
    entries = list(people.values())
    sites = common_snvs(state, panel_of(entries), spacing)
    if sites.height < min_sites / 8:
        return []
    return pairs(list(people), dosages(state, entries, sites), min_sites)
