"""Work that nobody asks for: what time has done, events, seals, the comparison with Stripe."""
