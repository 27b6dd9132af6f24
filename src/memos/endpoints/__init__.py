"""What every model that is reached or run shares: tries, breaker, places, and who pays."""
