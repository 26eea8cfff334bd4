"""Events: put in order, delivered to webhooks, and deleted when everybody is done with them."""
