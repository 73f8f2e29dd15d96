"""The microservice chassis: what every Kontor service needs to run, and nothing that any one service means."""
