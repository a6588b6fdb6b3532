//! Lock modes and which of them exclude one another.

/// How a lock is held. The first eight are PostgreSQL's table modes, which serve keys, transactions and advisory
/// locks as well; the last four are for rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LockMode {
    /// SELECT.
    AccessShare = 0,
    /// SELECT FOR UPDATE/SHARE.
    RowShare = 1,
    /// INSERT, UPDATE, DELETE.
    RowExclusive = 2,
    /// VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY.
    ShareUpdateExclusive = 3,
    /// CREATE INDEX; shared advisory locks; waiting for a transaction.
    Share = 4,
    /// CREATE TRIGGER.
    ShareRowExclusive = 5,
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY; exclusive advisory locks; being a transaction; unique keys.
    Exclusive = 6,
    /// DROP TABLE, most of ALTER TABLE.
    AccessExclusive = 7,
    /// Row: FOR KEY SHARE.
    ForKeyShare = 8,
    /// Row: FOR SHARE.
    ForShare = 9,
    /// Row: FOR NO KEY UPDATE, and an UPDATE that changes no key.
    ForNoKeyUpdate = 10,
    /// Row: FOR UPDATE, DELETE, and an UPDATE that changes a key.
    ForUpdate = 11,
}

const ALL: [LockMode; 12] = [
    LockMode::AccessShare,
    LockMode::RowShare,
    LockMode::RowExclusive,
    LockMode::ShareUpdateExclusive,
    LockMode::Share,
    LockMode::ShareRowExclusive,
    LockMode::Exclusive,
    LockMode::AccessExclusive,
    LockMode::ForKeyShare,
    LockMode::ForShare,
    LockMode::ForNoKeyUpdate,
    LockMode::ForUpdate,
];

/// For each mode, the modes that it excludes, as bits.
const CONFLICTS: [u16; 12] = [
    0b1000_0000,
    0b1100_0000,
    0b1111_0000,
    0b1111_1000,
    0b1110_1100,
    0b1111_1100,
    0b1111_1110,
    0b1111_1111,
    0b1000 << 8,
    0b1100 << 8,
    0b1110 << 8,
    0b1111 << 8,
];

impl LockMode {
    /// All modes.
    pub const ALL: [LockMode; 12] = ALL;

    /// The mode as one bit of a set.
    pub(crate) const fn bit(self) -> u16 {
        1 << self as u8
    }

    /// The set of modes that this one excludes.
    pub(crate) const fn conflicts(self) -> u16 {
        CONFLICTS[self as usize]
    }

    /// Whether two transactions cannot hold these modes on one object at once.
    pub const fn conflicts_with(self, other: LockMode) -> bool {
        self.conflicts() & other.bit() != 0
    }

    /// The modes of a set.
    pub(crate) fn in_set(set: u16) -> impl Iterator<Item = LockMode> {
        ALL.into_iter().filter(move |mode| set & mode.bit() != 0)
    }

    /// The name as PostgreSQL shows it in `pg_locks` and in deadlock reports.
    pub const fn name(self) -> &'static str {
        match self {
            LockMode::AccessShare => "AccessShareLock",
            LockMode::RowShare => "RowShareLock",
            LockMode::RowExclusive => "RowExclusiveLock",
            LockMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            LockMode::Share => "ShareLock",
            LockMode::ShareRowExclusive => "ShareRowExclusiveLock",
            LockMode::Exclusive => "ExclusiveLock",
            LockMode::AccessExclusive => "AccessExclusiveLock",
            LockMode::ForKeyShare => "ForKeyShareLock",
            LockMode::ForShare => "ForShareLock",
            LockMode::ForNoKeyUpdate => "ForNoKeyUpdateLock",
            LockMode::ForUpdate => "ForUpdateLock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_symmetric() {
        for a in ALL {
            for b in ALL {
                assert_eq!(a.conflicts_with(b), b.conflicts_with(a), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn table_modes_exclude_what_the_manual_says() {
        let count = |mode: LockMode| mode.conflicts().count_ones();
        let counts: Vec<u32> = ALL.into_iter().map(count).collect();
        assert_eq!(counts, [1, 2, 4, 5, 5, 6, 7, 8, 1, 2, 3, 4]);
        assert!(!LockMode::Share.conflicts_with(LockMode::Share));
        assert!(LockMode::ShareUpdateExclusive.conflicts_with(LockMode::ShareUpdateExclusive));
        assert!(!LockMode::ForKeyShare.conflicts_with(LockMode::ForNoKeyUpdate));
    }
}
