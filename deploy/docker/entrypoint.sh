#!/bin/sh
# Runs a command after turning secrets that are files into the variables that it reads:
# NAME_FILE=/run/secrets/… sets NAME to what the file holds.
set -eu
for name in DATABASE_URL MIGRATION_DATABASE_URL RECONCILE_DATABASE_URL MANA_SERVICE_KEY \
    STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET METRICS_TOKEN; do
    eval "file=\${${name}_FILE:-}"
    if [ -n "$file" ]; then
        value=$(cat "$file")
        export "$name=$value"
    fi
done
exec "$@"
