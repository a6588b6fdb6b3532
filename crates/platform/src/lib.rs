//! Files, clock and randomness behind traits, real and simulated.
//!
//! Everything that touches the disk goes through [`Fs`] and [`File`], so that tests can let any operation fail and
//! look at what a crash would have left ([`SimFs`]).

mod clock;
#[cfg(target_os = "linux")]
mod direct;
mod file;
mod memory;
mod random;
mod real;
mod sim;

pub use clock::{Clock, SimClock, SystemClock};
pub use file::{File, Fs, FsLock, OpenMode};
pub use memory::memory_limit;
pub use random::{Randomness, SeededRandom, SystemRandom};
pub use real::RealFs;
pub use sim::{CrashMode, Fault, SimFs};
