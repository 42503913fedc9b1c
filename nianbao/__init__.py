"""Reproducible annual and quarterly reports for a district justice bureau."""

__version__ = "0.1.0"
