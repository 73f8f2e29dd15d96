"""How fast Kontor is, always beside a floor: the same job done on the same servers without what Kontor promises."""
