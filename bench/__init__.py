"""Measurements and endurance runs against a real server. No part of the product imports this."""
