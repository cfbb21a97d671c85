#!/usr/bin/env bash
# Put CNVkit into an environment of its own (it brings pandas, R is not needed) and a `cnvkit.py`
# command beside the others. Usage: install_cnvkit.sh CACHE_DIRECTORY BIN_DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
echo "shirube: installing CNVkit"
[ -x "$cache/bin/python" ] || "$2/python" -m venv --without-pip "$cache"
"$2/uv" pip install --quiet --python "$cache/bin/python" --require-hashes -r "$here/cnvkit.lock"
cat >"$2/cnvkit.py" <<END
#!/bin/sh
MPLCONFIGDIR="$cache/matplotlib" exec "$cache/bin/python" "$cache/bin/cnvkit.py" "\$@"
END
chmod +x "$2/cnvkit.py"
"$2/cnvkit.py" version || { echo "install-cnvkit: cnvkit.py does not start" >&2; exit 1; }
