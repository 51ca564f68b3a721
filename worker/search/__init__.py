"""The parts of search that do not depend on the backend."""
