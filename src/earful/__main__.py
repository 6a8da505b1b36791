"""``python -m earful``."""

from earful.cli.app import main

if __name__ == "__main__":
    main()
