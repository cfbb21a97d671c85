"""The errors a user can cause, and how they are said.

Every message names the file, the place in it and what was expected, on one line.
"""


class ShirubeError(Exception):
    """Base of all errors that are the input's fault; shown without a traceback."""


class InputError(ShirubeError):
    """A file does not hold what it should.

    `file` is the path as the user wrote it; `where` a row, column, key or coordinate (1-based).
    """

    def __init__(self, file: object, expected: str, where: str = "") -> None:
        self.file, self.where, self.expected = str(file), where, expected
        super().__init__(": ".join(part for part in (self.file, where, expected) if part))


class ContractError(ShirubeError):
    """A table does not have the columns, key or order its contract promises."""


class ToolError(ShirubeError):
    """A child process failed; the message holds the command and its last words."""
