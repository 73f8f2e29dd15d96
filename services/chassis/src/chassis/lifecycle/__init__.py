"""The life of a process: signals, waiting for servers, serving, health, the job that creates topics."""
