"""Reading a mail as it was stored. Pure: bytes in, plain values out, never an exception for
what somebody sent."""
