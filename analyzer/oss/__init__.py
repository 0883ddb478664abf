"""What OSS reads in an exchange: bucket, key, credentials, strings to sign, the error answer."""
