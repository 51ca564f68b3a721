"""`copydesk run`: the whole stack in the foreground."""
