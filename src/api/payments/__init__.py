"""Payments through Stripe: what is asked of it, and what it reports."""
