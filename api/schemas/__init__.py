"""What is posted and what is answered, a file a subject; what several need is in base."""
