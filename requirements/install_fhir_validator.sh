#!/usr/bin/env bash
# Fetch HAPI FHIR's validator into a cache and put a `fhir-validator` command beside the others.
# Usage: install_fhir_validator.sh CACHE_DIRECTORY BIN_DIRECTORY   (needs java 17 and mvn)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
"$here/fetch_jars.sh" "HAPI FHIR 7.4.0" "$here/fhir_validator.xml" hapi-fhir-validation-7.4.0.jar "$cache"
cat >"$2/fhir-validator" <<END
#!/usr/bin/env bash
exec java -Xmx3g -cp "$cache/*" "$here/ValidateFhir.java" "\$@" 2>/dev/null
END
chmod +x "$2/fhir-validator"
