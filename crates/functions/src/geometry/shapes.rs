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

/// Length of the hypotenuse, rounded as PostgreSQL's is.
pub fn hypot(x: f64, y: f64) -> f64 {
    if x.is_infinite() || y.is_infinite() {
        return f64::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (x, y) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
    if y == 0.0 {
        return x;
    }
    let ratio = y / x;
    x * (1.0 + ratio * ratio).sqrt()
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
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        checked(hypot(dx, dy), &[self.x, self.y, other.x, other.y])
    }

    /// `+`
    pub fn plus(self, other: Point) -> Result<Point> {
        Ok(Point {
            x: checked(self.x + other.x, &[self.x, other.x])?,
            y: checked(self.y + other.y, &[self.y, other.y])?,
        })
    }

    /// `-`
    pub fn minus(self, other: Point) -> Result<Point> {
        Ok(Point {
            x: checked(self.x - other.x, &[self.x, other.x])?,
            y: checked(self.y - other.y, &[self.y, other.y])?,
        })
    }

    /// `*`, as of complex numbers.
    pub fn times(self, other: Point) -> Result<Point> {
        Ok(Point {
            x: mul(self.x, other.x)? - mul(self.y, other.y)?,
            y: mul(self.x, other.y)? + mul(self.y, other.x)?,
        })
    }

    /// `/`, as of complex numbers.
    pub fn over(self, other: Point) -> Result<Point> {
        let square = mul(other.x, other.x)? + mul(other.y, other.y)?;
        Ok(Point {
            x: div(mul(self.x, other.x)? + mul(self.y, other.y)?, square)?,
            y: div(mul(self.y, other.x)? - mul(self.x, other.y)?, square)?,
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
        div(self.y - other.y, self.x - other.x)
    }

    /// Slope perpendicular to that.
    pub fn inverse_slope(self, other: Point) -> Result<f64> {
        if feq(self.x, other.x) {
            return Ok(0.0);
        }
        if feq(self.y, other.y) {
            return Ok(f64::INFINITY);
        }
        div(self.x - other.x, other.y - self.y)
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
        let c = point.y - mul(slope, point.x)?;
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
                mul(self.b, other.c)? - mul(other.b, self.c)?,
                mul(self.a, other.b)? - mul(other.a, self.b)?,
            )?;
            y = div(-(mul(self.a, x)? + self.c), self.b)?;
        } else if !fzero(other.b) {
            if feq(self.a, mul(other.a, div(self.b, other.b)?)?) {
                return Ok(None);
            }
            x = div(
                mul(other.b, self.c)? - mul(self.b, other.c)?,
                mul(other.a, self.b)? - mul(self.a, other.b)?,
            )?;
            y = div(-(mul(other.a, x)? + other.c), other.b)?;
        } else {
            return Ok(None);
        }
        let positive = |v: f64| if v == 0.0 { 0.0 } else { v };
        Ok(Some(Point { x: positive(x), y: positive(y) }))
    }

    /// The nearest point on the line.
    pub fn nearest(&self, point: Point) -> Result<Point> {
        let slope = if fzero(self.a) {
            f64::INFINITY
        } else if fzero(self.b) {
            0.0
        } else {
            div(self.b, self.a)?
        };
        let across = Line::through(point, slope)?;
        Ok(self.meet(&across)?.unwrap_or(Point { x: f64::NAN, y: f64::NAN }))
    }

    /// Is the point on it?
    pub fn contains(&self, point: Point) -> Result<bool> {
        Ok(fzero(mul(self.a, point.x)? + mul(self.b, point.y)? + self.c))
    }

    /// Distance of a point.
    pub fn distance(&self, point: Point) -> Result<f64> {
        self.nearest(point)?.distance(point)
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
        Ok(feq(point.distance(self.a)? + point.distance(self.b)?, self.length()?))
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

    /// The nearest point on it.
    pub fn nearest(&self, point: Point) -> Result<Point> {
        let across = Line::through(point, self.a.inverse_slope(self.b)?)?;
        if let Some(foot) = self.meet_line(&across)? {
            return Ok(foot);
        }
        Ok(if self.a.distance(point)? < self.b.distance(point)? { self.a } else { self.b })
    }

    /// Distance of a point.
    pub fn distance(&self, point: Point) -> Result<f64> {
        self.nearest(point)?.distance(point)
    }

    /// Distance between two segments.
    pub fn distance_segment(&self, other: &Segment) -> Result<f64> {
        if self.meet(other)?.is_some() {
            return Ok(0.0);
        }
        let candidates = [
            other.distance(self.a)?,
            other.distance(self.b)?,
            self.distance(other.a)?,
            self.distance(other.b)?,
        ];
        Ok(candidates.into_iter().fold(f64::INFINITY, f64::min))
    }

    /// The middle.
    pub fn center(&self) -> Result<Point> {
        Ok(Point { x: div(self.a.x + self.b.x, 2.0)?, y: div(self.a.y + self.b.y, 2.0)? })
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

    /// The four sides.
    pub fn sides(&self) -> [Segment; 4] {
        let (upper_left, lower_right) =
            (Point { x: self.low.x, y: self.high.y }, Point { x: self.high.x, y: self.low.y });
        [
            Segment { a: self.low, b: upper_left },
            Segment { a: upper_left, b: self.high },
            Segment { a: self.high, b: lower_right },
            Segment { a: lower_right, b: self.low },
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
            out.high = Point { x: out.high.x.max(point.x), y: out.high.y.max(point.y) };
            out.low = Point { x: out.low.x.min(point.x), y: out.low.y.min(point.y) };
        }
        out
    }

    /// Is a point inside (or on the edge)?
    pub fn contains(&self, point: Point) -> Result<bool> {
        for edge in self.edges() {
            if edge.contains(point)? {
                return Ok(true);
            }
        }
        // Counts crossings of a ray to the right.
        let crossings = self
            .edges()
            .iter()
            .filter(|edge| {
                let (a, b) = (edge.a, edge.b);
                (a.y > point.y) != (b.y > point.y)
                    && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x
            })
            .count();
        Ok(crossings % 2 == 1)
    }

    /// Is another one inside?
    pub fn contains_polygon(&self, other: &Polygon) -> Result<bool> {
        for point in &other.points {
            if !self.contains(*point)? {
                return Ok(false);
            }
        }
        for edge in other.edges() {
            if !self.contains(edge.center()?)? {
                return Ok(false);
            }
        }
        Ok(!other.points.is_empty())
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
        Ok(inside(self, other)? || inside(other, self)?)
    }

    /// Distance of a point; 0 inside.
    pub fn distance(&self, point: Point) -> Result<f64> {
        if self.contains(point)? {
            return Ok(0.0);
        }
        self.edges().iter().try_fold(f64::INFINITY, |best, edge| Ok(best.min(edge.distance(point)?)))
    }
}
