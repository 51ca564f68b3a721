"""How people and programs use Copydesk: commands, HTTP API, web pages and the process supervisor."""
