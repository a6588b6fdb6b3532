//! Paths and polygons.

use super::shapes::{Circle, Path, Point, Polygon, add, div, mul, sorts_before, sub};
use crate::Registry;
use pglitedb_sqlstate::{Result, bail};

fn length(path: &Path) -> Result<f64> {
    path.segments().iter().try_fold(0.0, |sum, segment| add(sum, segment.length()?))
}

fn area(path: &Path) -> Result<Option<f64>> {
    if !path.closed {
        return Ok(None);
    }
    let mut sum = 0.0_f64;
    for (at, point) in path.points.iter().enumerate() {
        let next = path.points[(at + 1) % path.points.len()];
        sum = sub(add(sum, mul(point.x, next.y)?)?, mul(point.y, next.x)?)?;
    }
    Ok(Some(div(sum.abs(), 2.0)?))
}

fn mapped(path: Path, map: impl Fn(Point) -> Result<Point>) -> Result<Path> {
    let points = path.points.into_iter().map(map).collect::<Result<_>>()?;
    Ok(Path { closed: path.closed, points })
}

fn crosses(a: &Path, b: &Path) -> Result<bool> {
    let bounds = |path: &Path| Polygon { points: path.points.clone() }.bounds();
    if !bounds(a).overlaps(&bounds(b)) {
        return Ok(false);
    }
    for x in a.segments() {
        for y in b.segments() {
            if x.meet(&y)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn distance(a: &Path, b: &Path) -> Result<Option<f64>> {
    let mut best: Option<f64> = None;
    for x in a.segments() {
        for y in b.segments() {
            let next = x.distance_segment(&y)?;
            if best.is_none_or(|best| sorts_before(next, best)) {
                best = Some(next);
            }
        }
    }
    Ok(best)
}

fn polygon_distance(a: &Polygon, b: &Polygon) -> Result<f64> {
    if a.overlaps(b)? {
        return Ok(0.0);
    }
    let path = |p: &Polygon| Path { closed: true, points: p.points.clone() };
    Ok(distance(&path(a), &path(b))?.unwrap_or(0.0))
}

/// Are the corners the same, from some corner on and in some direction?
fn same(a: &Polygon, b: &Polygon) -> bool {
    let count = a.points.len();
    if count != b.points.len() {
        return false;
    }
    (0..count).any(|start| {
        let forward = (0..count).all(|at| a.points[at].same(b.points[(start + at) % count]));
        forward || (0..count).all(|at| a.points[at].same(b.points[(start + count - at) % count]))
    }) || count == 0
}

/// A circle around the mean of the corners with their mean distance.
fn polygon_circle(a: &Polygon) -> Result<Circle> {
    let count = a.points.len() as f64;
    let mut center = Point { x: 0.0, y: 0.0 };
    for point in &a.points {
        center = center.plus(*point)?;
    }
    center = Point { x: div(center.x, count)?, y: div(center.y, count)? };
    let mut radius = 0.0;
    for point in &a.points {
        radius = add(radius, point.distance(center)?)?;
    }
    Ok(Circle { center, radius: div(radius, count)? })
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "path_n_lt" => |a: Path, b: Path| a.points.len() < b.points.len();
        "path_n_gt" => |a: Path, b: Path| a.points.len() > b.points.len();
        "path_n_eq" => |a: Path, b: Path| a.points.len() == b.points.len();
        "path_n_le" => |a: Path, b: Path| a.points.len() <= b.points.len();
        "path_n_ge" => |a: Path, b: Path| a.points.len() >= b.points.len();
        "path_npoints" => |a: Path| a.points.len() as i32;
        "path_isclosed" => |a: Path| a.closed;
        "path_isopen" => |a: Path| !a.closed;
        "path_close" => |a: Path| Path { closed: true, points: a.points };
        "path_open" => |a: Path| Path { closed: false, points: a.points };
        "path_length" => |a: Path| length(&a);
        "path_area" => |a: Path| area(&a);
        "path_inter" => |a: Path, b: Path| crosses(&a, &b);
        "path_distance" => |a: Path, b: Path| distance(&a, &b);
        "path_add" => |a: Path, b: Path| {
            if a.closed || b.closed {
                None
            } else {
                Some(Path { closed: false, points: a.points.into_iter().chain(b.points).collect() })
            }
        };
        "path_add_pt" => |a: Path, b: Point| mapped(a, |p| p.plus(b));
        "path_sub_pt" => |a: Path, b: Point| mapped(a, |p| p.minus(b));
        "path_mul_pt" => |a: Path, b: Point| mapped(a, |p| p.times(b));
        "path_div_pt" => |a: Path, b: Point| mapped(a, |p| p.over(b));
        "path_poly" => |a: Path| {
            if !a.closed {
                bail!(INVALID_PARAMETER_VALUE, "open path cannot be converted to polygon");
            }
            Polygon { points: a.points }
        };
        "poly_path" => |a: Polygon| Path { closed: true, points: a.points };
        "poly_npoints" => |a: Polygon| a.points.len() as i32;
        "poly_box" => |a: Polygon| a.bounds();
        "poly_center" => |a: Polygon| polygon_circle(&a)?.center;
        "poly_circle" => |a: Polygon| polygon_circle(&a);
        "poly_same" => |a: Polygon, b: Polygon| same(&a, &b);
        "poly_overlap" => |a: Polygon, b: Polygon| a.overlaps(&b);
        "poly_contain" => |a: Polygon, b: Polygon| a.contains_polygon(&b);
        "poly_contained" => |a: Polygon, b: Polygon| b.contains_polygon(&a);
        "poly_contain_pt" => |a: Polygon, b: Point| a.contains(b);
        "poly_distance" => |a: Polygon, b: Polygon| polygon_distance(&a, &b);
        "poly_left" => |a: Polygon, b: Polygon| a.bounds().high.x < b.bounds().low.x;
        "poly_overleft" => |a: Polygon, b: Polygon| a.bounds().high.x <= b.bounds().high.x;
        "poly_right" => |a: Polygon, b: Polygon| a.bounds().low.x > b.bounds().high.x;
        "poly_overright" => |a: Polygon, b: Polygon| a.bounds().low.x >= b.bounds().low.x;
        "poly_below" => |a: Polygon, b: Polygon| a.bounds().high.y < b.bounds().low.y;
        "poly_overbelow" => |a: Polygon, b: Polygon| a.bounds().high.y <= b.bounds().high.y;
        "poly_above" => |a: Polygon, b: Polygon| a.bounds().low.y > b.bounds().high.y;
        "poly_overabove" => |a: Polygon, b: Polygon| a.bounds().low.y >= b.bounds().low.y;
    );
}
