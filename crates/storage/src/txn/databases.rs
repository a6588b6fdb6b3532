//! Whole databases: all storages with one prefix.

use super::Txn;
use crate::error::Result;
use crate::types::{Direction, KeyRange, StorageId};

impl Txn {
    /// Removes all storages of a database, at commit.
    pub fn drop_database(&self, database: u32) -> Result<()> {
        for storage in self.engine.list_storages(database)? {
            self.drop_storage(storage)?;
        }
        Ok(())
    }

    /// Copies all storages of a database, as committed now, under another database number.
    pub fn copy_database(&self, from: u32, to: u32) -> Result<()> {
        let snapshot = self.latest_snapshot();
        for storage in self.engine.list_storages(from)? {
            let target = StorageId::new(to, storage.relation());
            self.create_storage(target)?;
            let mut cursor = self.scan(storage, KeyRange::all(), Direction::Forward, &snapshot);
            while let Some((key, value)) = cursor.next()? {
                self.put(target, key, value)?;
            }
        }
        Ok(())
    }
}
