"""Processor time by stage: which part of the service it goes to while commands and events pass through it."""
