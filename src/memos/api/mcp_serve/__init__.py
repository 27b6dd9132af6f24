"""Memory as tools of the Model Context Protocol, over the Cloud API of a running server.

The protocol library is imported by the modules here, so nothing else may import them at its top.
"""
