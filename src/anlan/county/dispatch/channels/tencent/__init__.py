"""Short messages through Tencent Cloud, a hundred in one request."""
