"""The command line: each command calls the job of the same name."""

from earful.cli.app import app, main

__all__ = ["app", "main"]
