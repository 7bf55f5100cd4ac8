"""How long things took, kept as numbers in buckets, so that lines can be added up and a median still be read.

MongoDB 6 has no median, and medians cannot be added. These are DDSketches (Masson, Rim, Lee: VLDB 2019): every bucket is
4 % wider than the one before, so that whatever is read from it is within 2 % of what an exact count would give, on any
number of rows. An exact answer would need all values of a line sorted, at every question.
"""
import math
from collections.abc import Mapping

WITHIN = 0.02  # of the exact value; besides, what is read is rounded to whole minutes
GAMMA = (1 + WITHIN) / (1 - WITHIN)
AT_ONCE = -1  # the bucket of what took less than a minute
QUANTILES = {"median": 50, "p90": 90}  # per cent
Sketch = Mapping[int, int]  # bucket → how many


def bucket_of(minutes: int) -> int:
    """The bucket of a duration in whole minutes; bucket b holds what is over GAMMA^(b-1) and up to GAMMA^b."""
    return math.ceil(round(math.log(minutes, GAMMA), 9)) if minutes > 0 else AT_ONCE


def minutes_of(bucket: int) -> int:
    """What stands for a bucket: no whole minute in it is further away than WITHIN, but for the rounding."""
    if bucket == AT_ONCE:
        return 0
    least, most = (math.floor(round(GAMMA ** edge, 6)) for edge in (bucket - 1, bucket))
    return round(2 * (least + 1) * most / (least + 1 + most))


def quantile(sketch: Sketch, per_cent: int) -> int | None:
    """Minutes by the nearest rank: the least value that so many per cent do not exceed. None of nothing."""
    rank, seen = math.ceil(sum(sketch.values()) * per_cent / 100), 0
    for bucket in sorted(sketch):
        seen += sketch[bucket]
        if seen >= rank:
            return minutes_of(bucket)
    return None


def published(sketch: Sketch) -> dict[str, int | None]:
    """Median and p90 in minutes, and of how many."""
    return {name: quantile(sketch, per_cent) for name, per_cent in QUANTILES.items()} | {"of": sum(sketch.values())}
