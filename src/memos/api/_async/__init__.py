"""The SDK for asyncio programs, one module per area.

`_sync` is generated from this package by `python scripts/generate_sync_client.py`; change this one
and run that. A new method goes into the module of its area, a new area becomes a class that
`client.py` lists.
"""
