#!/usr/bin/env bash
# Fetch what a Maven file names into a cache, unless a jar of it is there, and hold every jar
# against the sums beside the Maven file: gatk.xml's are gatk.sha256.
# Usage: fetch_jars.sh WHAT POM JAR CACHE_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
export LC_ALL=C
for tool in java mvn; do
    command -v "$tool" >/dev/null || { echo "shirube: $tool is needed for $1" >&2; exit 1; }
done
sums=$(realpath "${2%.xml}.sha256")
mkdir -p "$4"
if [ ! -e "$4/$3" ]; then
    echo "shirube: fetching $1"
    mvn -q -B -f "$2" dependency:copy-dependencies -DoutputDirectory="$4" -DincludeScope=runtime
fi
cd "$4"
sha256sum --quiet --strict --check "$sums" >&2 ||
    { echo "shirube: $1 is not what $(basename "$sums") says: nothing of it is used" >&2; exit 1; }
more=$(find . -maxdepth 1 -name '*.jar' -printf '%f\n' | sort | comm -23 - <(cut -d ' ' -f 3- "$sums" | sort))
[ -z "$more" ] || { echo "shirube: $1 brought jars that $(basename "$sums") does not name: $more" >&2; exit 1; }
