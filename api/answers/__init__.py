"""From what the library gives to what is answered, a file a subject; what several need is in base."""
