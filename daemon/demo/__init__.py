"""The demo: a sample household, eight weeks of a spring, and the real cycle at simulated times."""
