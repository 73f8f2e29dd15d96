from kontor_local.cli import app

app()
