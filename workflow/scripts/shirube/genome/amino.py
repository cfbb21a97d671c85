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
