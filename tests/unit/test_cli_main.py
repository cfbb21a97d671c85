"""The `shirube` command: subcommands found, one line for an error, status of each ending."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from shirube.cli import main as cli
from shirube.errors import InputError


def run_as(monkeypatch: pytest.MonkeyPatch, action: object) -> int:
    """Exit status of a subcommand whose main is `action`."""

    def parser_for(_: str | None) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser()
        parser.add_argument("command")
        parser.set_defaults(run=action)
        return parser

    monkeypatch.setattr(cli, "parser_for", parser_for)
    return cli.main(["probe"])


def test_commands_are_the_modules_of_the_package_but_main(tmp_path: Path) -> None:
    (tmp_path / "one_word.py").write_text('"""First line.\n\nMore."""\nimport nothing_there\n')
    for own in ("__init__.py", "main.py"):
        (tmp_path / own).write_text('"""Not a command."""')
    assert cli.commands(tmp_path) == {"one-word": "First line.\n\nMore."}


def test_every_command_has_help_and_both_functions() -> None:
    for name, text in cli.commands().items():
        assert text, f"{name}: no docstring, so no help"
        assert cli.parser_for(name)


def test_an_error_of_the_input_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise InputError("a.tsv", "a column\nsex", "row 3")

    assert run_as(monkeypatch, fail) == 1
    assert capsys.readouterr().err == "shirube probe: a.tsv: row 3: a column sex\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: argparse.Namespace) -> int:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        run_as(monkeypatch, fail)


def test_start_up_imports_no_command_and_no_table_library() -> None:
    code = (
        "import sys; from shirube.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "slow = {'polars', 'pysam', 'numba', 'scipy', 'cyvcf2'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["no-such-command"])
    assert ended.value.code == 2
    assert "no-such-command" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("shirube 0.")
