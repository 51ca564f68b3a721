"""Kibana: the data views and dashboards that Copydesk ships, and the call that imports them."""
