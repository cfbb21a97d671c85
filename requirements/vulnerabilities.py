"""Look up the packages of a lock in a database of known vulnerabilities, with pip-audit.

  python requirements/vulnerabilities.py LOCK

Exit status: 0 none known, 1 some are, 3 not every package could be looked up (which is not the
same as none known: without a network this is how it ends).
"""

import json
import subprocess
import sys
from pathlib import Path


def outcome(report: dict[str, list[dict[str, object]]]) -> tuple[int, list[str]]:
    """Exit status and lines for what pip-audit reports, in its JSON."""
    packages = report["dependencies"]
    skipped = [str(one["name"]) for one in packages if "skip_reason" in one]
    lines, status = [], 0
    for one in packages:
        for found in one.get("vulns", []):  # type: ignore[attr-defined]
            status = 1
            fixed = ", ".join(found["fix_versions"]) or "no version yet"
            lines.append(f"{one['name']} {one['version']}: {found['id']}, mended in {fixed}")
    if skipped and not status:
        status = 3
    if skipped:
        lines.append(
            f"{len(skipped)} of {len(packages)} packages could not be looked up, {skipped[0]} first"
            ": is the database within reach?"
        )
    lines.append(f"{len(packages) - len(skipped)} of {len(packages)} packages looked up")
    return status, lines


def main(lock: str) -> int:
    """Look the lock's packages up and say what was found."""
    tool = Path(sys.executable).with_name("pip-audit")
    words = [str(tool), "-r", lock, "--disable-pip", "--no-deps", "-f", "json"]
    made = subprocess.run([*words, "--progress-spinner", "off"], capture_output=True, text=True)
    if not made.stdout.strip():
        print(f"pip-audit found no database: {made.stderr.strip().splitlines()[-1:]}")
        return 3
    status, lines = outcome(json.loads(made.stdout))
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
