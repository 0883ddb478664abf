"""``python -m analyzer`` is the command ``ossig``."""

from analyzer.cli.main import run

if __name__ == "__main__":
    run()
