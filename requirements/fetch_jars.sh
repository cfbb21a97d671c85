#!/usr/bin/env bash
# Fetch what a Maven file names into a cache, unless a jar of it is there.
# Usage: fetch_jars.sh WHAT POM JAR CACHE_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
for tool in java mvn; do
    command -v "$tool" >/dev/null || { echo "shirube: $tool is needed for $1" >&2; exit 1; }
done
mkdir -p "$4"
if [ ! -e "$4/$3" ]; then
    echo "shirube: fetching $1"
    mvn -q -B -f "$2" dependency:copy-dependencies -DoutputDirectory="$4" -DincludeScope=runtime
fi
