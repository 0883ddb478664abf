"""ossig: from a packet capture to the reason why object storage refused a signature."""
