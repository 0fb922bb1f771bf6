"""The close of a period: its document, its states, the movements that tie, and the journal."""
