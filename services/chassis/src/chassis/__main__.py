"""``python -m chassis topics``: the job that creates the topics."""

import sys

from chassis.lifecycle.topics import main

if __name__ == "__main__":
    if sys.argv[1:] != ["topics"]:
        sys.exit("usage: python -m chassis topics")
    main()
