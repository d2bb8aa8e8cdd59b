"""The talk by SMS: a state machine over plain values, without database."""
