"""Plane geometry on (longitude, latitude) polygons: TopoJSON, containment, inner points, simplification."""

import heapq
from collections import defaultdict


def from_topojson(topology, layer):
    """The features of a quantised TopoJSON layer as (id, name, polygons); a polygon is a list of rings."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [unfold(arc, scale, shift) for arc in topology["arcs"]]

    def ring(indexes):
        points = []
        for index in indexes:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points.extend(arc if not points else arc[1:])
        return points

    found = []
    for geometry in topology["objects"][layer]["geometries"]:
        parts = {"Polygon": lambda g: [g["arcs"]], "MultiPolygon": lambda g: g["arcs"]}
        polygons = parts.get(geometry.get("type"), lambda g: [])(geometry)
        name = (geometry.get("properties") or {}).get("name")
        rings = [[ring(indexes) for indexes in polygon] for polygon in polygons]
        found.append((geometry.get("id"), name, rings))
    return found


def unfold(arc, scale, shift):
    """Positions of one delta-encoded arc, to 1e-7 degree."""
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((round(x * scale[0] + shift[0], 7), round(y * scale[1] + shift[1], 7)))
    return points


def area2(ring):
    """Twice the signed area of a ring, in square degrees."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))


def bounds(polygons):
    """West, south, east, north of a list of polygons."""
    xs = [x for rings in polygons for x, _ in rings[0]]
    ys = [y for rings in polygons for _, y in rings[0]]
    return min(xs), min(ys), max(xs), max(ys)


def contains(polygons, x, y):
    """Even-odd containment; a point on a border may fall on either side."""
    inside = False
    for rings in polygons:
        for ring in rings:
            for (ax, ay), (bx, by) in zip(ring, ring[1:]):
                if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                    inside = not inside
    return inside


def inner_point(polygons):
    """The centroid of the largest polygon, or, when that lies outside it, the middle of its widest
    stretch on the centroid's parallel. Returned as (lat, lon) to 1e-4 degree."""
    rings = max(polygons, key=lambda rings: abs(area2(rings[0])))
    x, y = centroid(rings[0])
    if not contains([rings], x, y):
        x, y = widest_stretch(rings, y) or (x, y)
    return round(y, 4), round(x, 4)


def centroid(ring):
    """Centroid of a ring's area, or its first point when the ring has none."""
    total = area2(ring)
    if not total:
        return ring[0]
    ox, oy = ring[0]
    x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        cross = (ax - ox) * (by - oy) - (bx - ox) * (ay - oy)
        x += (ax + bx - 2 * ox) * cross
        y += (ay + by - 2 * oy) * cross
    return ox + x / (3 * total), oy + y / (3 * total)


def widest_stretch(rings, y):
    """The middle of the longest inner interval of the parallel through y."""
    cuts = sorted(
        (bx - ax) * (y - ay) / (by - ay) + ax
        for ring in rings
        for (ax, ay), (bx, by) in zip(ring, ring[1:])
        if (ay > y) != (by > y)
    )
    spans = list(zip(cuts[::2], cuts[1::2]))
    if not spans:
        return None
    west, east = max(spans, key=lambda span: span[1] - span[0])
    return (west + east) / 2, y


class Locator:
    """Finds the feature that contains a point, through a grid of bounding boxes."""

    CELL = 1.0  # degree; a district spans one to four cells

    def __init__(self, features):
        self.grid = defaultdict(list)
        for code, polygons in features:
            for rings in polygons:
                box = bounds([rings])
                for i in range(int(box[0] // self.CELL), int(box[2] // self.CELL) + 1):
                    for j in range(int(box[1] // self.CELL), int(box[3] // self.CELL) + 1):
                        self.grid[i, j].append((box, code, rings))

    def find(self, lat, lon):
        """The code of the first feature around the point, or None."""
        for box, code, rings in self.grid[int(lon // self.CELL), int(lat // self.CELL)]:
            if box[0] <= lon <= box[2] and box[1] <= lat <= box[3] and contains([rings], lon, lat):
                return code
        return None


def simplify(features, points_wanted, decimals, smallest):
    """Simplifies polygons with shared borders: rings are cut into arcs where borders meet, each arc is
    thinned once (Visvalingam), and arcs that would cross another are given their points back.
    Rings under `smallest` square degrees go, but a feature's largest ring stays."""
    unit = 10**decimals
    features = [
        (code, name, [[whole(ring, unit) for ring in rings] for rings in keep_large(polygons, smallest)])
        for code, name, polygons in features
    ]
    junctions = find_junctions([ring for _, _, ps in features for rings in ps for ring in rings])
    arcs, plan = {}, []
    for code, name, polygons in features:
        plan.append((code, name, [[cut(ring, junctions, arcs) for ring in rings] for rings in polygons]))
    weights = {key: point_weights(key) for key in arcs}
    every = sorted((w for ws in weights.values() for w in ws[1:-1]), reverse=True)
    threshold = every[min(points_wanted, len(every) - 1)]
    limit = {key: threshold for key in arcs}
    thin = {key: thinned(key, weights[key], threshold) for key in arcs}
    while True:
        bad = crossing_arcs(thin)
        bad = {key for key in bad if len(thin[key]) < len(key)}
        if not bad:
            break
        for key in bad:
            limit[key] /= 4
            thin[key] = thinned(key, weights[key], limit[key] if limit[key] > 1 else -1)
    result = []
    for code, name, polygons in plan:
        rebuilt = [[joined(parts, thin, unit) for parts in rings] for rings in polygons]
        result.append((code, name, [rings for rings in rebuilt if len(rings[0]) > 3]))
    return result


def keep_large(polygons, smallest):
    """Polygons without their small islands and holes."""
    largest = max(abs(area2(rings[0])) for rings in polygons)
    kept = [r for r in polygons if abs(area2(r[0])) / 2 >= smallest or abs(area2(r[0])) == largest]
    return [[r[0]] + [hole for hole in r[1:] if abs(area2(hole)) / 2 >= smallest] for r in kept]


def whole(ring, unit):
    """A ring on the integer grid, without repeated points and without spikes (there and straight back)."""
    points = []
    for x, y in ring:
        point = (round(x * unit), round(y * unit))
        if len(points) > 1 and points[-2] == point:
            points.pop()
        elif not points or points[-1] != point:
            points.append(point)
    return points


def find_junctions(rings):
    """Points where more than two different neighbours meet, over all rings."""
    neighbours = defaultdict(set)
    for ring in rings:
        closed = ring[:-1]
        for i, point in enumerate(closed):
            neighbours[point].update((closed[i - 1], closed[(i + 1) % len(closed)]))
    return {point for point, around in neighbours.items() if len(around) > 2}


def cut(ring, junctions, arcs):
    """A ring as a list of (arc key, reversed); both users of a border get the same key."""
    points = ring[:-1]
    start = next((i for i, p in enumerate(points) if p in junctions), None)
    if start is None:
        start = points.index(min(points))
    points = points[start:] + points[:start] + [points[start]]
    parts, current = [], [points[0]]
    for point in points[1:]:
        current.append(point)
        if point in junctions:
            parts.append(tuple(current))
            current = [point]
    if len(current) > 1:
        parts.append(tuple(current))
    found = []
    for part in parts:
        backward = part[::-1]
        key, turned = (part, False) if part <= backward else (backward, True)
        arcs[key] = True
        found.append((key, turned))
    return found


def point_weights(arc):
    """Visvalingam's weight of each point: the area of the triangle at the moment it would go."""
    count = len(arc)
    weight = [float("inf")] * count
    before, after = list(range(-1, count - 1)), list(range(1, count + 1))
    # A closed arc keeps two inner points, else an island would collapse to a line.
    keep = 2 if arc[0] == arc[-1] else 0
    triangle = lambda i: abs(area2((arc[before[i]], arc[i], arc[after[i]], arc[before[i]])))
    heap = [(triangle(i), i) for i in range(1, count - 1)]
    current = dict((i, w) for w, i in heap)
    heapq.heapify(heap)
    highest, left = 0, count - 2
    while heap and left > keep:
        size, i = heapq.heappop(heap)
        if current.get(i) != size:
            continue
        highest = max(highest, size)
        weight[i] = highest
        del current[i]
        left -= 1
        before[after[i]], after[before[i]] = before[i], after[i]
        for j in (before[i], after[i]):
            if 0 < j < count - 1:
                current[j] = triangle(j)
                heapq.heappush(heap, (current[j], j))
    return weight


def thinned(arc, weights, threshold):
    return [p for p, w in zip(arc, weights) if w > threshold]


def crossing_arcs(thin):
    """Keys of arcs that cross or overlap another arc or themselves elsewhere than at a shared end."""
    cell = 5000  # grid units; half a degree at four decimals
    grid = defaultdict(list)
    for key, points in thin.items():
        for a, b in zip(points, points[1:]):
            for i in range(min(a[0], b[0]) // cell, max(a[0], b[0]) // cell + 1):
                for j in range(min(a[1], b[1]) // cell, max(a[1], b[1]) // cell + 1):
                    grid[i, j].append((min(a[0], b[0]), max(a[0], b[0]), a, b, key))
    bad = set()
    for segments in grid.values():
        segments.sort(key=lambda s: s[0])
        for n, (_, east, a, b, key) in enumerate(segments):
            for other in segments[n + 1 :]:
                if other[0] > east:
                    break
                if touches(a, b, other[2], other[3]):
                    bad.update((key, other[4]))
    return bad


def touches(a, b, c, d):
    """Whether two segments meet anywhere but in a common end point."""
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    shared = {a, b} & {c, d}
    if len(shared) == 2:
        return True
    if shared:
        (p,) = shared
        q, r = (b if p == a else a), (d if p == c else c)
        cross = turn(p, q, r)
        return cross == 0 and (q[0] - p[0]) * (r[0] - p[0]) + (q[1] - p[1]) * (r[1] - p[1]) > 0
    s, t, u, v = turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
    if (s > 0) != (t > 0) and (u > 0) != (v > 0) and s and t and u and v:
        return True
    on = lambda p, q, r: min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])
    return (
        (s == 0 and on(a, b, c)) or (t == 0 and on(a, b, d)) or (u == 0 and on(c, d, a)) or (v == 0 and on(c, d, b))
    )


def turn(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def joined(parts, thin, unit):
    """A ring put together from its thinned arcs, in degrees."""
    points = []
    for key, turned in parts:
        arc = thin[key][::-1] if turned else thin[key]
        points.extend(arc if not points else arc[1:])
    return [(x / unit, y / unit) for x, y in points]
