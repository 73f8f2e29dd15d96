"""HTTP: sessions, second factors, and forgotten passwords."""
