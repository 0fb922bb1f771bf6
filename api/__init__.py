"""The HTTP service over `arrisk`, one router per role; started by `arrisk serve`."""
