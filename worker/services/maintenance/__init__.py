"""Maintenance: audit, retention, rebuild of the index, restore."""
