"""What Copydesk shows in Kibana: data views, panels and two dashboards, as saved objects.

aggregations   what a panel counts, and by what
charts         how it is drawn
objects        the form that Kibana keeps all of it in
newsroom       the dashboard for editors
operations     the dashboard for whoever runs the house
client         the call that imports them
"""
