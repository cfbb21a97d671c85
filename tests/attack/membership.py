"""Is this person in the release? How well a likelihood ratio answers, with their genome in hand.

    python tests/attack/membership.py [--svg docs/figures/membership.svg]

For every published allele the test compares the frequency of the release with that of the
population (known exactly: the attacker's best case), as Sankararaman et al. 2009 (Nature Genetics
41:965, doi:10.1038/ng.436). Power: the share of members found where 1 of 1,000 others is taken
for one. Sites are independent, of frequencies as in a population (density 1/f); alleles that a
release leaves out are not there to be compared.
"""

import argparse
from pathlib import Path

import numpy as np

PEOPLE = (10, 50, 200, 1000, 5000)
SITES = 20_000
LEAST = {"all alleles": 1, "no singletons": 2, "5 copies or more": 5}
TRIED, FALSE = 400, 0.001


def frequencies(rng: np.random.Generator, sites: int) -> np.ndarray:
    """Population frequencies of `sites` alleles that vary: density 1/f from 1/20,000 to 1/2."""
    return np.exp(rng.uniform(np.log(1 / 20_000), np.log(0.5), sites))


def statistics(
    geno: np.ndarray, release: np.ndarray, population: np.ndarray, people: int
) -> np.ndarray:
    """Log likelihood ratio (in the release or not) of each person of `geno` (people, sites).

    A member's copies are drawn from the release, another's from the population.
    """
    own = np.clip(release, 1 / (4 * people), 1 - 1 / (4 * people))
    up = np.log(own / population)
    down = np.log((1 - own) / (1 - population))
    return geno @ (up - down) + 2 * down.sum()


def power(people: int, least: int, seed: int = 1) -> tuple[int, float]:
    """(alleles published, share of members found) of a release of so many people."""
    rng = np.random.default_rng((seed, people, least))
    population = frequencies(rng, SITES)
    members = min(people, TRIED)
    inside = rng.binomial(2, population, (members, SITES)).astype(np.int8)
    rest = rng.binomial(2 * (people - members), population)
    count = inside.sum(axis=0) + rest
    kept = count >= least
    inside, population = inside[:, kept], population[kept]
    release = count[kept] / (2 * people)
    found = statistics(inside, release, population, people)
    outside = rng.binomial(2, population, (2000, population.size)).astype(np.int8)
    others = statistics(outside, release, population, people)
    bound = np.quantile(others, 1 - FALSE)
    return int(kept.sum()), float((found > bound).mean())


def svg(table: dict[str, list[float]]) -> str:
    """The figure: power against people, one line a policy."""
    colours = ("#1f4e79", "#b5541c", "#3a7d44")
    width, height, left, top = 560, 300, 60, 20
    x = [left + i * (width - left - 160) / (len(PEOPLE) - 1) for i in range(len(PEOPLE))]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]

    def y(value: float) -> float:
        return top + (1 - value) * (height - top - 50)

    for tick in (0, 0.25, 0.5, 0.75, 1):
        out.append(
            f'<path d="M{left} {y(tick):.1f}H{x[-1]:.1f}" stroke="#ddd"/>'
            f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.0%}</text>'
        )
    for at, n in zip(x, PEOPLE, strict=True):
        out.append(f'<text x="{at:.1f}" y="{height - 30}" text-anchor="middle">{n:,}</text>')
    out.append(f'<text x="{left}" y="{height - 10}">people in the release</text>')
    for (name, values), colour in zip(table.items(), colours, strict=True):
        points = " ".join(f"{a:.1f},{y(v):.1f}" for a, v in zip(x, values, strict=True))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(
            f'<text x="{x[-1] + 8:.1f}" y="{y(values[-1]) + 4:.1f}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def main() -> None:
    """Print the table, and draw it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--svg", type=Path)
    args = parser.parse_args()
    table: dict[str, list[float]] = {}
    print(f"{SITES} alleles of the population; found at {FALSE:.1%} false alarms")
    for name, least in LEAST.items():
        rows = [power(people, least) for people in PEOPLE]
        table[name] = [share for _, share in rows]
        told = "  ".join(
            f"{n}: {share:.0%} ({kept} alleles)"
            for n, (kept, share) in zip(PEOPLE, rows, strict=True)
        )
        print(f"{name:17} {told}")
    if args.svg:
        args.svg.parent.mkdir(parents=True, exist_ok=True)
        args.svg.write_text(svg(table))


if __name__ == "__main__":
    main()
