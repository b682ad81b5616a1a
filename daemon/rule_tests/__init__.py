"""Tests of the rules, as the user writes them: a world is set up, the planner plans, and the drafts are compared."""
