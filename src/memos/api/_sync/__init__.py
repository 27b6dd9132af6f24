"""The SDK for blocking programs, generated from `_async`."""
