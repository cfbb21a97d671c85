#!/usr/bin/env bash
# Fetch GATK into a cache and put a `gatk` command beside the others of the environment.
# Usage: install_gatk.sh CACHE_DIRECTORY BIN_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
"$here/fetch_jars.sh" "GATK 4.6.2.0 (420 MB)" "$here/gatk.xml" gatk-4.6.2.0.jar "$cache"
cat >"$2/gatk" <<END
#!/usr/bin/env bash
# The JVM's own settings come from JAVA_OPTIONS; output is the same at any number of cores.
exec java \${JAVA_OPTIONS:--Xmx3g} -Dsamjdk.use_async_io_read_samtools=false \\
    -Dsamjdk.compression_level=2 -cp "$cache/*" org.broadinstitute.hellbender.Main "\$@"
END
chmod +x "$2/gatk"
"$2/gatk" --version 2>/dev/null | grep -m1 GATK || { echo "install-gatk: gatk does not start" >&2; exit 1; }
