#!/bin/sh
# Makes the secrets that compose.yaml names, at random, in the folder "secrets" beside it; those that are there stay.
# Usage: sh deploy/docker/make-secrets.sh [FOLDER]
set -eu
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# The folder keeps others on this machine out. The files are read in containers, by users that it does not know.
chmod 0700 "$folder"

keep() {
    if [ ! -e "$folder/$1" ]; then
        printf '%s' "$2" >"$folder/$1"
        chmod 0444 "$folder/$1"
    fi
}

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

keep owner_password "$(random)"
keep api_password "$(random)"
keep migration_database_url "postgresql://postgres:$(cat "$folder/owner_password")@postgres/mana_credits"
keep database_url "postgresql://mana_api:$(cat "$folder/api_password")@postgres/mana_credits"
keep service_key "first:$(random)"
keep metrics_token "$(random)"
# From Stripe's dashboard; empty: nothing can be bought.
keep stripe_secret_key ''
keep stripe_webhook_secret ''
