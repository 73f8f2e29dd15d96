"""A whole Kubernetes on this machine, with real pods, and Kontor's chart on it. Needs root on Linux; no engine, no registry.

Everything runs in namespaces of its own: network, mounts and processes of the machine stay as they are, and the end of one
process is the end of all. Development and tests only.
"""
