"""Real servers for the tests, each started by the suite on a free port in a temporary folder, and ended by it."""
