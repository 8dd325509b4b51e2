"""`python -m monlvs` is the `monlvs` command."""

from monlvs.cli import main

if __name__ == "__main__":
    main()
