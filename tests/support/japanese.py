"""English that stands on a Japanese page, apart from names that are written so in Japanese too."""

import re
from html.parser import HTMLParser

# Names of sources, programs, formats and of things Japanese texts write in Latin letters.
ALLOWED = frozenset({
    "Tier", "ClinVar", "CIViC", "ClinGen", "OncoTree", "gnomAD", "STRchive", "ToMMo",
    "CancerHotspots", "Mb", "kb", "log2", "json", "report", "ledger", "shirube", "diff", "de",
    "novo", "oncogenicity", "MSI-High", "MSI-Low", "TMB-High", "TMB-Low", "Oncomine", "Poor",
    "Intermediate", "Normal", "Rapid", "Ultrarapid", "Likely", "Possible", "Indeterminate",
    "Metabolizer", "Function", "Decreased", "Increased", "Nudix", "hydrolase", "Shirube", "pass",
    "PharmCAT", "PASS", "IGV", "hg", "chr", "Phred", "Horak", "et", "al", "SpliceAI",
    "AlphaMissense", "REVEL", "OMIM", "Orphanet", "Mondo",
})  # fmt: skip
_SKIPPED = (
    re.compile(r"(https?://)?[A-Za-z0-9.-]+\.(com|net|org|jp|app|go|gov|html|gz|bam|vcf|json|tsv|py)"
               r"[!-~]*"),
    re.compile(r"(?<![A-Za-z])[gcpmnr]\.[!-~]+"),  # HGVS
    re.compile(r"(?<![A-Za-z])chr[0-9XYM]+[!-~]*"),
    re.compile(r"(Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val)"
               r"[0-9]+[!-~]*"),
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'_-]*")
_VOID = ("meta", "link", "br", "img", "input", "hr", "col", "wbr")
# Where even a quoted English word is a label of ours that nobody translated.
LABELS = ("dt", "caption", "h1", "h2", "h3", "nav", "summary", "figcaption", "li")


def words(text: str) -> list[str]:
    """English words of a Japanese text that are not allowed."""
    for pattern in _SKIPPED:
        text = pattern.sub(" ", text)
    return [word for word in _WORD.findall(text) if word not in ALLOWED and not _code(word)]


def _code(word: str) -> bool:
    """Genes, codes, units and abbreviations: of capitals and digits for the most part."""
    marks = sum(c.isupper() or c.isdigit() for c in word)
    return (
        len(word) == 1
        or bool(re.fullmatch("v[0-9.]+", word))
        or marks >= 2
        or not any(c.islower() for c in word)
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool, bool]] = []
        self.found: list[str] = []
        self.quoted_labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = dict(attrs)
        quoted = tag != "html" and given.get("lang") == "en"
        names = (given.get("class") or "").split()
        skipped = tag in ("style", "svg", "script") or "code" in names
        self.open.append((tag, quoted, skipped or given.get("translate") == "no"))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not data.strip() or any(skipped for _, _, skipped in self.open):
            return
        label = any(tag in LABELS for tag, _, _ in self.open) and not any(
            tag in ("td", "dd") for tag, _, _ in self.open
        )
        if any(quoted for _, quoted, _ in self.open):
            if label:
                self.quoted_labels.append(data.strip())
            return
        if bad := words(data):
            self.found.append(f"{' '.join(bad)} in: {data.strip()[:120]}")


def untranslated(page: str) -> list[str]:
    """English words of a Japanese page, with their texts: none should be left."""
    reader = _Reader()
    reader.feed(page)
    return [*reader.found, *(f"label in English: {text}" for text in reader.quoted_labels)]
