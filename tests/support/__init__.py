"""What several tests need: writers of captures, builders of packets."""
