"""What tests of applications and of stores need: a clock of one's own, records, and the proof of a store."""
