"""Brings saved events to their topic."""
