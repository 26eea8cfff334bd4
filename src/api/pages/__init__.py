"""Pages for people, in HTML; everything else that this service answers is for programs."""
