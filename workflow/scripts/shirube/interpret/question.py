"""Which genes a person's question covers, and under which heading a gene's finding comes.

The genes are settled before any allele is looked at: by the programme, the consent, and for a
rare disease by phenotype and diagnosis.
"""

from dataclasses import dataclass

from shirube.interpret.inputs import Knowledge
from shirube.interpret.person import Person

TIED_P = 0.01


@dataclass(frozen=True)
class Question:
    """Genes of the question: `only` these (None: every gene) but not the `withheld`.

    main: heading of its findings; secondary: listed genes the question itself does not ask for,
    with the rule of the list that says when they are reported.
    """

    main: str
    only: frozenset[str] | None
    withheld: frozenset[str]
    secondary: dict[str, str]

    def asks(self, gene: str | None) -> bool:
        """Whether alleles of the gene are looked at."""
        if gene in self.withheld:
            return False
        return self.only is None or gene in self.only

    def section(self, gene: str | None) -> str:
        """Heading of a finding in the gene."""
        return "secondary" if gene in self.secondary else self.main


def tied_genes(person: Person, knowledge: Knowledge, genes: list[str]) -> set[str]:
    """Of `genes`, those that the phenotype or the diagnosis asks for; alleles are not looked at."""
    tied: set[str] = set()
    if knowledge.phenotypes is not None:
        found = knowledge.phenotypes.matches(person.hpo, person.absent, genes)
        tied |= {gene for gene, match in found.items() if match.p <= TIED_P}
    if person.diagnosis:
        asked = knowledge.same_disease(person.diagnosis)
        for gene in genes:
            known = knowledge.genes.of(gene)
            names = {d["omim"] for d in known.diseases} | {
                n[key] for n in known.nando for key in ("omim", "mondo", "nando")
            }
            if not asked.isdisjoint(names):
                tied.add(gene)
    return tied


def question_of(person: Person, knowledge: Knowledge) -> Question:
    """The question a person's germline is asked.

    Rare disease: every gene, but those of the secondary list only where phenotype or diagnosis
    ask for them, or on consent. Cancer: genes of hereditary tumours, unless refused. Anyone:
    the secondary list on consent.
    """
    listed = knowledge.column("secondary_findings", "gene", "report")
    if person.programme == "rare" and person.affected:
        untied = set(listed) - tied_genes(person, knowledge, sorted(listed))
        withheld = frozenset() if person.wants_secondary else frozenset(untied)
        return Question("rare", None, withheld, {g: listed[g] for g in untied - withheld})
    asked: set[str] = set()
    if person.programme == "cancer" and not person.refuses_secondary:
        asked = set(knowledge.hereditary)
    extra = {g: rule for g, rule in listed.items() if person.wants_secondary and g not in asked}
    return Question("germline", frozenset(asked | set(extra)), frozenset(), extra)
