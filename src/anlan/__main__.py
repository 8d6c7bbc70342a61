"""`python -m anlan` is the `anlan` program."""

from anlan.cli import main

if __name__ == "__main__":
    main()
