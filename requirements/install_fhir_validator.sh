#!/usr/bin/env bash
# Fetch HAPI FHIR's validator into a cache and put a `fhir-validator` command beside the others.
# Usage: install_fhir_validator.sh CACHE_DIRECTORY BIN_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for tool in java mvn; do
    command -v "$tool" >/dev/null || { echo "install-fhir-validator: $tool is needed" >&2; exit 1; }
done
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
if ! compgen -G "$cache/hapi-fhir-validation-7.4.0.jar" >/dev/null; then
    echo "shirube: fetching HAPI FHIR 7.4.0"
    mvn -q -B -f "$here/fhir_validator.xml" dependency:copy-dependencies \
        -DoutputDirectory="$cache" -DincludeScope=runtime
fi
cat >"$2/fhir-validator" <<END
#!/usr/bin/env bash
exec java -Xmx3g -cp "$cache/*" "$here/ValidateFhir.java" "\$@" 2>/dev/null
END
chmod +x "$2/fhir-validator"
