"""`python -m arrisk` is the `arrisk` program."""

from arrisk.cli import main

if __name__ == "__main__":
    main()
