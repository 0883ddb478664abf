"""Makes the sample captures: a stand-in for OSS, real clients, and a relay that writes down what they exchange."""
