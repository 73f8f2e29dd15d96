"""The program, played from an enrollment to a customer that reseller and provider share, as its users would do it."""
