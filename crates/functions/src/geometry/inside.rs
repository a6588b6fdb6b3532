//! What is inside of a polygon.

use super::shapes::{
    Point, Polygon, Segment, add, div, feq, fge, fgt, fle, flt, fzero, mul, sorts_before, sub,
};
use pglitedb_sqlstate::{Result, bail};

/// How an edge from the second point to the first one crosses the positive half of the x axis; `None` if it goes through
/// the origin. Crossings count double, ends on the axis once.
fn crossing(x: f64, y: f64, before_x: f64, before_y: f64) -> Result<Option<i32>> {
    if fzero(y) {
        if fzero(x) {
            return Ok(None);
        }
        let right = fgt(x, 0.0);
        if fzero(before_y) {
            let same_side = if right { fgt(before_x, 0.0) } else { flt(before_x, 0.0) };
            return Ok(same_side.then_some(0));
        }
        let upwards = if flt(before_y, 0.0) { 1 } else { -1 };
        return Ok(Some(if right { upwards } else { 0 }));
    }
    let sign = if fgt(y, 0.0) { 1 } else { -1 };
    if fzero(before_y) {
        return Ok(Some(if flt(before_x, 0.0) { 0 } else { sign }));
    }
    if if sign < 0 { flt(before_y, 0.0) } else { fgt(before_y, 0.0) } {
        return Ok(Some(0));
    }
    if fge(x, 0.0) && fgt(before_x, 0.0) {
        return Ok(Some(2 * sign));
    }
    if flt(x, 0.0) && fle(before_x, 0.0) {
        return Ok(Some(0));
    }
    let side = sub(mul(sub(x, before_x)?, y)?, mul(sub(y, before_y)?, x)?)?;
    if fzero(side) {
        return Ok(None);
    }
    let left = if sign < 0 { flt(side, 0.0) } else { fgt(side, 0.0) };
    Ok(Some(if left { 0 } else { 2 * sign }))
}

/// Is a point inside of what the points enclose, or on the edge?
pub fn encloses(points: &[Point], point: Point) -> Result<bool> {
    let Some((first, rest)) = points.split_first() else { return Ok(false) };
    let relative = |corner: &Point| {
        Ok::<_, pglitedb_sqlstate::Error>((sub(corner.x, point.x)?, sub(corner.y, point.y)?))
    };
    let start = relative(first)?;
    let mut before = start;
    let mut total = 0i64;
    for corner in rest {
        let here = relative(corner)?;
        let Some(count) = crossing(here.0, here.1, before.0, before.1)? else { return Ok(true) };
        total += i64::from(count);
        before = here;
    }
    let Some(count) = crossing(start.0, start.1, before.0, before.1)? else { return Ok(true) };
    Ok(total + i64::from(count) != 0)
}

/// Polygons with more corners are not compared: each corner may need a level of the stack.
const MAX_DEPTH: usize = 2000;

impl Polygon {
    /// Is a point inside (or on the edge)?
    pub fn contains(&self, point: Point) -> Result<bool> {
        encloses(&self.points, point)
    }

    /// Is another one inside?
    pub fn contains_polygon(&self, other: &Polygon) -> Result<bool> {
        let (outer, inner) = (self.bounds(), other.bounds());
        let within = fge(outer.high.x, inner.high.x)
            && fle(outer.low.x, inner.low.x)
            && fge(outer.high.y, inner.high.y)
            && fle(outer.low.y, inner.low.y);
        if !within {
            return Ok(false);
        }
        for edge in other.edges() {
            if !self.contains_edge(edge, 0, 0)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Is a segment inside, as far as the edges from number `start` on tell?
    fn contains_edge(&self, segment: Segment, start: usize, depth: usize) -> Result<bool> {
        if depth > MAX_DEPTH {
            bail!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        }
        let count = self.points.len();
        let mut crossed = false;
        let mut before = self.points[if start == 0 { count - 1 } else { start - 1 }];
        for at in start..count {
            let edge = Segment { a: before, b: self.points[at] };
            before = edge.b;
            let next = at + 1;
            if edge.contains(segment.a)? {
                if edge.contains(segment.b)? {
                    return Ok(true);
                }
                if !self.contains_touching(segment, edge, next, depth)? {
                    return Ok(false);
                }
            } else if edge.contains(segment.b)? {
                if !self.contains_touching(Segment { a: segment.b, b: segment.a }, edge, next, depth)? {
                    return Ok(false);
                }
            } else if let Some(point) = segment.meet(&edge)? {
                crossed = true;
                for end in [segment.a, segment.b] {
                    if !self.contains_edge(Segment { a: end, b: point }, next, depth + 1)? {
                        return Ok(false);
                    }
                }
            }
        }
        if crossed {
            return Ok(true);
        }
        let (a, b) = (segment.a, segment.b);
        self.contains(Point { x: div(add(a.x, b.x)?, 2.0)?, y: div(add(a.y, b.y)?, 2.0)? })
    }

    /// The same of a segment that begins on an edge.
    fn contains_touching(&self, segment: Segment, edge: Segment, start: usize, depth: usize) -> Result<bool> {
        let rest = |from: Point| self.contains_edge(Segment { a: segment.b, b: from }, start, depth + 1);
        if segment.a.same(edge.a) {
            return if segment.contains(edge.b)? { rest(edge.b) } else { Ok(true) };
        }
        if segment.a.same(edge.b) {
            return if segment.contains(edge.a)? { rest(edge.a) } else { Ok(true) };
        }
        if segment.contains(edge.a)? {
            return rest(edge.a);
        }
        if segment.contains(edge.b)? { rest(edge.b) } else { Ok(true) }
    }

    /// Do they have a point in common?
    pub fn overlaps(&self, other: &Polygon) -> Result<bool> {
        if !self.bounds().overlaps(&other.bounds()) {
            return Ok(false);
        }
        for a in self.edges() {
            for b in other.edges() {
                if a.meet(&b)?.is_some() {
                    return Ok(true);
                }
            }
        }
        let inside = |a: &Polygon, b: &Polygon| b.points.first().map_or(Ok(false), |p| a.contains(*p));
        Ok(inside(other, self)? || inside(self, other)?)
    }

    /// Distance of a point; 0 inside.
    pub fn distance(&self, point: Point) -> Result<f64> {
        if self.contains(point)? {
            return Ok(0.0);
        }
        let mut edges = self.edges();
        // The edge that closes the polygon counts from its first corner.
        if let Some(first) = edges.first_mut() {
            *first = Segment { a: first.b, b: first.a };
        }
        let mut edges = edges.into_iter().map(|edge| edge.distance(point));
        let mut best = edges.next().transpose()?.unwrap_or(0.0);
        for distance in edges {
            let distance = distance?;
            if sorts_before(distance, best) {
                best = distance;
            }
        }
        Ok(best)
    }
}

/// Is a point on one of the segments of an open path?
pub fn on_open_path(points: &[Point], point: Point) -> Result<bool> {
    for pair in points.windows(2) {
        let [a, b] = pair else { continue };
        if feq(add(point.distance(*a)?, point.distance(*b)?)?, a.distance(*b)?) {
            return Ok(true);
        }
    }
    Ok(false)
}
