"""Hosts are visited and their URLs fetched."""
