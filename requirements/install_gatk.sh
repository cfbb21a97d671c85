#!/usr/bin/env bash
# Fetch GATK into a cache and put a `gatk` command beside the others of the environment.
# Usage: install_gatk.sh CACHE_DIRECTORY BIN_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for tool in java mvn; do
    command -v "$tool" >/dev/null || { echo "install-gatk: $tool is needed" >&2; exit 1; }
done
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
if ! compgen -G "$cache/gatk-4.6.2.0.jar" >/dev/null; then
    echo "shirube: fetching GATK 4.6.2.0 (420 MB)"
    mvn -q -B -f "$here/gatk.xml" dependency:copy-dependencies \
        -DoutputDirectory="$cache" -DincludeScope=runtime
fi
cat >"$2/gatk" <<END
#!/usr/bin/env bash
# The JVM's own settings come from JAVA_OPTIONS; output is the same at any number of cores.
exec java \${JAVA_OPTIONS:--Xmx3g} -Dsamjdk.use_async_io_read_samtools=false \\
    -Dsamjdk.compression_level=2 -cp "$cache/*" org.broadinstitute.hellbender.Main "\$@"
END
chmod +x "$2/gatk"
"$2/gatk" --version 2>/dev/null | grep -m1 GATK || { echo "install-gatk: gatk does not start" >&2; exit 1; }
