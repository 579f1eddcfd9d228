"""The command, installed as `canlock` and run by `python -m canlock`."""


def main() -> None:
    """Run the command line.

    It is imported here: a process that is started for the captures of a folder reads this module
    once more, and has no use for a command line.
    """
    from canlock.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
