"""Which genome build contig lengths belong to.

Lengths of chr1 ... chr22, chrX, chrY as the Genome Reference Consortium publishes them for
GRCh37 and GRCh38 (primary assembly), and the T2T consortium for CHM13v2.0. hg19 and b37 share
these lengths.
"""

from collections import Counter
from collections.abc import Mapping

from shirube.genome.alleles import canonical
from shirube.genome.chromosomes import CHROMS

# fmt: off
_LENGTHS = {
    "GRCh37": (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022,
        141213431, 135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753,
        81195210, 78077248, 59128983, 63025520, 48129895, 51304566, 155270560, 59373566,
    ),
    "GRCh38": (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
        138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
        83257441, 80373285, 58617616, 64444167, 46709983, 50818468, 156040895, 57227415,
    ),
    "CHM13v2": (
        248387328, 242696752, 201105948, 193574945, 182045439, 172126628, 160567428, 146259331,
        150617247, 134758134, 135127769, 133324548, 113566686, 101161492, 99753195, 96330374,
        84276897, 80542538, 61707364, 66210255, 45090682, 51324926, 154259566, 62460029,
    ),
}
# fmt: on
_BUILD_OF = {
    (chrom, length): build
    for build, lengths in _LENGTHS.items()
    for chrom, length in zip(CHROMS, lengths, strict=False)
}


def build_of(
    contigs: Mapping[str, int | None], aliases: dict[str, str] | None = None
) -> str | None:
    """The build most chromosomes of `contigs` (name -> length) have the lengths of, or None."""
    votes = Counter(
        _BUILD_OF.get((canonical(name, aliases) or "", length or 0))
        for name, length in contigs.items()
    )
    votes.pop(None, None)
    return votes.most_common(1)[0][0] if votes else None
