//! Distances between different shapes, and nearest points.

use super::shapes::{Circle, Line, Path, Point, Polygon, Rect, Segment, div, feq, fzero};
use crate::Registry;
use pglitedb_sqlstate::Result;

fn nearest_on_box(point: Point, rect: &Rect) -> Result<Point> {
    if rect.contains(point) {
        return Ok(point);
    }
    let mut best: Option<(f64, Point)> = None;
    for side in rect.sides() {
        let candidate = side.nearest(point)?;
        let distance = candidate.distance(point)?;
        if best.is_none_or(|(known, _)| distance < known) {
            best = Some((distance, candidate));
        }
    }
    Ok(best.map_or(point, |(_, nearest)| nearest))
}

fn point_path(point: Point, path: &Path) -> Result<f64> {
    if let [only] = path.points.as_slice() {
        return only.distance(point);
    }
    path.segments().iter().try_fold(f64::INFINITY, |best, segment| Ok(best.min(segment.distance(point)?)))
}

fn point_circle(point: Point, circle: &Circle) -> Result<f64> {
    Ok((point.distance(circle.center)? - circle.radius).max(0.0))
}

fn polygon_circle(polygon: &Polygon, circle: &Circle) -> Result<f64> {
    Ok((polygon.distance(circle.center)? - circle.radius).max(0.0))
}

fn segment_line(segment: &Segment, line: &Line) -> Result<f64> {
    if segment.meet_line(line)?.is_some() {
        return Ok(0.0);
    }
    Ok(line.distance(segment.a)?.min(line.distance(segment.b)?))
}

fn segment_box(segment: &Segment, rect: &Rect) -> Result<f64> {
    if rect.contains(segment.a) || rect.contains(segment.b) {
        return Ok(0.0);
    }
    rect.sides().iter().try_fold(f64::INFINITY, |best, side| Ok(best.min(side.distance_segment(segment)?)))
}

/// The best of some points: nearest to a segment.
fn nearest_of(segment: &Segment, candidates: &[Point], best: &mut Option<(f64, Point)>) -> Result<()> {
    for candidate in candidates {
        let distance = segment.distance(*candidate)?;
        if best.is_none_or(|(known, _)| distance < known) {
            *best = Some((distance, *candidate));
        }
    }
    Ok(())
}

/// The point of `on` nearest to a segment.
fn nearest_on_segment(segment: &Segment, on: &Segment) -> Result<Option<Point>> {
    if feq(segment.a.slope(segment.b)?, on.a.slope(on.b)?) {
        return Ok(None);
    }
    if let Some(point) = segment.meet(on)? {
        return Ok(Some(point));
    }
    let mut best = None;
    nearest_of(segment, &[on.nearest(segment.a)?, on.nearest(segment.b)?, on.a, on.b], &mut best)?;
    Ok(best.map(|(_, point)| point))
}

fn slope(line: &Line) -> Result<f64> {
    if fzero(line.a) {
        return Ok(0.0);
    }
    if fzero(line.b) {
        return Ok(f64::INFINITY);
    }
    div(line.a, -line.b)
}

/// The point of a segment nearest to a line.
fn nearest_to_line(line: &Line, segment: &Segment) -> Result<Option<Point>> {
    if feq(slope(line)?, segment.a.slope(segment.b)?) {
        return Ok(None);
    }
    if let Some(point) = segment.meet_line(line)? {
        return Ok(Some(point));
    }
    Ok(Some(if line.distance(segment.a)? < line.distance(segment.b)? { segment.a } else { segment.b }))
}

/// The point of a box nearest to a segment.
fn nearest_box_to_segment(segment: &Segment, rect: &Rect) -> Result<Option<Point>> {
    for end in [segment.a, segment.b] {
        if rect.contains(end) {
            return Ok(Some(end));
        }
    }
    let mut best = None;
    for side in rect.sides() {
        if let Some(point) = segment.meet(&side)? {
            return Ok(Some(point));
        }
        let candidates = [side.nearest(segment.a)?, side.nearest(segment.b)?, side.a, side.b];
        nearest_of(segment, &candidates, &mut best)?;
    }
    Ok(best.and_then(|(_, point)| real(point)))
}

/// `None` where there is no nearest point (not a number).
fn real(point: Point) -> Option<Point> {
    (!point.x.is_nan() && !point.y.is_nan()).then_some(point)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "dist_pl" => |a: Point, b: Line| b.distance(a);
        "dist_lp" => |b: Line, a: Point| b.distance(a);
        "dist_ps" => |a: Point, b: Segment| b.distance(a);
        "dist_sp" => |b: Segment, a: Point| b.distance(a);
        "dist_pb" => |a: Point, b: Rect| nearest_on_box(a, &b)?.distance(a);
        "dist_bp" => |b: Rect, a: Point| nearest_on_box(a, &b)?.distance(a);
        "dist_ppath" => |a: Point, b: Path| point_path(a, &b);
        "dist_pathp" => |b: Path, a: Point| point_path(a, &b);
        "dist_pc" => |a: Point, b: Circle| point_circle(a, &b);
        "dist_cpoint" => |b: Circle, a: Point| point_circle(a, &b);
        "dist_ppoly" => |a: Point, b: Polygon| b.distance(a);
        "dist_polyp" => |b: Polygon, a: Point| b.distance(a);
        "dist_cpoly" => |a: Circle, b: Polygon| polygon_circle(&b, &a);
        "dist_polyc" => |b: Polygon, a: Circle| polygon_circle(&b, &a);
        "dist_sl" => |a: Segment, b: Line| segment_line(&a, &b);
        "dist_ls" => |b: Line, a: Segment| segment_line(&a, &b);
        "dist_sb" => |a: Segment, b: Rect| segment_box(&a, &b);
        "dist_bs" => |b: Rect, a: Segment| segment_box(&a, &b);
        "close_pl" => |a: Point, b: Line| real(b.nearest(a)?);
        "close_ps" => |a: Point, b: Segment| real(b.nearest(a)?);
        "close_pb" => |a: Point, b: Rect| real(nearest_on_box(a, &b)?);
        "close_ls" => |a: Line, b: Segment| nearest_to_line(&a, &b);
        "close_lseg" => |a: Segment, b: Segment| nearest_on_segment(&a, &b);
        "close_sb" => |a: Segment, b: Rect| nearest_box_to_segment(&a, &b);
    );
}
