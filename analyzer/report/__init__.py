"""Findings become text, markdown, HTML, JSON, in English and Chinese."""
