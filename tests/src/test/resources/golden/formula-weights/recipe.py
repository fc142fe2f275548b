"""Recipe of the SHA-256 in FormulaWeightsTest: the weights file of the small cfg, without Java.

Run: python3 recipe.py
"""

import hashlib
import math
import struct

MASK = (1 << 64) - 1
STATE = 42


def unit():
    """The next number of SplitMix64 in [0, 1), 24 bits of it."""
    global STATE
    STATE = (STATE + 0x9E3779B97F4A7C15) & MASK
    z = STATE
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) >> 40) * 2.0**-24


def signed():
    return 2 * unit() - 1


# filters, channels of one filter, kernel size, gain, batch norm, factor of the scales
LAYERS = [
    (8, 3, 3, 2.5, True, 1.0),  # leaky
    (16, 2, 3, 2.5, False, 1.0),  # mish, 4 groups
    (8, 16, 1, 1.25, True, 0.3),  # linear with batch norm, before a shortcut
    (14, 8, 1, 1.0, False, 1.0),  # the head: linear without batch norm
]

out = bytearray(struct.pack("<iiiq", 0, 2, 5, 0))
for filters, channels, size, gain, norm, scale in LAYERS:
    numbers = [0.1 * signed() for _ in range(filters)]
    if norm:
        numbers += [scale * (1 + 0.1 * signed()) for _ in range(filters)]
        numbers += [0.1 * signed() for _ in range(filters)]
        numbers += [1 + 0.5 * unit() for _ in range(filters)]
    fan_in = channels * size * size
    amplitude = math.sqrt(3 * gain / fan_in)
    numbers += [amplitude * signed() for _ in range(filters * fan_in)]
    out += struct.pack("<%df" % len(numbers), *numbers)
print(len(out), hashlib.sha256(out).hexdigest())
