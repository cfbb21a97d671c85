"""What `shirube check` has to say: problems that stop a run, and notes that do not."""

from dataclasses import dataclass, field

from shirube.errors import InputError

SHOWN = 60  # characters of an offending value that are shown


def shown(value: object) -> str:
    """A value as it is put into a message: quoted, on one line, cut at SHOWN characters."""
    text = str(value)
    text = text if len(text) <= SHOWN else text[:SHOWN] + "..."
    return (
        "'"
        + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
        + "'"
    )


def line(text: str) -> str:
    """`text` on one line, every character that is not printable escaped."""
    spaced = " ".join(text.split())
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in spaced
    )


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the file, the place in it, and what was expected there."""

    file: str
    where: str
    expected: str

    def __str__(self) -> str:
        return line(": ".join(part for part in (self.file, self.where, self.expected) if part))


@dataclass
class Outcome:
    """All problems and notes of one check, in the order they were met; each is kept once."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _reported: set[object] = field(default_factory=set, repr=False)

    def problem(self, file: object, where: str, expected: str) -> None:
        """Record that something is not as it must be."""
        found = Problem(str(file), where, expected)
        if found not in self._reported:
            self._reported.add(found)
            self.problems.append(found)

    def error(self, error: InputError) -> None:
        """Record an error that a reader of the package raised."""
        self.problem(error.file, error.where, error.expected)

    def note(self, text: str) -> None:
        """Record something the user should know before the run."""
        if line(text) not in self._reported:
            self._reported.add(line(text))
            self.notes.append(line(text))

    def extend(self, other: "Outcome") -> None:
        """Take over everything another check found."""
        for found in other.problems:
            self.problem(found.file, found.where, found.expected)
        for text in other.notes:
            self.note(text)
