//! Circles.

use super::shapes::{
    Circle, Point, Polygon, Rect, add, div, feq, fge, fgt, fle, flt, fne, fzero, hypot, mul, sub,
};
use crate::Registry;
use pglitedb_sqlstate::{Result, bail};
use std::f64::consts::{PI, SQRT_2};

impl Circle {
    /// Area.
    pub fn area(&self) -> Result<f64> {
        mul(mul(self.radius, self.radius)?, PI)
    }

    /// Is a point inside or on the edge?
    pub fn contains(&self, point: Point) -> Result<bool> {
        Ok(self.center.distance(point)? <= self.radius)
    }
}

fn holds(a: &Circle, b: &Circle) -> Result<bool> {
    Ok(fle(a.center.distance(b.center)?, sub(a.radius, b.radius)?))
}

fn same(a: &Circle, b: &Circle) -> bool {
    (a.radius.is_nan() || feq(a.radius, b.radius)) && a.center.same(b.center)
}

fn polygon(count: i32, circle: &Circle) -> Result<Polygon> {
    if fzero(circle.radius) {
        bail!(FEATURE_NOT_SUPPORTED, "cannot convert circle with radius zero to polygon");
    }
    if count < 2 {
        bail!(INVALID_PARAMETER_VALUE, "must request at least 2 points");
    }
    if count > 16_777_216 {
        bail!(PROGRAM_LIMIT_EXCEEDED, "too many points requested");
    }
    let step = div(2.0 * PI, f64::from(count))?;
    let points = (0..count).map(|at| {
        let angle = mul(step, f64::from(at))?;
        Ok(Point {
            x: sub(circle.center.x, mul(circle.radius, angle.cos())?)?,
            y: add(circle.center.y, mul(circle.radius, angle.sin())?)?,
        })
    });
    Ok(Polygon { points: points.collect::<Result<_>>()? })
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "cr_circle" => |center: Point, radius: f64| Circle { center, radius };
        "circle_same" => |a: Circle, b: Circle| same(&a, &b);
        "circle_overlap" => |a: Circle, b: Circle| fle(a.center.distance(b.center)?, add(a.radius, b.radius)?);
        "circle_contain" => |a: Circle, b: Circle| holds(&a, &b);
        "circle_contained" => |a: Circle, b: Circle| holds(&b, &a);
        "circle_contain_pt" => |a: Circle, b: Point| a.contains(b);
        "circle_left" => |a: Circle, b: Circle| flt(add(a.center.x, a.radius)?, sub(b.center.x, b.radius)?);
        "circle_overleft" => |a: Circle, b: Circle| fle(add(a.center.x, a.radius)?, add(b.center.x, b.radius)?);
        "circle_right" => |a: Circle, b: Circle| fgt(sub(a.center.x, a.radius)?, add(b.center.x, b.radius)?);
        "circle_overright" => |a: Circle, b: Circle| fge(sub(a.center.x, a.radius)?, sub(b.center.x, b.radius)?);
        "circle_below" => |a: Circle, b: Circle| flt(add(a.center.y, a.radius)?, sub(b.center.y, b.radius)?);
        "circle_overbelow" => |a: Circle, b: Circle| fle(add(a.center.y, a.radius)?, add(b.center.y, b.radius)?);
        "circle_above" => |a: Circle, b: Circle| fgt(sub(a.center.y, a.radius)?, add(b.center.y, b.radius)?);
        "circle_overabove" => |a: Circle, b: Circle| fge(sub(a.center.y, a.radius)?, sub(b.center.y, b.radius)?);
        "circle_eq" => |a: Circle, b: Circle| feq(a.area()?, b.area()?);
        "circle_ne" => |a: Circle, b: Circle| fne(a.area()?, b.area()?);
        "circle_lt" => |a: Circle, b: Circle| flt(a.area()?, b.area()?);
        "circle_gt" => |a: Circle, b: Circle| fgt(a.area()?, b.area()?);
        "circle_le" => |a: Circle, b: Circle| fle(a.area()?, b.area()?);
        "circle_ge" => |a: Circle, b: Circle| fge(a.area()?, b.area()?);
        "circle_area" => |a: Circle| a.area();
        "circle_center" => |a: Circle| a.center;
        "circle_radius" => |a: Circle| a.radius;
        "circle_diameter" => |a: Circle| mul(a.radius, 2.0);
        "circle_distance" => |a: Circle, b: Circle| {
            let gap = sub(a.center.distance(b.center)?, add(a.radius, b.radius)?)?;
            if gap < 0.0 { 0.0 } else { gap }
        };
        "circle_add_pt" => |a: Circle, b: Point| Circle { center: a.center.plus(b)?, radius: a.radius };
        "circle_sub_pt" => |a: Circle, b: Point| Circle { center: a.center.minus(b)?, radius: a.radius };
        "circle_mul_pt" => |a: Circle, b: Point| Circle {
            center: a.center.times(b)?,
            radius: mul(a.radius, hypot(b.x, b.y)?)?,
        };
        "circle_div_pt" => |a: Circle, b: Point| Circle {
            center: a.center.over(b)?,
            radius: div(a.radius, hypot(b.x, b.y)?)?,
        };
        "circle_box" => |a: Circle| {
            let delta = div(a.radius, SQRT_2)?;
            Rect {
                high: Point { x: add(a.center.x, delta)?, y: add(a.center.y, delta)? },
                low: Point { x: sub(a.center.x, delta)?, y: sub(a.center.y, delta)? },
            }
        };
        "circle_poly" => |count: i32, a: Circle| polygon(count, &a);
        "sql:1544" => |a: Circle| polygon(12, &a);
    );
}
