//! Authentication messages from the client.
