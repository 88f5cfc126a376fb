#!/bin/sh
# Turn secret files into settings: /run/secrets/edo_database_url becomes EDO_DATABASE_URL. Then become the service, so
# that signals reach it. A file that cannot be read stops the start: a service without its secret must not run.
set -eu
for file in "${SECRETS_DIR:-/run/secrets}"/edo_*; do
    [ -e "$file" ] || continue
    name=$(basename "$file" | tr '[:lower:]' '[:upper:]')
    value=$(cat "$file")
    export "$name=$value"
done
exec "$@"
