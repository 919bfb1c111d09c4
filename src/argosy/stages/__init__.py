"""The stages of a build, a file each: what it reads, what it does, what it writes."""
