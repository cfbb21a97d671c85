"""What is installed is what was looked at: sums of jars, licences and the bill of materials."""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import Marker

REPOSITORY = Path(__file__).parents[2]
REQUIREMENTS = REPOSITORY / "requirements"
BILL = json.loads((REPOSITORY / "docs/sbom.cdx.json").read_text())
# Licences under which a package may be part of a run: none forbids a use or binds our own code.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "IPA", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Zlib",
}  # fmt: skip
# Where the bill was made: markers of the lock are read as they hold there.
PLACE = {"python_version": "3.11", "python_full_version": "3.11.7", "platform_machine": "x86_64"}


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REQUIREMENTS / f"{name}.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def locked() -> dict[str, str]:
    """Package -> version of run.lock, for Python 3.11 on Linux."""
    found = {}
    for line in (REQUIREMENTS / "run.lock").read_text().splitlines():
        match = re.match(r"([A-Za-z0-9_.-]+)==([^ ;\\]+)(?: ; (.*?))? ?\\?$", line)
        if match and (not match[3] or Marker(match[3]).evaluate(PLACE)):
            found[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2]
    return found


def test_the_bill_of_materials_is_the_lock() -> None:
    bill = {re.sub(r"[-_.]+", "-", c["name"]).lower(): c["version"] for c in BILL["components"]}
    assert bill == locked()


@pytest.mark.parametrize("component", BILL["components"], ids=lambda c: c["name"])
def test_every_licence_is_stated_and_allowed(component: dict[str, object]) -> None:
    (licence,) = component["licenses"]  # type: ignore[misc]
    words = re.split(r" AND | OR |[()]", licence["expression"])
    assert {word for word in words if word} <= ALLOWED
    row = f"| {component['name']} | {component['version']} | {licence['expression']} |"
    assert row in (REPOSITORY / "docs/licences.md").read_text()


def package(**more: object) -> dict[str, object]:
    return {"name": "one", "version": "1", "vulns": [], **more}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([package()], 0, "1 of 1 packages looked up"),
        ([package(vulns=[{"id": "X-1", "fix_versions": ["2"]}])], 1, "one 1: X-1, mended in 2"),
        (
            [package(), package(skip_reason="not found")],
            3,
            "1 of 2 packages could not be looked up",
        ),
        (
            [package(skip_reason="not found"), package(vulns=[{"id": "X-1", "fix_versions": []}])],
            1,
            "no version yet",
        ),
    ],
)
def test_not_looked_up_is_not_none_known(
    packages: list[dict[str, object]], status: int, said: str
) -> None:
    found, lines = module("vulnerabilities").outcome({"dependencies": packages})
    assert found == status
    assert said in "\n".join(lines)


@pytest.fixture(name="tools")
def _tools(tmp_path: Path) -> Path:
    """A folder with a `java` and an `mvn` that "fetches" what lies in `served`."""
    tools = tmp_path / "tools"
    tools.mkdir()
    served = tmp_path / "served"
    served.mkdir()
    (tools / "java").write_text("#!/bin/sh\n")
    (tools / "mvn").write_text(
        "#!/bin/sh\n"
        "for word; do case $word in -DoutputDirectory=*) out=${word#*=};; esac; done\n"
        f'cp "{served}"/* "$out"\n'
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    return tools


@pytest.mark.parametrize(
    ("jars", "said"),
    [
        ({"a.jar": b"one", "b.jar": b"two"}, None),
        ({"a.jar": b"one", "b.jar": b"other"}, "b.jar: FAILED"),
        ({"a.jar": b"one"}, "b.jar: No such file"),
        ({"a.jar": b"one", "b.jar": b"two", "c.jar": b"more"}, "does not name: c.jar"),
    ],
)
def test_jars_are_held_against_their_sums(
    jars: dict[str, bytes], said: str | None, tools: Path, tmp_path: Path
) -> None:
    for name, content in jars.items():
        (tmp_path / "served" / name).write_bytes(content)
    (tmp_path / "x.xml").write_text("<project/>")
    sums = {"a.jar": b"one", "b.jar": b"two"}
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sums.items()]
    (tmp_path / "x.sha256").write_text("".join(lines))
    made = subprocess.run(
        [
            "bash", REQUIREMENTS / "fetch_jars.sh", "X", tmp_path / "x.xml", "a.jar",
            tmp_path / "cache",
        ],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert (made.returncode == 0) == (said is None), made.stderr
    assert (said or "") in made.stderr


@pytest.mark.parametrize("lock", ["run", "test", "cnvkit", "multiqc", "supply", "site"])
def test_every_package_of_a_lock_has_a_sum(lock: str) -> None:
    text = (REQUIREMENTS / f"{lock}.lock").read_text()
    entries = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", ["gatk", "fhir_validator"])
def test_every_jar_has_a_sum(name: str) -> None:
    lines = (REQUIREMENTS / f"{name}.sha256").read_text().splitlines()
    assert len(lines) > 10
    assert all(re.fullmatch(r"[0-9a-f]{64}  [A-Za-z0-9_.+-]+\.jar", line) for line in lines)
