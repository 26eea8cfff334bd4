#!/bin/sh
# Buy the first package on sale through Stripe Checkout, pay, and see it credited.
set -eu

field() {
    grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

get() {
    curl -sS --fail-with-body --retry 3 "$API$1" -H "Authorization: Bearer $ALICE"
}

package=$(curl -sS --fail-with-body "$API/credits/packages" | field id)

# Where Stripe sends the buyer afterwards: under an origin that CORS_ORIGINS allows.
purchase=$(curl -sS --fail-with-body "$API/credits/purchase" \
    -H "Authorization: Bearer $ALICE" -H "Content-Type: application/json" \
    -d "{\"packageId\": \"$package\", \"successUrl\": \"http://localhost:3000/thanks\",
        \"cancelUrl\": \"http://localhost:3000/shop\"}")
echo "$purchase"

# The buyer's browser goes to checkoutUrl. Here nobody looks, so this presses the button "Pay".
curl -sS --fail-with-body -X POST "$(echo "$purchase" | field checkoutUrl)/pay"

# Only Stripe's webhook credits a purchase, a moment later. The success page waits for it.
purchase=$(echo "$purchase" | field purchaseId)
tries=0
until get "/credits/purchase/$purchase" | grep '"status":"completed"'; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || { echo "not paid yet: it will be credited as soon as it is" && exit 1; }
    sleep 0.5
done
echo
get /credits/balance
echo
