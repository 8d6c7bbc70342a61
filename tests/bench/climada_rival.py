"""CLIMADA on the same arrays: run by the bench in an environment of CLIMADA's own.

    python tests/bench/climada_rival.py FOLDER

FOLDER holds E.npz (cell, value), H.npz (a sparse matrix and its frequency), C.csv; each row of E stands in the centroid
of its cell. Prints the medians of CPU seconds of `ImpactCalc.impact` and what it found.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
from climada.engine import ImpactCalc
from climada.entity import Exposures, ImpactFunc, ImpactFuncSet
from climada.hazard import Centroids, Hazard
from scipy import sparse

RUNS = 3


def main(folder: Path) -> None:
    """Load, compute some times, print."""
    given, matrix = np.load(folder / "E.npz"), np.load(folder / "H.npz")
    curve = np.loadtxt(folder / "C.csv", delimiter=",", skiprows=1).T
    events, cells = matrix["shape"]
    hazard = Hazard(
        "XX", centroids=Centroids(lat=np.zeros(cells), lon=np.linspace(0, 1, cells)), event_id=np.arange(1, events + 1),
        event_name=[str(event) for event in range(events)], frequency=matrix["frequency"],
        date=np.ones(events, dtype=int), orig=np.ones(events, dtype=bool),
        intensity=sparse.csr_matrix((matrix["data"], matrix["indices"], matrix["indptr"]), shape=(events, cells)),
        fraction=sparse.csr_matrix((events, cells)),
    )  # fmt: skip
    count = len(given["value"])
    frame = gpd.GeoDataFrame(
        {"value": given["value"], "impf_XX": np.ones(count, dtype=int), "centr_XX": given["cell"].astype(int)},
        geometry=gpd.points_from_xy(np.zeros(count), np.zeros(count)), crs="EPSG:4326",
    )  # fmt: skip
    function = ImpactFunc("XX", 1, intensity=curve[0], mdd=curve[1], paa=np.ones(len(curve[0])))
    seconds = []
    for _ in range(RUNS):
        calc = ImpactCalc(Exposures(frame), ImpactFuncSet([function]), hazard)
        begun = time.process_time()
        found = calc.impact(save_mat=False, assign_centroids=False)
        seconds.append(time.process_time() - begun)
    np.savez(folder / "climada.npz", at_event=found.at_event, eai=found.eai_exp)
    print(json.dumps({"cpu_s": statistics.median(seconds)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
