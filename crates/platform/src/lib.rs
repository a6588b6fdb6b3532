//! Files, synchronisation, clock and randomness behind traits, real and simulated.
