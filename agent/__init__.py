"""The advisor: model, advice, command line and page."""
