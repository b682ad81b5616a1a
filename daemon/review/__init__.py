"""Reviewing the drafts: on a page in the browser, and in the terminal."""
