"""``python -m makeorbuy``."""

from makeorbuy.cli.main import main

main()
