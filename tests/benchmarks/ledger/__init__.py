"""The service that is measured: as little domain as there can be, so that what costs is Kontor's own."""
