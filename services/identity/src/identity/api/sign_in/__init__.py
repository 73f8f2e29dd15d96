"""HTTP: sign-up, tokens, and every other way to prove who one is."""
