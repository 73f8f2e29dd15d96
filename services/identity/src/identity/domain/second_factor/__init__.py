"""A user's second factor: time-based one-time codes (RFC 6238), recovery codes, and the grace period to set one up. Pure.

The caller opens the secret and checks the code; this package decides whether it counts. A code counts once. Wrong codes
lock the factor for a growing time, because six digits are quickly guessed.
"""
