#!/bin/sh
# Show what alice has.
set -eu

curl -sS --fail-with-body "$API/credits/balance" -H "Authorization: Bearer $ALICE"
echo
