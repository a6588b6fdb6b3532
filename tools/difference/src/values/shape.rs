//! Geometric and network values.

use super::Values;

impl Values {
    /// A shape or an address of that type.
    pub(super) fn shape(&mut self, name: &str) -> Option<String> {
        Some(match name {
            "point" => self.point(),
            "line" => self.edge_or(
                &[
                    "{1,-1,0}",
                    "{0,-1,3}",
                    "{-1,0,2}",
                    "{1,2,3}",
                    "{NaN,1,2}",
                    "[(0,0),(1,1)]",
                    "{1e300,1,1}",
                    "{3,-1,-5}",
                ],
                |values| {
                    let (a, b, c) = (values.coordinate(), values.coordinate(), values.coordinate());
                    if a == "0" && b == "0" { "{1,1,1}".to_owned() } else { format!("{{{a},{b},{c}}}") }
                },
            ),
            "lseg" => self.two_points(
                &["[(0,0),(1,1)]", "[(1,1),(1,1)]", "[(0,0),(0,5)]", "[(-1,2),(3,2)]", "[(0,0),(10,0)]"],
                "[",
                "]",
            ),
            "box" => self.two_points(
                &["(1,1),(0,0)", "(2,2),(2,2)", "(10,10),(-10,-10)", "(3,4),(1,2)", "(0.5,0.5),(0,0)"],
                "",
                "",
            ),
            "path" => {
                let open = self.random.chance(40);
                let points = self.points(5);
                if open { format!("[{points}]") } else { format!("({points})") }
            }
            "polygon" => self.edge_or(
                &[
                    "((0,0),(0,1),(1,1),(1,0))",
                    "((0,0),(10,0),(10,10),(0,10))",
                    "((1,1))",
                    "((0,0),(2,2),(4,0))",
                ],
                |values| format!("({})", values.points(6)),
            ),
            "circle" => self.edge_or(
                &["<(0,0),1>", "<(0,0),0>", "<(1,1),5>", "<(-3,4),2.5>", "<(1,2),NaN>"],
                |values| {
                    let (point, radius) = (values.point(), values.random.below(20));
                    format!("<{point},{radius}>")
                },
            ),
            "inet" => self.inet(),
            "cidr" => self.cidr(),
            "macaddr" => self.edge_or(
                &[
                    "08:00:2b:01:02:03",
                    "ff:ff:ff:ff:ff:ff",
                    "00:00:00:00:00:00",
                    "08002b:010203",
                    "0800.2b01.0203",
                ],
                |values| values.octets(6),
            ),
            "macaddr8" => self.edge_or(
                &[
                    "08:00:2b:01:02:03:04:05",
                    "ff:ff:ff:ff:ff:ff:ff:ff",
                    "08:00:2b:01:02:03",
                    "00:00:00:00:00:00:00:00",
                ],
                |values| values.octets(8),
            ),
            _ => return None,
        })
    }

    fn coordinate(&mut self) -> String {
        self.edge_or(&["0", "1", "-1", "2", "0.5", "10", "-2.5", "3", "1e-7", "4"], |values| {
            let tenths = values.random.between(-200, 200);
            format!("{}", tenths as f64 / 10.0)
        })
    }

    fn point(&mut self) -> String {
        let (x, y) = (self.coordinate(), self.coordinate());
        self.edge_or(
            &["(0,0)", "(1,1)", "(-1,0)", "(0,5)", "(3,4)", "(NaN,NaN)", "(Infinity,1)", "(1e300,-1e300)"],
            |_| format!("({x},{y})"),
        )
    }

    fn two_points(&mut self, edges: &[&str], open: &str, close: &str) -> String {
        self.edge_or(edges, |values| {
            let (first, second) = (values.point(), values.point());
            format!("{open}{first},{second}{close}")
        })
    }

    fn points(&mut self, most: usize) -> String {
        let count = 1 + self.random.below(most);
        let points: Vec<String> = (0..count).map(|_| self.point()).collect();
        points.join(",")
    }

    fn octets(&mut self, count: usize) -> String {
        let octets: Vec<String> = (0..count).map(|_| format!("{:02x}", self.random.below(256))).collect();
        octets.join(":")
    }

    fn inet(&mut self) -> String {
        let edges = [
            "192.168.1.5",
            "192.168.1.0/24",
            "10.0.0.0/8",
            "0.0.0.0/0",
            "255.255.255.255",
            "127.0.0.1/32",
            "::1",
            "::/0",
            "2001:db8::1/64",
            "fe80::1",
            "::ffff:1.2.3.4",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "192.168.1.255/25",
            "2001:4f8:3:ba:2e0:81ff:fe22:d1f1/120",
            "10.1.2.3/16",
        ];
        self.edge_or(&edges, |values| {
            if values.random.chance(65) {
                let parts: Vec<String> = (0..4).map(|_| values.random.below(256).to_string()).collect();
                let bits = values.random.below(33);
                if bits == 32 { parts.join(".") } else { format!("{}/{bits}", parts.join(".")) }
            } else {
                let parts: Vec<String> =
                    (0..8).map(|_| format!("{:x}", values.random.scaled(16).unsigned_abs())).collect();
                format!("{}/{}", parts.join(":"), values.random.below(129))
            }
        })
    }

    fn cidr(&mut self) -> String {
        let edges = [
            "192.168.1.0/24",
            "10/8",
            "0.0.0.0/0",
            "10.1.2.3/32",
            "::/0",
            "2001:db8::/32",
            "::1/128",
            "172.16.0.0/12",
        ];
        self.edge_or(&edges, |values| match values.random.below(4) {
            0 => format!("{}.0.0.0/8", values.random.below(256)),
            1 => format!("{}.{}.0.0/16", values.random.below(256), values.random.below(256)),
            2 => format!(
                "{}.{}.{}.0/24",
                values.random.below(256),
                values.random.below(256),
                values.random.below(256)
            ),
            _ => format!(
                "{:x}:{:x}::/32",
                values.random.scaled(16).unsigned_abs(),
                values.random.scaled(16).unsigned_abs()
            ),
        })
    }
}
