"""The parts of the output that several commands share."""
