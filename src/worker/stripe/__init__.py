"""Work with Stripe: what lost webhooks left open, customers of erased persons."""
