"""Lets the tests of this folder use its scenes, whatever is run alone."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
