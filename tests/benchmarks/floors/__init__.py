"""The simplest correct programs that a good engineer would write with the same libraries, each a process of its own."""
