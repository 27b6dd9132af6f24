"""The settings, one class per concern; `schema.Settings` joins them."""
