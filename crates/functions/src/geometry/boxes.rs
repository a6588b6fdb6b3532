//! Boxes.

use super::shapes::{Circle, Point, Polygon, Rect, Segment, feq, fge, fgt, first_of, fle, flt, last_of};
use crate::Registry;
use pglitedb_sqlstate::Result;

/// Does `a` hold `b`?
fn holds(a: &Rect, b: &Rect) -> bool {
    fge(a.high.x, b.high.x) && fle(a.low.x, b.low.x) && fge(a.high.y, b.high.y) && fle(a.low.y, b.low.y)
}

fn mapped(a: &Rect, map: impl Fn(Point) -> Result<Point>) -> Result<Rect> {
    Ok(Rect::new(map(a.high)?, map(a.low)?))
}

fn intersection(a: &Rect, b: &Rect) -> Option<Rect> {
    a.overlaps(b).then(|| Rect {
        high: Point { x: first_of(a.high.x, b.high.x), y: first_of(a.high.y, b.high.y) },
        low: Point { x: last_of(a.low.x, b.low.x), y: last_of(a.low.y, b.low.y) },
    })
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "points_box" => |a: Point, b: Point| Rect::new(a, b);
        "box_same" => |a: Rect, b: Rect| a.high.same(b.high) && a.low.same(b.low);
        "box_overlap" => |a: Rect, b: Rect| a.overlaps(&b);
        "box_left" => |a: Rect, b: Rect| flt(a.high.x, b.low.x);
        "box_overleft" => |a: Rect, b: Rect| fle(a.high.x, b.high.x);
        "box_right" => |a: Rect, b: Rect| fgt(a.low.x, b.high.x);
        "box_overright" => |a: Rect, b: Rect| fge(a.low.x, b.low.x);
        "box_below" => |a: Rect, b: Rect| flt(a.high.y, b.low.y);
        "box_overbelow" => |a: Rect, b: Rect| fle(a.high.y, b.high.y);
        "box_above" => |a: Rect, b: Rect| fgt(a.low.y, b.high.y);
        "box_overabove" => |a: Rect, b: Rect| fge(a.low.y, b.low.y);
        "box_below_eq" => |a: Rect, b: Rect| fle(a.high.y, b.low.y);
        "box_above_eq" => |a: Rect, b: Rect| fge(a.low.y, b.high.y);
        "box_contain" => |a: Rect, b: Rect| holds(&a, &b);
        "box_contained" => |a: Rect, b: Rect| holds(&b, &a);
        "box_contain_pt" => |a: Rect, b: Point| a.contains(b);
        "box_lt" => |a: Rect, b: Rect| flt(a.area()?, b.area()?);
        "box_le" => |a: Rect, b: Rect| fle(a.area()?, b.area()?);
        "box_eq" => |a: Rect, b: Rect| feq(a.area()?, b.area()?);
        "box_ge" => |a: Rect, b: Rect| fge(a.area()?, b.area()?);
        "box_gt" => |a: Rect, b: Rect| fgt(a.area()?, b.area()?);
        "box_area" => |a: Rect| a.area();
        "box_width" => |a: Rect| a.width();
        "box_height" => |a: Rect| a.height();
        "box_distance" => |a: Rect, b: Rect| a.center()?.distance(b.center()?);
        "box_center" => |a: Rect| a.center();
        "box_diagonal" => |a: Rect| Segment { a: a.high, b: a.low };
        "box_intersect" => |a: Rect, b: Rect| intersection(&a, &b);
        "boxes_bound_box" => |a: Rect, b: Rect| Rect {
            high: Point { x: last_of(a.high.x, b.high.x), y: last_of(a.high.y, b.high.y) },
            low: Point { x: first_of(a.low.x, b.low.x), y: first_of(a.low.y, b.low.y) },
        };
        "box_add" => |a: Rect, b: Point| mapped(&a, |p| p.plus(b));
        "box_sub" => |a: Rect, b: Point| mapped(&a, |p| p.minus(b));
        "box_mul" => |a: Rect, b: Point| mapped(&a, |p| p.times(b));
        "box_div" => |a: Rect, b: Point| mapped(&a, |p| p.over(b));
        "box_circle" => |a: Rect| Circle { center: a.center()?, radius: a.center()?.distance(a.high)? };
        "box_poly" => |a: Rect| Polygon { points: vec![
            a.low,
            Point { x: a.low.x, y: a.high.y },
            a.high,
            Point { x: a.high.x, y: a.low.y },
        ] };
    );
}
