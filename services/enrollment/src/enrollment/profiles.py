"""Looking into the membership registry, and filling it."""

import asyncio
from collections.abc import Sequence
from itertools import batched
