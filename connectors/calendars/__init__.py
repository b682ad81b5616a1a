"""Calendars as sets of iCalendar resources, and what makes meetings out of their bytes."""
