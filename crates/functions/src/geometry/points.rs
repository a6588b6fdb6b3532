//! Points.

use super::inside::{encloses, on_open_path};
use super::shapes::{Circle, Line, Path, Point, Polygon, Rect, Segment, feq, fgt, flt};
use crate::Registry;

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "construct_point" => |x: f64, y: f64| Point { x, y };
        "point_left" => |a: Point, b: Point| flt(a.x, b.x);
        "point_right" => |a: Point, b: Point| fgt(a.x, b.x);
        "point_above" => |a: Point, b: Point| fgt(a.y, b.y);
        "point_below" => |a: Point, b: Point| flt(a.y, b.y);
        "point_vert" => |a: Point, b: Point| feq(a.x, b.x);
        "point_horiz" => |a: Point, b: Point| feq(a.y, b.y);
        "point_eq" => |a: Point, b: Point| a.same(b);
        "point_ne" => |a: Point, b: Point| !a.same(b);
        "point_distance" => |a: Point, b: Point| a.distance(b);
        "point_slope" => |a: Point, b: Point| a.slope(b);
        "point_add" => |a: Point, b: Point| a.plus(b);
        "point_sub" => |a: Point, b: Point| a.minus(b);
        "point_mul" => |a: Point, b: Point| a.times(b);
        "point_div" => |a: Point, b: Point| a.over(b);
        "point_box" => |a: Point| Rect { high: a, low: a };
        "on_pb" => |a: Point, b: Rect| b.contains(a);
        "on_pl" => |a: Point, b: Line| b.contains(a);
        "on_ps" => |a: Point, b: Segment| b.contains(a);
        "on_ppath" => |a: Point, b: Path| on_path(a, &b);
        "sql:1426" => |b: Path, a: Point| on_path(a, &b);
        "pt_contained_circle" => |a: Point, b: Circle| b.contains(a);
        "pt_contained_poly" => |a: Point, b: Polygon| b.contains(a);
    );
}

/// On an open path: on one of its segments. Of a closed one: inside.
fn on_path(point: Point, path: &Path) -> pglitedb_sqlstate::Result<bool> {
    if path.closed { encloses(&path.points, point) } else { on_open_path(&path.points, point) }
}
