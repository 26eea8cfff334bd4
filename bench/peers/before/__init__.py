"""The core of before as a peer, until the figures are written down; nothing else knows of it."""
