"""The pipeline of Copydesk: fetching, extraction, storage and the use cases on top of them."""
