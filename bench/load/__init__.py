"""Load over HTTP, made by another process: `wrk` where it is installed, else our own."""
