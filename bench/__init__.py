"""Measurements of the product, and the training of its models."""
