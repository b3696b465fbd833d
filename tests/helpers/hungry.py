"""A reader that takes more memory than it may, as a process."""

import sys

from agent.web.reading import main

if __name__ == "__main__":
    sys.modules["agent.web.reading"].__dict__["read_file"] = lambda *_, **__: bytearray(2**31)
    main()
