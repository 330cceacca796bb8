"""Make `evidence_making` importable here and in the tests of broken inputs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
