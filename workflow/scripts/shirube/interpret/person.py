"""Who is interpreted: the sheets' rows of one person, and what was asked."""

from dataclasses import dataclass, field

from shirube.errors import InputError

PROGRAMMES = ("cancer", "rare", "control")


@dataclass(frozen=True)
class Person:
    """One person. `normal` and `tumour` are sample names; hpo terms are observed, absent denied."""

    patient: str
    sex: str
    programme: str
    diagnosis: str | None = None
    affected: bool = True
    consent_secondary: str | None = None
    hpo: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    normal: str | None = None
    tumour: str | None = None
    father: str | None = None
    mother: str | None = None
    others: dict[str, str] = field(default_factory=dict)

    @property
    def wants_secondary(self) -> bool:
        """Secondary findings only on an explicit yes."""
        return self.consent_secondary == "yes"

    @property
    def refuses_secondary(self) -> bool:
        """An explicit no: then hereditary findings of a tumour test are withheld too."""
        return self.consent_secondary == "no"


def person(row: dict[str, str | None], normal: str | None, tumour: str | None) -> Person:
    """A person from a row of the sheet of people.

    Without a programme, a tumour makes a cancer patient, an affection or HPO terms a rare-disease
    patient, and anything else a control.
    """
    terms = [term for term in (row.get("hpo") or "").split(";") if term]
    observed = tuple(term for term in terms if not term.startswith("!"))
    programme = row.get("programme")
    if programme is None:
        rare = row.get("affected") == "yes" or bool(observed)
        programme = "cancer" if tumour else "rare" if rare else "control"
    if programme not in PROGRAMMES:
        raise InputError("patients", f"programme one of {', '.join(PROGRAMMES)}", programme)
    return Person(
        patient=str(row["patient"]),
        sex=row.get("sex") or "unknown",
        programme=programme,
        diagnosis=row.get("diagnosis"),
        affected=row.get("affected") != "no",
        consent_secondary=row.get("consent_secondary"),
        hpo=observed,
        absent=tuple(term[1:] for term in terms if term.startswith("!")),
        normal=normal,
        tumour=tumour,
        father=row.get("father"),
        mother=row.get("mother"),
    )
