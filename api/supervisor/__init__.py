"""The process supervisor of `copydesk run`."""
