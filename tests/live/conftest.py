"""Lets the tests of this folder use its builders, whatever is run alone."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
