//! Opens many connections to a running server, leaves them idle, and shows what the server's memory is then.
//!
//!     cargo run --release -p pglitedb-server --example idle_connections -- HOST:PORT COUNT [PID]
//!
//! Mind `ulimit -n` on both sides.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, count, rest @ ..] = args.as_slice() else {
        return Err("usage: idle_connections HOST:PORT COUNT [PID]".into());
    };
    let resident = || -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", rest.first()?)).ok()?;
        status.lines().find(|line| line.starts_with("VmRSS")).map(str::to_owned)
    };
    println!("before: {}", resident().unwrap_or_default());
    let mut connections = Vec::new();
    for number in 0..count.parse::<usize>()? {
        let mut stream = TcpStream::connect(address)?;
        let body = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
        stream.write_all(&(body.len() as u32 + 4).to_be_bytes())?;
        stream.write_all(body)?;
        read_until_ready(&mut stream).map_err(|error| format!("connection {number}: {error}"))?;
        connections.push(stream);
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    println!("{} idle connections: {}", connections.len(), resident().unwrap_or_default());
    // One query on each: buffers that were needed once must not stay.
    for stream in &mut connections {
        stream.write_all(b"Q\0\0\0\x0dselect 1\0")?;
        read_until_ready(stream)?;
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    println!("after a query on each: {}", resident().unwrap_or_default());
    Ok(())
}

fn read_until_ready(stream: &mut TcpStream) -> Result<(), Box<dyn std::error::Error>> {
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [tag, length @ ..] = head;
        let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(4)];
        stream.read_exact(&mut body)?;
        match tag {
            b'Z' => return Ok(()),
            b'E' => return Err(String::from_utf8_lossy(&body).into_owned().into()),
            _ => {}
        }
    }
}
