//! Lines and line segments.

use super::distance::crosses_box;
use super::shapes::{Line, Point, Rect, Segment, div, feq, fge, fgt, fle, flt, fzero, hypot, mul, sub};
use crate::Registry;
use pglitedb_sqlstate::{Result, bail};

fn perpendicular(a: &Line, b: &Line) -> Result<bool> {
    if fzero(a.a) {
        return Ok(fzero(b.b));
    }
    if fzero(b.a) {
        return Ok(fzero(a.b));
    }
    if fzero(a.b) {
        return Ok(fzero(b.a));
    }
    if fzero(b.b) {
        return Ok(fzero(a.a));
    }
    Ok(feq(div(mul(a.a, b.a)?, mul(a.b, b.b)?)?, -1.0))
}

fn lines_equal(a: &Line, b: &Line) -> Result<bool> {
    if [a.a, a.b, a.c, b.a, b.b, b.c].iter().any(|v| v.is_nan()) {
        let same = |x: f64, y: f64| x == y || (x.is_nan() && y.is_nan());
        return Ok(same(a.a, b.a) && same(a.b, b.b) && same(a.c, b.c));
    }
    let ratio = if !fzero(b.a) {
        div(a.a, b.a)?
    } else if !fzero(b.b) {
        div(a.b, b.b)?
    } else if !fzero(b.c) {
        div(a.c, b.c)?
    } else {
        1.0
    };
    Ok(feq(a.a, mul(ratio, b.a)?) && feq(a.b, mul(ratio, b.b)?) && feq(a.c, mul(ratio, b.c)?))
}

fn line_distance(a: &Line, b: &Line) -> Result<f64> {
    if a.meet(b)?.is_some() {
        return Ok(0.0);
    }
    let usable = |v: f64| !fzero(v) && !v.is_nan();
    let ratio = if usable(a.a) && usable(b.a) {
        div(a.a, b.a)?
    } else if usable(a.b) && usable(b.b) {
        div(a.b, b.b)?
    } else {
        1.0
    };
    div(sub(a.c, mul(ratio, b.c)?)?.abs(), hypot(a.a, a.b)?)
}

fn line_of(a: Point, b: Point) -> Result<Line> {
    if a.same(b) {
        bail!(INVALID_PARAMETER_VALUE, "invalid line specification: must be two distinct points");
    }
    Line::through(a, a.slope(b)?)
}

fn line_crosses_box(line: &Line, rect: &Rect) -> Result<bool> {
    for side in rect.sides() {
        if side.meet_line(line)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "line_construct_pp" => |a: Point, b: Point| line_of(a, b);
        "line_parallel" => |a: Line, b: Line| a.meet(&b)?.is_none();
        "line_intersect" => |a: Line, b: Line| a.meet(&b)?.is_some();
        "line_interpt" => |a: Line, b: Line| a.meet(&b);
        "line_perp" => |a: Line, b: Line| perpendicular(&a, &b);
        "line_vertical" => |a: Line| fzero(a.b);
        "line_horizontal" => |a: Line| fzero(a.a);
        "line_eq" => |a: Line, b: Line| lines_equal(&a, &b);
        "line_distance" => |a: Line, b: Line| line_distance(&a, &b);
        "inter_lb" => |a: Line, b: Rect| line_crosses_box(&a, &b);
        "lseg_construct" => |a: Point, b: Point| Segment { a, b };
        "lseg_intersect" => |a: Segment, b: Segment| a.meet(&b)?.is_some();
        "lseg_interpt" => |a: Segment, b: Segment| a.meet(&b);
        "lseg_parallel" => |a: Segment, b: Segment| feq(a.a.slope(a.b)?, b.a.slope(b.b)?);
        "lseg_perp" => |a: Segment, b: Segment| feq(a.a.slope(a.b)?, b.a.inverse_slope(b.b)?);
        "lseg_vertical" => |a: Segment| feq(a.a.x, a.b.x);
        "lseg_horizontal" => |a: Segment| feq(a.a.y, a.b.y);
        "lseg_eq" => |a: Segment, b: Segment| a.a.same(b.a) && a.b.same(b.b);
        "lseg_ne" => |a: Segment, b: Segment| !(a.a.same(b.a) && a.b.same(b.b));
        "lseg_lt" => |a: Segment, b: Segment| flt(a.length()?, b.length()?);
        "lseg_le" => |a: Segment, b: Segment| fle(a.length()?, b.length()?);
        "lseg_gt" => |a: Segment, b: Segment| fgt(a.length()?, b.length()?);
        "lseg_ge" => |a: Segment, b: Segment| fge(a.length()?, b.length()?);
        "lseg_length" => |a: Segment| a.length();
        "lseg_center" => |a: Segment| a.center();
        "lseg_distance" => |a: Segment, b: Segment| a.distance_segment(&b);
        "inter_sl" => |a: Segment, b: Line| a.meet_line(&b)?.is_some();
        "inter_sb" => |a: Segment, b: Rect| crosses_box(&a, &b);
        "on_sl" => |a: Segment, b: Line| b.contains(a.a)? && b.contains(a.b)?;
        "on_sb" => |a: Segment, b: Rect| b.contains(a.a) && b.contains(a.b);
    );
}
