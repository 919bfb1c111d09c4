"""The only composition root: builds, finished models at work, and services that sell, put together."""
