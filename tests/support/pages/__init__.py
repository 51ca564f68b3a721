"""Pages and articles for tests."""
