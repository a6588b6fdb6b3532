//! The shapes as Rust values, and the arithmetic they share.

use crate::convert::{Arg, Ret, mismatch};
use crate::number::float::{overflow, underflow};
use crate::number::integer::division_by_zero;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Geometry};
use std::sync::Arc;

/// Values closer than this are equal.
pub const EPSILON: f64 = 1.0e-6;

/// `a = b` of floats in geometry.
pub fn feq(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= EPSILON
}

/// `a <> b`: of NaN neither this nor `feq` holds.
pub fn fne(a: f64, b: f64) -> bool {
    a != b && (a - b).abs() > EPSILON
}

/// Whether `a` sorts before `b`; NaN sorts after everything.
pub fn sorts_before(a: f64, b: f64) -> bool {
    crate::number::float::compare(a, b).is_lt()
}

/// The one that sorts first.
pub fn first_of(a: f64, b: f64) -> f64 {
    if sorts_before(a, b) { a } else { b }
}

/// The one that sorts last.
pub fn last_of(a: f64, b: f64) -> f64 {
    if sorts_before(b, a) { a } else { b }
}

/// `a < b`
pub fn flt(a: f64, b: f64) -> bool {
    a + EPSILON < b
}

/// `a <= b`
pub fn fle(a: f64, b: f64) -> bool {
    a <= b + EPSILON
}

/// `a > b`
pub fn fgt(a: f64, b: f64) -> bool {
    a > b + EPSILON
}

/// `a >= b`
pub fn fge(a: f64, b: f64) -> bool {
    a + EPSILON >= b
}

/// Is it zero?
pub fn fzero(a: f64) -> bool {
    a.abs() <= EPSILON
}

/// Finite operands must have a finite result.
pub fn checked(result: f64, operands: &[f64]) -> Result<f64> {
    if result.is_infinite() && operands.iter().all(|v| !v.is_infinite()) {
        Err(overflow())
    } else {
        Ok(result)
    }
}

/// `a * b`
pub fn mul(a: f64, b: f64) -> Result<f64> {
    let result = checked(a * b, &[a, b])?;
    if result == 0.0 && a != 0.0 && b != 0.0 { Err(underflow()) } else { Ok(result) }
}

/// `a / b`
pub fn div(a: f64, b: f64) -> Result<f64> {
    if b == 0.0 && !a.is_nan() {
        return Err(division_by_zero());
    }
    let result = checked(a / b, &[a])?;
    if result == 0.0 && a != 0.0 && !b.is_infinite() { Err(underflow()) } else { Ok(result) }
}

/// `a + b`
pub fn add(a: f64, b: f64) -> Result<f64> {
    checked(a + b, &[a, b])
}

/// `a - b`
pub fn sub(a: f64, b: f64) -> Result<f64> {
    checked(a - b, &[a, b])
}

/// Length of the hypotenuse, rounded as PostgreSQL's is.
pub fn hypot(x: f64, y: f64) -> Result<f64> {
    if x.is_infinite() || y.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(f64::NAN);
    }
    let (x, y) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
    if y == 0.0 {
        return Ok(x);
    }
    let ratio = y / x;
    let length = x * (1.0 + ratio * ratio).sqrt();
    if length.is_infinite() { Err(overflow()) } else { Ok(length) }
}

/// `point`
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// x
    pub x: f64,
    /// y
    pub y: f64,
}

/// `lseg`
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// One end.
    pub a: Point,
    /// The other.
    pub b: Point,
}

/// `box`
#[derive(Clone, Copy, Debug)]
pub struct Rect {
    /// Upper right corner.
    pub high: Point,
    /// Lower left corner.
    pub low: Point,
}

/// `line`: Ax + By + C = 0
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// A
    pub a: f64,
    /// B
    pub b: f64,
    /// C
    pub c: f64,
}

/// `circle`
#[derive(Clone, Copy, Debug)]
pub struct Circle {
    /// Center.
    pub center: Point,
    /// Radius.
    pub radius: f64,
}

/// `path`
#[derive(Clone, Debug)]
pub struct Path {
    /// Does the last point join the first?
    pub closed: bool,
    /// The points.
    pub points: Vec<Point>,
}

/// `polygon`
#[derive(Clone, Debug)]
pub struct Polygon {
    /// The corners.
    pub points: Vec<Point>,
}

fn geometry(datum: &Datum) -> Result<&Geometry> {
    match datum {
        Datum::Geometry(value) => Ok(value),
        other => Err(mismatch(other, "Geometry")),
    }
}

fn make(closed: bool, coords: Vec<f64>) -> Result<Datum> {
    Ok(Datum::Geometry(Arc::new(Geometry { closed, coords })))
}

macro_rules! fixed {
    ($($ty:ident($($name:ident),*) => $value:expr, |$shape:ident| [$($coord:expr),*];)*) => {$(
        impl<'a> Arg<'a> for $ty {
            fn get(datum: &'a Datum) -> Result<Self> {
                match geometry(datum)?.coords.as_slice() {
                    [$($name),*] => { $(let $name = *$name;)* Ok($value) }
                    _ => Err(mismatch(datum, stringify!($ty))),
                }
            }
        }
        impl Ret for $ty {
            fn ret(self) -> Result<Datum> {
                let $shape = self;
                make(false, vec![$($coord),*])
            }
        }
    )*};
}

fixed! {
    Point(x, y) => Point { x, y }, |p| [p.x, p.y];
    Segment(x1, y1, x2, y2) => Segment { a: Point { x: x1, y: y1 }, b: Point { x: x2, y: y2 } },
        |s| [s.a.x, s.a.y, s.b.x, s.b.y];
    Rect(x1, y1, x2, y2) => Rect { high: Point { x: x1, y: y1 }, low: Point { x: x2, y: y2 } },
        |r| [r.high.x, r.high.y, r.low.x, r.low.y];
    Line(a, b, c) => Line { a, b, c }, |l| [l.a, l.b, l.c];
    Circle(x, y, radius) => Circle { center: Point { x, y }, radius }, |c| [c.center.x, c.center.y, c.radius];
}

fn points(coords: &[f64]) -> Vec<Point> {
    coords.chunks_exact(2).map(|pair| Point { x: pair[0], y: pair[1] }).collect()
}

fn coords(points: &[Point]) -> Vec<f64> {
    points.iter().flat_map(|p| [p.x, p.y]).collect()
}

impl<'a> Arg<'a> for Path {
    fn get(datum: &'a Datum) -> Result<Self> {
        let value = geometry(datum)?;
        Ok(Path { closed: value.closed, points: points(&value.coords) })
    }
}

impl Ret for Path {
    fn ret(self) -> Result<Datum> {
        make(self.closed, coords(&self.points))
    }
}

impl<'a> Arg<'a> for Polygon {
    fn get(datum: &'a Datum) -> Result<Self> {
        Ok(Polygon { points: points(&geometry(datum)?.coords) })
    }
}

impl Ret for Polygon {
    fn ret(self) -> Result<Datum> {
        make(false, coords(&self.points))
    }
}

impl Point {
    /// Are they the same?
    pub fn same(self, other: Point) -> bool {
        if [self.x, self.y, other.x, other.y].iter().any(|v| v.is_nan()) {
            let eq = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
            return eq(self.x, other.x) && eq(self.y, other.y);
        }
        feq(self.x, other.x) && feq(self.y, other.y)
    }

    /// Distance between two points.
    pub fn distance(self, other: Point) -> Result<f64> {
        hypot(sub(self.x, other.x)?, sub(self.y, other.y)?)
    }

    /// `+`
    pub fn plus(self, other: Point) -> Result<Point> {
        Ok(Point { x: add(self.x, other.x)?, y: add(self.y, other.y)? })
    }

    /// `-`
    pub fn minus(self, other: Point) -> Result<Point> {
        Ok(Point { x: sub(self.x, other.x)?, y: sub(self.y, other.y)? })
    }

    /// `*`, as of complex numbers.
    pub fn times(self, other: Point) -> Result<Point> {
        Ok(Point {
            x: sub(mul(self.x, other.x)?, mul(self.y, other.y)?)?,
            y: add(mul(self.x, other.y)?, mul(self.y, other.x)?)?,
        })
    }

    /// `/`, as of complex numbers.
    pub fn over(self, other: Point) -> Result<Point> {
        let square = add(mul(other.x, other.x)?, mul(other.y, other.y)?)?;
        Ok(Point {
            x: div(add(mul(self.x, other.x)?, mul(self.y, other.y)?)?, square)?,
            y: div(sub(mul(self.y, other.x)?, mul(self.x, other.y)?)?, square)?,
        })
    }

    /// Slope of the line through two points; infinite if vertical.
    pub fn slope(self, other: Point) -> Result<f64> {
        if feq(self.x, other.x) {
            return Ok(f64::INFINITY);
        }
        if feq(self.y, other.y) {
            return Ok(0.0);
        }
        div(sub(self.y, other.y)?, sub(self.x, other.x)?)
    }

    /// Slope perpendicular to that.
    pub fn inverse_slope(self, other: Point) -> Result<f64> {
        if feq(self.x, other.x) {
            return Ok(0.0);
        }
        if feq(self.y, other.y) {
            return Ok(f64::INFINITY);
        }
        div(sub(self.x, other.x)?, sub(other.y, self.y)?)
    }
}

impl Line {
    /// Through a point with a slope.
    pub fn through(point: Point, slope: f64) -> Result<Line> {
        if slope.is_infinite() {
            return Ok(Line { a: -1.0, b: 0.0, c: point.x });
        }
        if slope == 0.0 {
            return Ok(Line { a: 0.0, b: -1.0, c: point.y });
        }
        let c = sub(point.y, mul(slope, point.x)?)?;
        Ok(Line { a: slope, b: -1.0, c: if c == 0.0 { 0.0 } else { c } })
    }

    /// Where two lines meet, if they do.
    pub fn meet(&self, other: &Line) -> Result<Option<Point>> {
        let (x, y);
        if !fzero(self.b) {
            if feq(other.a, mul(self.a, div(other.b, self.b)?)?) {
                return Ok(None);
            }
            x = div(
                sub(mul(self.b, other.c)?, mul(other.b, self.c)?)?,
                sub(mul(self.a, other.b)?, mul(other.a, self.b)?)?,
            )?;
            y = div(-add(mul(self.a, x)?, self.c)?, self.b)?;
        } else if !fzero(other.b) {
            if feq(self.a, mul(other.a, div(self.b, other.b)?)?) {
                return Ok(None);
            }
            x = div(
                sub(mul(other.b, self.c)?, mul(self.b, other.c)?)?,
                sub(mul(other.a, self.b)?, mul(self.a, other.b)?)?,
            )?;
            y = div(-add(mul(other.a, x)?, other.c)?, other.b)?;
        } else {
            return Ok(None);
        }
        let positive = |v: f64| if v == 0.0 { 0.0 } else { v };
        Ok(Some(Point { x: positive(x), y: positive(y) }))
    }

    /// Slope of the line; infinite if vertical.
    pub fn slope(&self) -> Result<f64> {
        if fzero(self.a) {
            return Ok(0.0);
        }
        if fzero(self.b) {
            return Ok(f64::INFINITY);
        }
        div(self.a, -self.b)
    }

    /// The nearest point on the line, and how far it is: NaN where roundoff or NaN let it have none.
    pub fn nearest(&self, point: Point) -> Result<(f64, Point)> {
        let slope = if fzero(self.a) {
            f64::INFINITY
        } else if fzero(self.b) {
            0.0
        } else {
            div(self.b, self.a)?
        };
        match Line::through(point, slope)?.meet(self)? {
            Some(foot) => Ok((foot.distance(point)?, foot)),
            None => Ok((f64::NAN, point)),
        }
    }

    /// Is the point on it?
    pub fn contains(&self, point: Point) -> Result<bool> {
        Ok(fzero(add(add(mul(self.a, point.x)?, mul(self.b, point.y)?)?, self.c)?))
    }

    /// Distance of a point.
    pub fn distance(&self, point: Point) -> Result<f64> {
        Ok(self.nearest(point)?.0)
    }
}

impl Segment {
    /// Length.
    pub fn length(&self) -> Result<f64> {
        self.a.distance(self.b)
    }

    /// The line that it lies on.
    pub fn line(&self) -> Result<Line> {
        Line::through(self.a, self.a.slope(self.b)?)
    }

    /// Is the point on it?
    pub fn contains(&self, point: Point) -> Result<bool> {
        Ok(feq(add(point.distance(self.a)?, point.distance(self.b)?)?, self.length()?))
    }

    /// Where a line crosses it.
    pub fn meet_line(&self, line: &Line) -> Result<Option<Point>> {
        let Some(point) = self.line()?.meet(line)? else { return Ok(None) };
        if !self.contains(point)? {
            return Ok(None);
        }
        // An end that is met is given exactly.
        Ok(Some(if self.a.same(point) {
            self.a
        } else if self.b.same(point) {
            self.b
        } else {
            point
        }))
    }

    /// Where two segments cross.
    pub fn meet(&self, other: &Segment) -> Result<Option<Point>> {
        let Some(point) = self.meet_line(&other.line()?)? else { return Ok(None) };
        Ok(other.contains(point)?.then_some(point))
    }

    /// The point on it that is nearest to a line, and how far it is.
    pub fn nearest_to_line(&self, line: &Line) -> Result<(f64, Point)> {
        if let Some(point) = self.meet_line(line)? {
            return Ok((0.0, point));
        }
        let (one, other) = (line.distance(self.a)?, line.distance(self.b)?);
        Ok(if one < other { (one, self.a) } else { (other, self.b) })
    }

    /// The nearest point on it, and how far it is.
    pub fn nearest(&self, point: Point) -> Result<(f64, Point)> {
        let across = Line::through(point, self.a.inverse_slope(self.b)?)?;
        let (_, nearest) = self.nearest_to_line(&across)?;
        Ok((nearest.distance(point)?, nearest))
    }

    /// Distance of a point.
    pub fn distance(&self, point: Point) -> Result<f64> {
        Ok(self.nearest(point)?.0)
    }

    /// The point on it that is nearest to another segment, and how far it is.
    pub fn nearest_to_segment(&self, to: &Segment) -> Result<(f64, Point)> {
        if let Some(point) = self.meet(to)? {
            return Ok((0.0, point));
        }
        let mut best = self.nearest(to.a)?;
        let others = [self.nearest(to.b)?, (to.distance(self.a)?, self.a), (to.distance(self.b)?, self.b)];
        for other in others {
            if sorts_before(other.0, best.0) {
                best = other;
            }
        }
        Ok(best)
    }

    /// Distance between two segments.
    pub fn distance_segment(&self, other: &Segment) -> Result<f64> {
        Ok(self.nearest_to_segment(other)?.0)
    }

    /// The middle.
    pub fn center(&self) -> Result<Point> {
        Ok(Point { x: div(add(self.a.x, self.b.x)?, 2.0)?, y: div(add(self.a.y, self.b.y)?, 2.0)? })
    }
}

impl Rect {
    /// From two opposite corners.
    pub fn new(a: Point, b: Point) -> Rect {
        let sort = |a: f64, b: f64| if crate::number::float::compare(a, b).is_gt() { (a, b) } else { (b, a) };
        let ((high_x, low_x), (high_y, low_y)) = (sort(a.x, b.x), sort(a.y, b.y));
        Rect { high: Point { x: high_x, y: high_y }, low: Point { x: low_x, y: low_y } }
    }

    /// Width.
    pub fn width(&self) -> f64 {
        self.high.x - self.low.x
    }

    /// Height.
    pub fn height(&self) -> f64 {
        self.high.y - self.low.y
    }

    /// Area.
    pub fn area(&self) -> Result<f64> {
        mul(self.width(), self.height())
    }

    /// Center.
    pub fn center(&self) -> Result<Point> {
        Segment { a: self.high, b: self.low }.center()
    }

    /// Is the point inside or on the edge?
    pub fn contains(&self, point: Point) -> bool {
        self.high.x >= point.x && self.low.x <= point.x && self.high.y >= point.y && self.low.y <= point.y
    }

    /// Do they have a point in common?
    pub fn overlaps(&self, other: &Rect) -> bool {
        fle(self.low.x, other.high.x)
            && fle(other.low.x, self.high.x)
            && fle(self.low.y, other.high.y)
            && fle(other.low.y, self.high.y)
    }

    /// The four sides: left, upper, lower, right.
    pub fn sides(&self) -> [Segment; 4] {
        let (upper_left, lower_right) =
            (Point { x: self.low.x, y: self.high.y }, Point { x: self.high.x, y: self.low.y });
        [
            Segment { a: self.low, b: upper_left },
            Segment { a: self.high, b: upper_left },
            Segment { a: self.low, b: lower_right },
            Segment { a: self.high, b: lower_right },
        ]
    }
}

impl Path {
    /// The segments between its points; of a closed one, also the one that closes it.
    pub fn segments(&self) -> Vec<Segment> {
        let mut out: Vec<Segment> = self.points.windows(2).map(|w| Segment { a: w[0], b: w[1] }).collect();
        if let (true, Some(first), Some(last)) = (self.closed, self.points.first(), self.points.last()) {
            out.insert(0, Segment { a: *last, b: *first });
        }
        out
    }
}

impl Polygon {
    /// Its edges.
    pub fn edges(&self) -> Vec<Segment> {
        Path { closed: true, points: self.points.clone() }.segments()
    }

    /// The smallest box around it.
    pub fn bounds(&self) -> Rect {
        let mut points = self.points.iter();
        let Some(first) = points.next() else {
            let zero = Point { x: 0.0, y: 0.0 };
            return Rect { high: zero, low: zero };
        };
        let mut out = Rect { high: *first, low: *first };
        for point in points {
            out.high = Point { x: last_of(point.x, out.high.x), y: last_of(point.y, out.high.y) };
            out.low = Point { x: first_of(point.x, out.low.x), y: first_of(point.y, out.low.y) };
        }
        out
    }
}
