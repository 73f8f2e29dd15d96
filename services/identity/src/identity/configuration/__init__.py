"""Parts of the settings: who signs in through another issuer, and whose pages send people here."""
