"""The settings: their definitions, their sources and the folders they name."""
