"""The interfaces of Copydesk: commands, HTTP API, web pages and the process supervisor."""
