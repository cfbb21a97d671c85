"""Amino acids and genetic codes.

Codes: NCBI translation tables 1 (standard) and 2 (vertebrate mitochondrial),
https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi
"""

from itertools import product

THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val", "U": "Sec",
    "O": "Pyl", "*": "Ter", "X": "Xaa",
}  # fmt: skip
ONE = {three: one for one, three in THREE.items()}

_ORDER = ["".join(codon) for codon in product("TCAG", repeat=3)]
_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_MITOCHONDRIAL = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG"
STANDARD = dict(zip(_ORDER, _STANDARD, strict=True))
MITOCHONDRIAL = dict(zip(_ORDER, _MITOCHONDRIAL, strict=True))


# Composition, polarity and volume of side chains (Grantham 1974, PMID 4843792, table 1).
_PROPERTIES = {
    "S": (1.42, 9.2, 32.0), "R": (0.65, 10.5, 124.0), "L": (0.0, 4.9, 111.0),
    "P": (0.39, 8.0, 32.5), "T": (0.71, 8.6, 61.0), "A": (0.0, 8.1, 31.0),
    "V": (0.0, 5.9, 84.0), "G": (0.74, 9.0, 3.0), "I": (0.0, 5.2, 111.0),
    "F": (0.0, 5.2, 132.0), "Y": (0.20, 6.2, 136.0), "C": (2.75, 5.5, 55.0),
    "H": (0.58, 10.4, 96.0), "Q": (0.89, 10.5, 85.0), "N": (1.33, 11.6, 56.0),
    "K": (0.33, 11.3, 119.0), "D": (1.38, 13.0, 54.0), "E": (0.92, 12.3, 83.0),
    "M": (0.0, 5.7, 105.0), "W": (0.13, 5.4, 170.0),
}  # fmt: skip
_WEIGHTS, _SCALE = (1.833, 0.1018, 0.000399), 50.723


def grantham(one: str, other: str) -> float | None:
    """Grantham's distance of two residues (one-letter code), rounded; None for what is none."""
    if one not in _PROPERTIES or other not in _PROPERTIES:
        return None
    pairs = zip(_WEIGHTS, _PROPERTIES[one], _PROPERTIES[other], strict=True)
    return round(_SCALE * sum(w * (a - b) ** 2 for w, a, b in pairs) ** 0.5)


def code_for(chrom: str) -> dict[str, str]:
    """Genetic code of a chromosome."""
    return MITOCHONDRIAL if chrom == "chrM" else STANDARD


def initiators(chrom: str) -> frozenset[str]:
    """Codons that start a protein whatever stood there before: ATG, on chrM those of table 2.

    Other codons start some nuclear proteins, but that one of them starts this one is not known.
    """
    return frozenset({"ATG", "ATA", "ATC", "ATT", "GTG"} if chrom == "chrM" else {"ATG"})


def translated(sequence: str, code: dict[str, str]) -> str:
    """Protein of a coding sequence, one letter a codon; X where a base is unknown.

    An incomplete last codon is dropped.
    """
    return "".join(code.get(sequence[i : i + 3], "X") for i in range(0, len(sequence) - 2, 3))


def to_stop(sequence: str, code: dict[str, str]) -> str:
    """`translated` up to the first stop (included); without one, to the last whole codon."""
    parts = []
    for start in range(0, len(sequence) - 2, 300):
        part = translated(sequence[start : start + 300], code)
        stop = part.find("*")
        if stop >= 0:
            parts.append(part[: stop + 1])
            break
        parts.append(part)
    return "".join(parts)


def three_letter(residues: str) -> str:
    """Residues in three-letter code, without separators."""
    return "".join(THREE[one] for one in residues)
