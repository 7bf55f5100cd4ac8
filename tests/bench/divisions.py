"""The divisions of the whole of Iran, imported by the command as an operator would; then where points lie, asked for.

Skipped, saying so, where ../shared/data is absent. They stand beside the sample's province, and nothing is filed there.
"""
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import mongoengine

from chassis import database, settings
from chassis.clock import today
from deploy.local.folder import ROOT
from services.registry.documents import TerritoryBoundary
from services.registry.places import locating
from tests import divisions
from tests.bench.figures import note, percentile
from tests.bench.running import Bench
from tests.integration.waiting import eventually

DAY = "2024-03-20"
LOOKUPS = 2000
ATTENDED = """import resource, runpy, sys
try:
    runpy.run_module("services.registry.imports", run_name="__main__", alter_sys=True)
finally:
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def measure(bench: Bench) -> None:
    if not divisions.DATA.exists():
        bench.say(f"divisions: skipped, {divisions.ABSENT}")
        return
    files = written(bench.ours.ground.folder)
    seconds, memory = zip(*(imported(bench, register, file, rows) for register, file, rows in files), strict=True)
    rows = sum(rows for _, _, rows in files)
    took = bench.results.row("import of Iran's divisions", "s", "≤ 120")
    took.ours.append(sum(seconds))
    note(took, f"{rows:,} rows, boundaries among them")
    bench.results.row("memory of the import, at most", "MB", "≤ 300").ours.append(max(memory))
    eventually("the divisions are known everywhere", bench.ours.ground.on_its_way, 120, until=lambda seen: not seen)
    lookups(bench)


def written(folder: Path) -> list[tuple[str, Path, int]]:
    """(register, file, rows) of the places and of those boundaries that are known."""
    rows = list(divisions.ahmadazizi())
    named = {(row["kind"], row["name_fa"]): row["code"] for row in rows if row["parent"] in ("", "ir-ostan-5", "ir-ostan-8")}
    provinces = [(named["province", shape["properties"]["name:fa"]], shape)
                 for shape in divisions.shapes("provinces_alborz_tehran_qazvin.geojson")]
    counties = [(named.get(("county", shape["properties"]["name"].removeprefix("شهرستان "))), shape)
                for name in ("alborz_IR-30", "tehran_IR-23") for shape in divisions.shapes(f"counties_{name}.geojson")]
    rows += [divisions.place(f"ir-region-{n}", "region", named["province", "تهران"], f"منطقه {n}") for n in range(1, 23)]
    regions = [(f"ir-region-{shape['properties']['district']}", shape)
               for shape in divisions.shapes("tehran_municipal_districts_1-22.geojson")]
    shapes = [({"code": code}, shape["geometry"]) for code, shape in (*provinces, *counties, *regions) if code]
    files = (("territories", "iran.csv", divisions.csv_of(rows), len(rows)),
             ("boundaries", "boundaries.geojson", divisions.geojson_of(shapes), len(shapes)))
    for _, name, content, _ in files:
        (folder / name).write_bytes(content)
    return [(register, folder / name, count) for register, name, _, count in files]


def imported(bench: Bench, register: str, file: Path, rows: int) -> tuple[float, float]:
    """Seconds, and the most memory in MB (resident) that the command took. The bar follows what is stored."""
    began, told = time.monotonic(), bench.tell(f"importing {rows:,} {register}")
    store, ended = bench.ours.ground.store("registry", register), threading.Event()
    before = store.estimated_document_count()

    def follow() -> None:
        while not ended.wait(0.5):
            told(min((store.estimated_document_count() - before) / rows, 1))

    watch = threading.Thread(target=follow)
    watch.start()
    try:
        done = subprocess.run([sys.executable, "-c", ATTENDED, str(file), "--register", register, "--from", DAY], cwd=ROOT,
                              env=os.environ | bench.ours.ground.platform.environment, capture_output=True, text=True)
    finally:
        ended.set()
        watch.join()
    assert done.returncode == 0, f"the import was refused: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    seconds, memory = time.monotonic() - began, int(done.stderr.rpartition("peak ")[2]) * 1024 / 1e6
    bench.say(f"{done.stdout.strip().splitlines()[-1]} in {seconds:.1f} s with {memory:.0f} MB")
    return seconds, memory


def lookups(bench: Bench) -> None:
    """Where points spread over Alborz and Tehran lie, one after the other: the query alone, without HTTP."""
    with_points = [bench.results.row(f"point → place, {name}", "ms", goal) for name, goal in (("p50", ""), ("p95", "≤ 10"))]
    values = bench.ours.ground.platform.environment
    chance, told = random.Random(7), bench.tell(f"looking up {LOOKUPS:,} points")
    before = {name: os.environ.get(name) for name in ("MONGO_URI", "MAHALLE_DATABASE")}
    os.environ.update({name: values[name] for name in before})
    try:
        database.connect("registry", settings.read("registry"))
        took = []
        for n in range(LOOKUPS):
            latitude, longitude = chance.uniform(35.3, 36.2), chance.uniform(50.3, 52.5)
            began = time.perf_counter()
            locating.locate(latitude, longitude, today())
            took.append((time.perf_counter() - began) * 1000)
            told(n / LOOKUPS)
        known = TerritoryBoundary._get_collection().estimated_document_count()
    finally:
        mongoengine.disconnect("registry")
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    for row, share in zip(with_points, (0.5, 0.95), strict=True):
        row.ours.append(percentile(took, share))
        note(row, f"{known} boundaries, one after the other, without HTTP")
