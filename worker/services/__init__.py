"""The use cases: functions that commands, API and tasks call. Each takes the `AppContext`.

intake       URLs are accepted; archives are imported and replayed
ledger       rows are admitted and looked up; duplicates lead to their article
crawl        hosts are visited, lost crawls are queued again
digest       pages are read and written to the index
sources      feeds, sitemaps and section pages are visited on a schedule
articles     articles are taken down; earlier texts are kept
alerts       saved searches are matched and delivered to webhooks
maintenance  audit, retention, rebuild, restore
monitoring   numbers for a monitor
"""
