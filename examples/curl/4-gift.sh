#!/bin/sh
# A gift: alice makes a code, anybody may look at it, bob redeems it.
set -eu

post() {
    curl -sS -w '\n' --fail-with-body --retry 3 "$API$2" -d "$3" \
        -H "Authorization: Bearer $1" -H "Content-Type: application/json"
}

field() {
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

gift=$(post "$ALICE" /gifts "{\"totalCredits\": 10, \"message\": \"Enjoy!\",
    \"idempotencyKey\": \"gift-$(date +%s)-$$\"}")
echo "$gift"
code=$(echo "$gift" | field code)

echo "What a friend sees who opens the link:"
curl -sS --fail-with-body "$(echo "$gift" | field url)" |
    sed -n 's/<title>\(.*\)<\/title>/\1/p'
curl -sS --fail-with-body "$API/gifts/$code"
echo

# A tap on a slow network is often two: the same key gets the same answer, and the credits once.
tap="{\"idempotencyKey\": \"tap-$(date +%s)-$$\"}"
post "$BOB" "/gifts/$code/redeem" "$tap"
post "$BOB" "/gifts/$code/redeem" "$tap"

echo "Without the key it is another attempt, and too late:"
post "$BOB" "/gifts/$code/redeem" '{}' || true
