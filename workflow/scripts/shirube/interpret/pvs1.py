"""PVS1 by the decision tree of the ClinGen SVI working group (Abou Tayoun 2018, PMID 30192042).

Strength depends on whether the transcript is decayed (NMD), which is judged where translation now
stops; on how much of the protein is lost; and on whether loss of function is how the gene makes
disease.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from shirube.interpret.consequence import SPLICE_SITE, any_of
from shirube.interpret.curated import read_curated
from shirube.interpret.rules import TABLE, Rule, Rules, general
from shirube.reasons import Reason, because

VERY_STRONG, STRONG, MODERATE, SUPPORTING = 8, 4, 2, 1
_SHIFT = re.compile(r"^p\.\(?[A-Za-z]{3}(\d+)[A-Za-z]{3}?fs(?:Ter|\*)(\d+|\?)\)?$")
# Residues before a new stop in frame: p.Ser1301_Leu1303delinsValAsnTer stops at 1303.
_REPLACED = re.compile(
    r"^p\.\(?[A-Z][a-z]{2}(\d+)(?:_[A-Z][a-z]{2}\d+)?(delins|ins)((?:[A-Z][a-z]{2})*Ter)\)?$"
)
_SITE = re.compile(r"^c\.([-*]?\d+[+-]\d+)[ACGT]>([ACGT])$")
_DUPLICATION = re.compile(r"^c\.[-*]?\d+([+-]\d+)?(?:_[-*]?\d+([+-]\d+)?)?dup")


@dataclass(frozen=True)
class Region:
    """Residues first to last of a protein that its function needs, by a source."""

    first: int
    last: int
    name: str
    source: str


@cache
def critical_regions() -> Mapping[str, tuple[Region, ...]]:
    """Regions critical to function by gene, in residues of its MANE Select protein."""
    out: dict[str, tuple[Region, ...]] = defaultdict(tuple)
    for row in read_curated(TABLE.with_name("critical_regions.tsv")).rows(named=True):
        source = row["source"] + ("" if row["verified"] == "yes" else ", unverified")
        found = Region(int(row["first"]), int(row["last"]), row["name"], source)
        out[row["gene"]] += (found,)
    return dict(out)


@dataclass(frozen=True)
class Transcript:
    """Coding lengths of a transcript's exons, 5' to 3' of the gene; stop codon included."""

    coding: tuple[int, ...]

    @property
    def length(self) -> int:
        """Coding bases."""
        return sum(self.coding)

    @property
    def residues(self) -> int:
        """Residues of the protein: codons without the stop."""
        return self.length // 3 - 1

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> "Transcript":
        """From a row of GENE_MODELS."""
        start, end = model["cds_start"], model["cds_end"]
        spans = zip(model["exon_starts"], model["exon_ends"], strict=True)
        coding = [max(0, min(e, end) - max(s, start)) for s, e in spans]
        return cls(tuple(reversed(coding)) if model["strand"] == "-" else tuple(coding))

    @property
    def last_junction(self) -> int | None:
        """Coding bases before the last coding exon; None for a single one.

        Junctions behind the natural stop are not counted: the natural stop lies before them too,
        and its transcript is not decayed.
        """
        exons = [exon for exon in self.coding if exon]
        return sum(exons[:-1]) if len(exons) > 1 else None

    def decayed(self, codon: int, margin: int = 50, shift: int = 0) -> bool:
        """Whether a stop at `codon` (1-based, of the changed sequence) triggers decay.

        A stop in the last exon, or in the last `margin` bases of the one before, escapes it; so
        does any stop in a transcript of one exon. `shift`: bases the change adds before it.
        """
        junction = self.last_junction
        return junction is not None and codon * 3 <= junction + shift - margin


@dataclass(frozen=True)
class Loss:
    """What decides PVS1 beside the allele and its transcript.

    critical: regions the protein needs, else those of `critical_regions`; start_pathogenic:
    pathogenic changes between the start and the next in-frame start; other_start: another
    transcript that is used starts elsewhere; frequent: loss of function of the exon is frequent in
    the population; relevant: the exon is in the transcripts that matter. None is not known.
    """

    critical: Sequence[Region] = ()
    start_pathogenic: int | None = None
    other_start: bool | None = None
    frequent: bool | None = None
    relevant: bool | None = None


def new_stop(allele: Mapping[str, Any]) -> int | None:
    """Codon, of the changed sequence, at which translation now stops; None where not known.

    `new_stop` of the allele, else by the name of its protein change.
    """
    if allele.get("new_stop"):
        return int(allele["new_stop"])
    if replaced := _REPLACED.match(allele.get("hgvs_p") or ""):
        first, kind, residues = int(replaced[1]), replaced[2], len(replaced[3]) // 3
        return first + residues - (kind == "delins")
    if any_of(("stop_gained",), allele.get("consequence")):
        return allele.get("protein_pos")
    found = _SHIFT.match(allele.get("hgvs_p") or "")
    if not found or found[2] == "?":
        return None
    return int(found[1]) + int(found[2]) - 1


def strength(
    allele: Mapping[str, Any],
    mechanism: str | None,
    transcript: Transcript | None,
    loss: Loss | None = None,
    rules: Rules | None = None,
) -> tuple[int, Reason]:
    """Points of PVS1 (0: not met) and the path through the tree.

    `allele` has consequence, protein_pos, exon, and where known hgvs_c, hgvs_p, ref, alt;
    `mechanism` is `loss` where loss of function is known to cause disease, `suggested` where only
    constraint says so (one step weaker), another word where it is known not to, None where unknown.
    """
    if mechanism not in ("loss", "suggested"):
        named = (
            because("loss.mechanism", mechanism=mechanism) if mechanism else because("loss.unknown")
        )
        return 0, named
    rule, path = _Tree(allele, transcript, loss or Loss(), rules or general()).path()
    points = (rule.points or 0) if rule else 0
    if rule and rule.gene and rule.rule != "PVS1.to":
        path = path.and_(because("loss.own_rule", source=rule.cited))
    if mechanism == "suggested" and points:
        return points // 2, path.and_(because("loss.suggested"))
    return points, path


@dataclass(frozen=True)
class _Tree:
    """The tree for one allele; each branch gives the rule it ends at (None: not met) and why."""

    allele: Mapping[str, Any]
    transcript: Transcript | None
    loss: Loss
    rules: Rules

    def path(self) -> tuple[Rule | None, Reason]:
        consequence = self.allele.get("consequence")
        if any_of(("transcript_ablation",), consequence):
            return self._at("whole"), because("loss.whole")
        if self.loss.relevant is False:
            return self._at("irrelevant"), because("loss.irrelevant")
        if any_of(("stop_gained", "frameshift_variant"), consequence) and not self._only_spliced():
            return self._stop()
        if any_of(("exon_deletion",), consequence):
            return self._deletion()
        if any_of(("exon_duplication",), consequence):
            return self._duplication()
        if any_of(SPLICE_SITE, consequence):
            return self._splice()
        if any_of(("start_lost",), consequence):
            return self._start()
        return None, because("loss.none", consequence=consequence)

    def _at(self, leaf: str) -> Rule:
        return self.rules[f"PVS1.{leaf}"]

    def _only_spliced(self) -> bool:
        """Whether a splice site is hit and no residue is named: the site is what can be judged."""
        unnamed = self.allele.get("protein_pos") is None and new_stop(self.allele) is None
        return unnamed and any_of(SPLICE_SITE, self.allele.get("consequence"))

    def _stop(self) -> tuple[Rule | None, Reason]:
        first, stop = self.allele.get("protein_pos"), new_stop(self.allele)
        if self.transcript is None or (first is None and stop is None):
            return self._at("no_model"), because("loss.no_model")
        through = (self.allele.get("hgvs_p") or "").rstrip(")").endswith("?")
        judged = stop if stop is not None else first
        assert judged is not None
        if own := self._own_range(judged):
            return own
        shift = _added(self.allele)
        margin = int(self.rules.number("PVS1.margin"))
        if not through and self.transcript.decayed(judged, margin, shift):
            reason = because("loss.decayed", codon=judged)
            return self._at("decayed"), reason if stop else reason.and_(
                because("loss.stop_unknown")
            )
        path = because("loss.beyond") if through else because("loss.escaping", codon=judged)
        return self._shortened(first or judged, self.transcript.residues, path)

    def _own_range(self, codon: int) -> tuple[Rule, Reason] | None:
        """Where a gene's specification says which stops are as good as decay."""
        low, high = self._at("from"), self._at("to")
        if high.threshold is None:
            return None
        if not high.holds(codon) or (low.threshold is not None and not low.holds(codon)):
            return None
        return high, because("loss.specified", codon=codon, source=high.cited)

    def _shortened(
        self, first: int, last: int, path: Reason, critical: str = "critical"
    ) -> tuple[Rule, Reason]:
        """What is left of the tree where the transcript is not decayed: residues first to last.

        `critical` is the leaf where they are of a region the protein needs.
        """
        assert self.transcript is not None
        needed = self.loss.critical or critical_regions().get(self.allele.get("gene") or "", ())
        touched = [r for r in needed if r.first <= last and first <= r.last]
        if touched:
            named = "; ".join(f"{r.name} ({r.source})" for r in touched)
            return self._at(critical), path.and_(because("loss.critical", names=named))
        if self.loss.frequent:
            return self._at("frequent"), path.and_(because("loss.frequent"))
        share = max(0, last - first + 1) / self.transcript.residues
        large = self._at("share").holds(share)
        lost = path.and_(because("loss.share", lost=f"{share:.0%}"))
        return self._at("large" if large else "small"), lost

    def _exon(self) -> int | None:
        """The exon of a splice site. Donor of intron n: exon n; acceptor of intron n: n + 1."""
        place = (self.allele.get("exon") or "").split("/")[0]
        if not place.lstrip("i").isdigit():
            return None
        number = int(place.lstrip("i"))
        acceptor = any_of(("splice_acceptor_variant",), self.allele.get("consequence"))
        return number + 1 if place.startswith("i") and acceptor else number

    def _splice(self) -> tuple[Rule | None, Reason]:
        if _site_whole(self.allele):
            return self._at("site_kept"), because("loss.site_kept")
        if listed := self._listed():
            return listed
        exon = self._exon()
        if self.transcript is None or exon is None:
            return self._at("no_model"), because("loss.splice_no_model")
        if not 1 <= exon <= len(self.transcript.coding):
            return self._at("no_model"), because("loss.splice_no_exon")
        if not self.transcript.coding[exon - 1]:
            return self._at("non_coding"), because("loss.splice_noncoding", exon=exon)
        return self._without(exon, exon, "critical_splice", "start_skipped")

    def _listed(self) -> tuple[Rule, Reason] | None:
        """What the gene's specification says of this very splice site; None if nothing.

        It counts bases on the MANE Select transcript.
        """
        found = _SITE.match(self.allele.get("hgvs_c") or "")
        if not found or self.allele.get("mane", "MANE Select") != "MANE Select":
            return None
        rule = self.rules.site(found[1], found[2])
        return (rule, because("loss.site_listed", site=found[1])) if rule else None

    def _without(
        self, first: int, last: int, critical: str = "critical", start: str = "start"
    ) -> tuple[Rule, Reason]:
        """Exons first to last (of all exons, 1-based) are not in the transcript.

        `critical` and `start`: leaves where a region the protein needs, or the start, goes too.
        """
        assert self.transcript is not None
        coding = self.transcript.coding
        before = sum(coding[: first - 1])
        size = sum(coding[first - 1 : last])
        behind = sum(coding[last:])
        from_codon = before // 3 + 1
        named = f"{first}" if first == last else f"{first} to {last}"
        if before == 0:
            return self._start(because("loss.skips_start", exon=named), start)
        if behind == 0:
            path = because("loss.skips_last", exon=named)
            return self._shortened(from_codon, self.transcript.residues, path, critical)
        if size % 3 == 0:
            path = because("loss.frame_kept", exon=named)
            return self._shortened(from_codon, (before + size) // 3, path, critical)
        path = because("loss.shifted", exon=named)
        stop = self.allele.get("new_stop")
        margin = int(self.rules.number("PVS1.margin"))
        if stop:
            decayed = self.transcript.decayed(int(stop), margin, -size)
        else:
            # The shifted frame stops somewhere behind the exon: room for it before the last
            # bases of the exon before the last is what is known without the sequence.
            junction = self.transcript.last_junction
            decayed = junction is not None and before + size < junction - margin
        if decayed:
            return self._at("decayed"), path.and_(because("loss.decay_expected"))
        path = path.and_(because("loss.stops_late"))
        return self._shortened(from_codon, self.transcript.residues, path, critical)

    def _deletion(self) -> tuple[Rule, Reason]:
        found = _exons(self.allele)
        if self.transcript is None or found is None:
            return self._at("no_model"), because("loss.splice_no_model")
        first, last = found
        coding = self.transcript.coding
        if not sum(coding[first - 1 : last]):
            return self._at("non_coding"), because(
                "loss.splice_noncoding", exon=f"{first} to {last}"
            )
        if sum(coding[: first - 1]) == sum(coding[last:]) == 0:
            return self._at("whole"), because("loss.whole")
        return self._without(first, last)

    def _duplication(self) -> tuple[Rule | None, Reason]:
        """`tandem` of the allele: proven, presumed, or no where it is known to lie elsewhere."""
        found, tandem = _exons(self.allele), self.allele.get("tandem")
        if tandem == "no":
            return self._at("elsewhere"), because("loss.copied_elsewhere")
        if self.transcript is None or found is None:
            return None, because("loss.splice_no_model")
        first, last = found
        size = sum(self.transcript.coding[first - 1 : last])
        inside = sum(self.transcript.coding[: first - 1]) and sum(self.transcript.coding[last:])
        # The shifted frame begins with the second copy.
        at = sum(self.transcript.coding[:last])
        junction = (self.transcript.last_junction or 0) - int(self.rules.number("PVS1.margin"))
        if size % 3 == 0 or not inside or at >= junction:
            return None, because("loss.copied_frame", exon=f"{first} to {last}")
        leaf = "tandem_proven" if tandem == "proven" else "tandem"
        return self._at(leaf), because(
            "loss.copied", exon=f"{first} to {last}", tandem=tandem or "–"
        )

    def _start(self, after: Reason | None = None, leaf: str = "start") -> tuple[Rule, Reason]:
        def told(reason: Reason) -> Reason:
            return after.and_(reason) if after else reason

        if self.loss.other_start:
            return self._at("start_other"), told(because("loss.start_other"))
        if self._at("start_silent").holds(self.loss.start_pathogenic):
            return self._at("start_silent"), told(because("loss.start_silent"))
        return self._at(leaf), told(because("loss.start"))


def _exons(allele: Mapping[str, Any]) -> tuple[int, int] | None:
    """First and last exon of `exon`: "3/7", "3-5/7"."""
    found = re.match(r"^(\d+)(?:-(\d+))?(?:/\d+)?$", allele.get("exon") or "")
    return (int(found[1]), int(found[2] or found[1])) if found else None


def _added(allele: Mapping[str, Any]) -> int:
    """Bases an allele adds to the coding sequence; 0 where its bases are not known."""
    ref, alt = allele.get("ref"), allele.get("alt")
    return len(alt) - len(ref) if ref and alt else 0


def _site_whole(allele: Mapping[str, Any]) -> bool:
    """Whether a duplication leaves a whole splice site in front of, or behind, an unchanged exon.

    Up to the end of the first copy, and from the start of the second, the sequence is as it was. A
    donor is whole if the copied bases end two or more bases into its intron, an acceptor if they
    start two or more bases before its exon.
    """
    found = _DUPLICATION.match(allele.get("hgvs_c") or "")
    if not found:
        return False
    start, end = (int(offset or 0) for offset in (found[1], found[2] or found[1]))
    donor = any_of(("splice_donor_variant",), allele.get("consequence"))
    acceptor = any_of(("splice_acceptor_variant",), allele.get("consequence"))
    return (not donor or end >= 2) and (not acceptor or start <= -2)
