"""Which of many places lie in an area, answered as shapely answers it, place by place, but mostly without asking it.

A raster is laid over the area. A cell that no edge of the area touches is all in or all out, and one look at its middle
answers for every place in it; only the places in the other cells are tested exactly.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

FEW = 5_000  # places for which a raster is not worth while
_SIDES = 32, 512  # cells along a side of the raster
_MARGIN = 1e-6  # of a cell: far more than rounding can move a place or an edge
_OUT, _IN, _EDGE = 0, 1, 2


def within(area: shapely.Geometry, lon: Floats, lat: Floats) -> Flags:
    """Which places lie in the area or on its edge; a place without coordinates lies nowhere."""
    found = np.zeros(len(lon), dtype=bool)
    if area.is_empty:
        return found
    west, south, east, north = area.bounds
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    shapely.prepare(area)
    if len(near) <= FEW or area.geom_type not in {"Polygon", "MultiPolygon"}:
        found[near] = shapely.intersects_xy(area, lon[near], lat[near])
        return found
    raster = _Raster(area, len(near))
    kind = raster.kinds(lon[near], lat[near])
    found[near[kind == _IN]] = True
    unsure = near[kind == _EDGE]
    found[unsure] = shapely.intersects_xy(area, lon[unsure], lat[unsure])
    return found


class _Raster:
    """The cells over an area: out, in, or touched by an edge. About as many as there are places."""

    def __init__(self, area: shapely.Geometry, places: int) -> None:
        west, south, east, north = area.bounds
        self._side = int(np.clip(np.sqrt(places), *_SIDES))
        self._corner = np.array([west, south])
        # A little larger than the area, so that its eastern and northern edges lie within the last cells.
        self._scale = self._side / (np.array([east - west, north - south]) * (1 + 1e-9) + 1e-12)
        self._kinds = np.full((self._side, self._side), _OUT, dtype=np.uint8)
        self._mark_edges(area)
        self._fill(area)

    def kinds(self, lon: Floats, lat: Floats) -> NDArray[np.uint8]:
        """The kind of the cell of each place."""
        column = ((lon - self._corner[0]) * self._scale[0]).astype(np.int64)
        column += ((lat - self._corner[1]) * self._scale[1]).astype(np.int64) * self._side
        return np.asarray(self._kinds.ravel()[column])

    def _mark_edges(self, area: shapely.Geometry) -> None:
        """Mark the cells around every piece of an edge; no piece is longer than a cell."""
        rings = shapely.get_rings(shapely.get_parts(area))
        corners, ring = shapely.get_coordinates(rings, return_index=True)
        corners = (corners - self._corner) * self._scale
        along = ring[1:] == ring[:-1]
        begin, end = corners[:-1][along], corners[1:][along]
        pieces = np.ceil(np.abs(end - begin).max(axis=1)).astype(np.int64) + 1
        edge = np.repeat(np.arange(len(pieces)), pieces)
        number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        step = ((end - begin) / pieces[:, None])[edge]
        first = begin[edge] + number[:, None] * step
        low = self._cell(np.minimum(first, first + step) - _MARGIN)
        high = self._cell(np.maximum(first, first + step) + _MARGIN)
        for right in range(3):
            for up in range(3):
                column, row = np.minimum(low + np.array([right, up]), high).T
                self._kinds[row, column] = _EDGE

    def _cell(self, at: Floats) -> Ints:
        return np.clip(np.floor(at), 0, self._side - 1).astype(np.int64)

    def _fill(self, area: shapely.Geometry) -> None:
        """Cells beside each other that no edge touches are alike: ask for the first of each row of them."""
        free = self._kinds != _EDGE
        starts = free.copy()
        starts[:, 1:] &= ~free[:, :-1]
        row, column = np.nonzero(starts)
        middle = np.column_stack([column, row]) + 0.5
        at = middle / self._scale + self._corner
        within_it = np.where(shapely.intersects_xy(area, at[:, 0], at[:, 1]), _IN, _OUT).astype(np.uint8)
        run = np.cumsum(starts.ravel()) - 1
        self._kinds.ravel()[free.ravel()] = within_it[run[free.ravel()]]
