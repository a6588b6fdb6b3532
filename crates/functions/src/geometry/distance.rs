//! Distances between different shapes, and nearest points.

use super::shapes::{
    Circle, Line, Path, Point, Polygon, Rect, Segment, first_of, last_of, sorts_before, sub,
};
use crate::Registry;
use pglitedb_sqlstate::Result;

/// Replaces the best so far by a nearer one.
fn keep_nearer(best: &mut Option<(f64, Point)>, other: (f64, Point)) {
    if best.is_none_or(|best| sorts_before(other.0, best.0)) {
        *best = Some(other);
    }
}

/// The point of a box nearest to a point, and how far it is.
fn nearest_on_box(point: Point, rect: &Rect) -> Result<(f64, Point)> {
    if rect.contains(point) {
        return Ok((0.0, point));
    }
    let mut best = None;
    for side in rect.sides() {
        keep_nearer(&mut best, side.nearest(point)?);
    }
    Ok(best.unwrap_or((0.0, point)))
}

fn point_path(point: Point, path: &Path) -> Result<f64> {
    let mut best: Option<f64> = None;
    for segment in path.segments() {
        let distance = segment.distance(point)?;
        if best.is_none_or(|best| sorts_before(distance, best)) {
            best = Some(distance);
        }
    }
    // A path of one point has no segments.
    Ok(best.unwrap_or(0.0))
}

/// Distance of something from the edge of a circle; 0 inside.
fn beyond(distance: f64, circle: &Circle) -> Result<f64> {
    let gap = sub(distance, circle.radius)?;
    Ok(if gap < 0.0 { 0.0 } else { gap })
}

fn point_circle(point: Point, circle: &Circle) -> Result<f64> {
    beyond(point.distance(circle.center)?, circle)
}

fn polygon_circle(polygon: &Polygon, circle: &Circle) -> Result<f64> {
    beyond(polygon.distance(circle.center)?, circle)
}

/// Whether a segment touches a box, and a point of the box near to it.
fn meet_box(segment: &Segment, rect: &Rect) -> Result<Option<Point>> {
    let (a, b) = (segment.a, segment.b);
    let bounds = Rect {
        high: Point { x: last_of(a.x, b.x), y: last_of(a.y, b.y) },
        low: Point { x: first_of(a.x, b.x), y: first_of(a.y, b.y) },
    };
    if !bounds.overlaps(rect) {
        return Ok(None);
    }
    let (_, near_center) = segment.nearest(rect.center()?)?;
    if rect.contains(a) || rect.contains(b) {
        return Ok(Some(near_center));
    }
    for side in rect.sides() {
        if side.meet(segment)?.is_some() {
            return Ok(Some(near_center));
        }
    }
    Ok(None)
}

/// Whether a segment touches a box.
pub fn crosses_box(segment: &Segment, rect: &Rect) -> Result<bool> {
    Ok(meet_box(segment, rect)?.is_some())
}

/// The point of a box nearest to a segment, and how far it is.
fn nearest_box_to_segment(segment: &Segment, rect: &Rect) -> Result<(f64, Point)> {
    if let Some(point) = meet_box(segment, rect)? {
        return Ok((0.0, point));
    }
    let mut best = None;
    for side in rect.sides() {
        keep_nearer(&mut best, side.nearest_to_segment(segment)?);
    }
    Ok(best.unwrap_or((0.0, segment.a)))
}

/// The point of `on` nearest to a segment.
fn nearest_on_segment(segment: &Segment, on: &Segment) -> Result<Option<Point>> {
    if segment.a.slope(segment.b)? == on.a.slope(on.b)? {
        return Ok(None);
    }
    Ok(known(on.nearest_to_segment(segment)?))
}

/// The point of a segment nearest to a line.
fn nearest_to_line(line: &Line, segment: &Segment) -> Result<Option<Point>> {
    if line.slope()? == segment.a.slope(segment.b)? {
        return Ok(None);
    }
    Ok(known(segment.nearest_to_line(line)?))
}

/// `None` where there is no nearest point (the distance is not a number).
fn known((distance, point): (f64, Point)) -> Option<Point> {
    (!distance.is_nan()).then_some(point)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "dist_pl" => |a: Point, b: Line| b.distance(a);
        "dist_lp" => |b: Line, a: Point| b.distance(a);
        "dist_ps" => |a: Point, b: Segment| b.distance(a);
        "dist_sp" => |b: Segment, a: Point| b.distance(a);
        "dist_pb" => |a: Point, b: Rect| nearest_on_box(a, &b)?.0;
        "dist_bp" => |b: Rect, a: Point| nearest_on_box(a, &b)?.0;
        "dist_ppath" => |a: Point, b: Path| point_path(a, &b);
        "dist_pathp" => |b: Path, a: Point| point_path(a, &b);
        "dist_pc" => |a: Point, b: Circle| point_circle(a, &b);
        "dist_cpoint" => |b: Circle, a: Point| point_circle(a, &b);
        "dist_ppoly" => |a: Point, b: Polygon| b.distance(a);
        "dist_polyp" => |b: Polygon, a: Point| b.distance(a);
        "dist_cpoly" => |a: Circle, b: Polygon| polygon_circle(&b, &a);
        "dist_polyc" => |b: Polygon, a: Circle| polygon_circle(&b, &a);
        "dist_sl" => |a: Segment, b: Line| a.nearest_to_line(&b)?.0;
        "dist_ls" => |b: Line, a: Segment| a.nearest_to_line(&b)?.0;
        "dist_sb" => |a: Segment, b: Rect| nearest_box_to_segment(&a, &b)?.0;
        "dist_bs" => |b: Rect, a: Segment| nearest_box_to_segment(&a, &b)?.0;
        "close_pl" => |a: Point, b: Line| known(b.nearest(a)?);
        "close_ps" => |a: Point, b: Segment| known(b.nearest(a)?);
        "close_pb" => |a: Point, b: Rect| known(nearest_on_box(a, &b)?);
        "close_ls" => |a: Line, b: Segment| nearest_to_line(&a, &b);
        "close_lseg" => |a: Segment, b: Segment| nearest_on_segment(&a, &b);
        "close_sb" => |a: Segment, b: Rect| known(nearest_box_to_segment(&a, &b)?);
    );
}
